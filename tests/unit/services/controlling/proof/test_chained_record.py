"""Two verifiers follow the register of an export, and say of what was done to it the same."""

import copy
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from services.controlling.chain.head import DailyHead
from services.controlling.chain.linking import Registered, beginning, hashes_after
from services.controlling.proof.export import verify_file
from services.controlling.proof.fault import FaultKind as F
from services.controlling.proof.verification import RecordUnreadable, verify
from tests.unit.services.controlling.proof.records import (
    Lines,
    at,
    chained,
    is_authentic,
    register,
    sealed,
)
from tests.unit.services.controlling.proof.tampered import (
    REGISTERED,
    SEED,
    STRATA,
    decision,
    undrawn,
)
from tests.unit.services.controlling.proof.test_verification import second_verifier

DAYS = {"2026-05-05": 60, "2026-05-20": 150, "2026-06-09": 183}
PERIOD = "2026-05"


def honest() -> Lines:
    """A register with its published heads, of which two were published before the last came."""
    header, *rest = register(SEED, REGISTERED)
    heads = [
        {"day": day, "entries": entries, "head": hashes(rest)[entries - 1].hex()}
        for day, entries in DAYS.items()
    ]
    for number, line in enumerate(rest):
        line["registered"] = f"2026-05-{4 if number < 150 else 21:02}T08:00:00.{number:06}Z"
    lines = chained([header, *rest])
    for head in heads:
        head["head"] = hashes(lines[1:])[int(str(head["entries"])) - 1].hex()
    return [lines[0] | {"heads": heads}, *lines[1:]]


def hashes(lines: Lines) -> list[bytes]:
    return hashes_after(
        beginning(PERIOD),
        (Registered(*(str(line[name]) for name in Registered._fields)) for line in lines),
    )


HONEST = honest()


def head(day: str) -> str:
    entries = DAYS[day]
    return f"{day}:{entries}:{hashes(HONEST[1:])[entries - 1].hex()}"


def last_undrawn(lines: Lines) -> int:
    return max(n for n, line in enumerate(lines) if n and undrawn(line))


def exchange(lines: Lines) -> None:
    """One decision for another, with the ticket that the seed gives it."""
    number = at(lines, undrawn)
    other = register(SEED, {decision(9_000): str(lines[number]["stratum"])})[1]
    lines[number] |= {"decision": other["decision"], "ticket": other["ticket"]}


def move(lines: Lines) -> None:
    number = at(lines, lambda line: undrawn(line) and line["stratum"] == STRATA[0])
    lines[number]["stratum"] = STRATA[1]


def swap(lines: Lines) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def drop(lines: Lines) -> None:
    del lines[last_undrawn(lines)]


def double(lines: Lines) -> None:
    lines.append(dict(lines[at(lines, undrawn)]))


def double_in_another_stratum(lines: Lines) -> None:
    number = at(lines, lambda line: undrawn(line) and line["stratum"] == STRATA[0])
    lines.append(lines[number] | {"stratum": STRATA[1]})


def double_as_late(lines: Lines) -> None:
    again = lines[at(lines, undrawn)]
    lines.append(again | {"late": True, "probability": "0", "drawn": None})


def put_in(lines: Lines) -> None:
    other = register(SEED, {decision(9_000): STRATA[0]})[1]
    lines.insert(5, other | {"registered": "2026-05-04T08:00:00.000004Z", "drawn": None})


def backdate(lines: Lines) -> None:
    """Put one in at the end that says it was registered before heads that it stands behind."""
    other = register(SEED, {decision(9_000): STRATA[0]})[1]
    lines.append(other | {"registered": "2026-05-04T08:00:00.000004Z", "drawn": None})


def decide_later(lines: Lines) -> None:
    lines[at(lines, undrawn)]["decided"] = "2026-05-04T08:00:00.000001Z"


def retype(lines: Lines) -> None:
    lines[last_undrawn(lines)]["type"] = "AufenthG-9"


def say_another_end(lines: Lines) -> None:
    lines[0]["chain"] = dict(lines[0]["chain"]) | {"head": "0" * 64}  # type: ignore[call-overload]


def say_another_close(lines: Lines) -> None:
    lines[0]["chain"] = dict(lines[0]["chain"]) | {"closed": 100}  # type: ignore[call-overload]


def say_more_entries(lines: Lines) -> None:
    lines[0]["chain"] = dict(lines[0]["chain"]) | {"entries": 190}  # type: ignore[call-overload]


def cut_heads(lines: Lines) -> None:
    """Leave the heads out that would tell, which only who kept one finds."""
    exchange(lines)
    lines[0]["heads"] = []
    lines[:] = chained(lines)


def rewrite(lines: Lines) -> None:
    exchange(lines)
    lines[:] = chained(lines)


def forget_the_chain(lines: Lines) -> None:
    """Say that the register is from before there were chains."""
    lines[0] |= {"chain": None, "heads": []}
    lines[1:] = sorted(
        lines[1:], key=lambda one: (one["late"], one["stratum"], one["ticket"], one["decision"])
    )


TAMPERINGS: dict[Callable[[Lines], None], set[F]] = {
    exchange: {F.HEAD},
    move: {F.HEAD, F.SIZE},
    swap: {F.HEAD},
    drop: {F.ENTRIES, F.SIZE},
    double: {F.TWICE, F.ENTRIES, F.SIZE, F.BACKDATED},
    double_in_another_stratum: {F.TWICE, F.ENTRIES, F.SIZE, F.BACKDATED},
    double_as_late: {F.TWICE, F.LATE, F.PROBABILITY, F.ENTRIES, F.SIZE, F.BACKDATED},
    put_in: {F.HEAD, F.ENTRIES, F.SIZE, F.BACKDATED},
    backdate: {F.ENTRIES, F.SIZE, F.BACKDATED},
    decide_later: {F.HEAD},
    retype: {F.HEAD},
    say_another_end: {F.CHAIN},
    say_another_close: {F.CLOSED},
    say_more_entries: {F.ENTRIES},
    rewrite: {F.HEAD},
    cut_heads: set(),
    forget_the_chain: set(),
}


def write(tmp_path: Path, lines: Lines) -> Path:
    file = tmp_path / "draw.jsonl"
    file.write_bytes(b"".join(sealed(lines)))
    return file


def both(file: Path, *kept: str) -> set[F]:
    """Let both verify; gives what they find, which must be the same."""
    found = verify_file(file, kept=[DailyHead.parse(one) for one in kept]).differences
    said = second_verifier(str(file), *(word for one in kept for word in ("--head", one)))
    lines = [str(one) for one in found] or ["the draw is what seed and policy give"]
    verdict = f"the draw can't be confirmed. Differences: {len(found)}\n"
    assert said.stderr == (verdict if found else "")
    assert said.stdout.splitlines()[-len(lines) :] == lines
    assert said.returncode == bool(found)
    return {one.kind for one in found}


def test_both_confirm_a_register_and_every_head_that_was_kept_of_it(tmp_path: Path) -> None:
    file = write(tmp_path, HONEST)
    heads = [head(day) for day in DAYS]
    assert both(file) == both(file, *heads) == set()
    withheld = ":-:".join(heads[1].split(":150:"))
    assert both(file, withheld) == set()
    assert both(file, heads[0].replace(":60:", ":61:")) == {F.KEPT}


@pytest.mark.parametrize(
    ("tamper", "kinds"), TAMPERINGS.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_whoever_tampers_and_signs_again_is_found_by_both(
    tamper: Callable[[Lines], None], kinds: set[F], tmp_path: Path
) -> None:
    lines = copy.deepcopy(HONEST)
    tamper(lines)
    assert both(write(tmp_path, lines)) == kinds


@pytest.mark.parametrize("tamper", [rewrite, cut_heads, forget_the_chain])
def test_whoever_writes_a_register_anew_is_found_by_a_head_that_was_kept(
    tamper: Callable[[Lines], None], tmp_path: Path
) -> None:
    lines = copy.deepcopy(HONEST)
    tamper(lines)
    assert F.KEPT in both(write(tmp_path, lines), head("2026-05-05"))


@pytest.mark.parametrize(
    "header",
    [
        {"chain": {"entries": 10, "closed": 5, "head": "0" * 64}},
        {"chain": None},
        {"heads": from_json(to_json(HONEST[0]["heads"]))[::-1]},
        {"heads": from_json(to_json(HONEST[0]["heads"]))[:1] * 2},
        {"heads": None},
        {"chain": {"entries": 183, "closed": 180, "head": "0" * 64, "more": 1}},
    ],
)
def test_heads_that_no_chain_can_have_are_refused_by_both(
    header: dict[str, object], tmp_path: Path
) -> None:
    file = write(tmp_path, [HONEST[0] | header, *HONEST[1:]])
    with pytest.raises(RecordUnreadable, match="line 1 is no header") as refused:
        verify_file(file)
    said = second_verifier(str(file))
    assert (said.returncode, said.stderr.strip()) == (1, str(refused.value))


@pytest.mark.parametrize(
    "words", [["--head"], ["--head", "1204"], ["--head", head("2026-05-05")[:-1]]]
)
def test_the_second_verifier_says_of_what_is_no_head_how_it_is_called(
    words: list[str], tmp_path: Path
) -> None:
    said = second_verifier(str(write(tmp_path, HONEST)), *words)
    assert said.returncode == 1
    assert "python3 verify.py FILE" in said.stderr


frames = st.dictionaries(
    st.integers(0, 10_000).map(decision), st.sampled_from(STRATA), min_size=1, max_size=60
)


@given(st.binary(min_size=32, max_size=32), frames)
@settings(max_examples=40, deadline=None)
def test_whatever_was_registered_honestly_is_confirmed(seed: bytes, frame: dict[str, str]) -> None:
    report = verify(sealed(register(seed, frame)), is_authentic)
    assert report.differences == ()
    assert report.decisions == len(frame)


@given(st.binary(min_size=32, max_size=32), frames, st.sampled_from(Registered._fields), st.data())
@settings(max_examples=40, deadline=None)
def test_any_change_of_what_is_chained_is_found(
    seed: bytes, frame: dict[str, str], part: str, data: st.DataObject
) -> None:
    lines = register(seed, frame)
    number = data.draw(st.integers(1, len(lines) - 1))
    others = {
        "decision": decision(20_000),
        "type": "AufenthG-9",
        "stratum": "work/adverse/unit-z",
        "decided": "2026-05-04T08:00:00.000001Z",
        "registered": "2026-05-05T08:00:00.000001Z",
        "ticket": "0.5",
    }
    lines[number][part] = others[part]
    assert verify(sealed(lines), is_authentic).differences


@given(st.binary(min_size=32, max_size=32), frames, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_registration_says_nothing_of_the_draw(
    seed: bytes, frame: dict[str, str], chance: random.Random
) -> None:
    header, *rest = register(seed, frame)
    chance.shuffle(rest)
    assert verify(sealed(chained([header, *rest])), is_authentic).differences == ()
