"""Two verifiers confirm an exported draw that is whole, and name what was tampered with."""

import copy
import random
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from services.controlling.periods.commitment import Promised, commitment_to_seed
from services.controlling.policy.policy import Policy
from services.controlling.proof.commands import draw
from services.controlling.proof.verification import verify
from shared.configuration.places import ROOT
from shared.security.signatures import public_key_of
from tests.unit.services.controlling.proof.records import (
    KEY,
    POLICY,
    at,
    is_authentic,
    record,
    sample,
    sealed,
)
from tests.unit.services.controlling.proof.tampered import (
    SEED,
    STRATA,
    decision,
    earlier,
    honest,
    stamp_of,
    undrawn,
)

VERIFIER = ROOT / "docs" / "guide" / "auditors" / "verify.py"


def write(tmp_path: Path, written: list[bytes]) -> Path:
    file = tmp_path / "draw.jsonl"
    file.write_bytes(b"".join(written))
    return file


def same_verdict(ours: Result, theirs: subprocess.CompletedProcess[str]) -> None:
    """Hold that both refuse, apart from what they tell, in the same words or not at all."""
    assert theirs.stderr.startswith("the draw can't be confirmed. " if ours.exit_code else "")
    assert theirs.stderr.strip() in str(ours.exception)
    assert ours.exit_code or not theirs.stderr


def both_say(file: Path, key: str | None = None) -> tuple[int, str]:
    """Let the command and the auditors' page of Python verify; they must say the same."""
    named = ["--public-key", key] if key else []
    ours = CliRunner().invoke(draw, ["verify", str(file), *named])
    theirs = second_verifier(str(file), *named[1:])
    same_verdict(ours, theirs)
    assert (ours.exit_code, ours.stdout) == (theirs.returncode, theirs.stdout)
    return ours.exit_code, ours.stdout


def test_both_verifiers_tell_where_the_audit_log_was_and_confirm_records_from_before(
    tmp_path: Path,
) -> None:
    header, *rest = honest()
    head = f"5120:{'0b' * 32}"
    code, said = both_say(write(tmp_path, sealed([header | {"audit": head}, *rest])))
    assert (code, f"\naudit log at {head}\n" in said) == (0, True)
    older = {name: value for name, value in header.items() if name != "audit"}
    code, said = both_say(write(tmp_path, sealed([older, *rest])))
    assert (code, "audit log" in said) == (0, False)


def test_both_verifiers_read_exports_of_the_format_before(tmp_path: Path) -> None:
    lines = earlier()
    code, said = both_say(write(tmp_path, sealed(lines)))
    assert code == 0
    assert said.startswith("period 2026-05: 180 decisions, ")
    lines[at(lines, undrawn)]["drawn"] = "random"
    code, said = both_say(write(tmp_path, sealed(lines)))
    assert (code, "the draw gives nothing, the file says random" in said) == (1, True)


LATE = "late/adverse/unit-a"


@pytest.mark.parametrize("rate", ["1", "0.5", "0"])
def test_what_came_too_late_is_drawn_at_the_rate_of_the_policy_in_strata_of_its_own(
    tmp_path: Path, rate: str
) -> None:
    kept = POLICY.model_copy(update={"late_rate": Decimal(rate)})
    frame = {decision(n): STRATA[0] for n in range(20)} | {decision(n): LATE for n in range(20, 50)}
    lines = record(SEED, frame, policy=kept)
    code, said = both_say(write(tmp_path, sealed(lines)))
    assert (code, said.splitlines()[0].endswith(", 30 late")) == (0, True), said
    came = next(line for line in lines[1:] if line["stratum"] == LATE)
    for wrong in ({"drawn": None if came["drawn"] else "random"}, {"stratum": STRATA[0]}):
        altered = [line | wrong if line is came else line for line in lines]
        assert both_say(write(tmp_path, sealed(altered)))[0] == 1


def test_a_policy_from_before_late_rates_draws_all_that_came_too_late(tmp_path: Path) -> None:
    frame = {decision(n): LATE for n in range(10)}
    header, *entries = record(SEED, frame)
    policy = from_json(str(header["policy"]))
    older = to_json({name: one for name, one in policy.items() if name != "late_rate"}).decode()
    days = date(2026, 5, 1), date(2026, 5, 31)
    promised = Promised(SEED, older, str(header["catalogue"]), *days).commitment
    lines = [header | {"policy": older, "commitment": promised}, *entries]
    assert both_say(write(tmp_path, sealed(lines)))[0] == 0


def times(said: str) -> list[str]:
    """What stands between the key and the verdict."""
    return said.splitlines()[2:-1]


ALONE = "the commitment is to the seed alone: it says nothing of the policy\n"
MADE_ALONE = "the draw proves less: its seed was made by the authority's machine alone"
LESS = "the draw proves less: nobody outside says that its seed was fixed before the first decision"


def test_both_verifiers_compare_times_and_say_what_proves_less(tmp_path: Path) -> None:
    header, *rest = honest()
    _, said = both_say(write(tmp_path, sealed([header, *rest])))
    assert times(said) == [
        "opened 2026-04-02 08:00:00 UTC, closed 2026-06-08 00:00:00 UTC",
        "opened before the first day: yes",
        "stamped before the first day: no",
        LESS,
    ]
    late = {"opened_at": "2026-05-04T08:00:00Z", "closed_early": True}
    code, said = both_say(write(tmp_path, sealed([header | late, *rest])))
    assert (code, times(said)[:3]) == (0, [
        "opened 2026-05-04 08:00:00 UTC, closed 2026-06-08 00:00:00 UTC",
        "closed early, before its days of grace were over",
        "opened before the first day: no",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        (datetime(2026, 4, 30, 9, 59, 59, tzinfo=UTC), "yes"),
        (datetime(2026, 4, 30, 10, tzinfo=UTC), "no"),  # on Kiritimati it is the first of May
        (datetime(2026, 11, 2, 9, tzinfo=UTC), "no"),
    ],
)
def test_both_read_the_time_of_the_stamp_itself(tmp_path: Path, at: datetime, answer: str) -> None:
    header, *rest = honest()
    stamp = {
        "time_stamp": stamp_of(str(header["commitment"]), at),
        "stamped_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    code, said = both_read(write(tmp_path, sealed([header | stamp, *rest])))
    assert (code, f"stamped before the first day: {answer}\n" in said) == (0, True)
    assert (LESS in said) == (answer == "no")
    older = {"stamped_at": "2026-04-01T09:00:00Z"}
    code, said = both_read(write(tmp_path, sealed([header | stamp | older, *rest])))
    told = f"the time stamp says {at:%Y-%m-%d %H:%M:%S} UTC, the file says 2026-04-01 09:00:00 UTC"
    assert (code, told in said) == (1, True)


def both_read(file: Path) -> tuple[int, str]:
    """The same; only the command says who stamped."""
    ours = CliRunner().invoke(draw, ["verify", str(file)])
    theirs = second_verifier(str(file))
    told = re.sub("^time stamp .*, unchecked: .*\n", "", ours.stdout, flags=re.MULTILINE)
    assert (ours.exit_code, told) == (theirs.returncode, theirs.stdout)
    same_verdict(ours, theirs)
    return theirs.returncode, theirs.stdout


def test_both_refuse_another_key_than_the_one_that_was_named(tmp_path: Path) -> None:
    file = write(tmp_path, sealed(honest()))
    code, said = both_say(file, public_key_of(KEY).hex().upper())
    assert (code, "another key" in said) == (0, False)
    other = public_key_of(bytes(32)).hex()
    code, said = both_say(file, other)
    assert (code, said.splitlines()[-1]) == (1, f"signed with another key than {other}")
    assert CliRunner().invoke(draw, ["verify", str(file), "--public-key", "79b5"]).exit_code == 2


def test_policy_and_catalogue_of_the_draw_are_in_the_file_whole() -> None:
    header = honest()[0]
    assert from_json(str(header["policy"])).keys() == Policy.model_fields.keys()
    listed = {one["code"]: one["group"] for one in from_json(str(header["catalogue"]))["types"]}
    assert listed["AufenthG-18b"] == "work"


def test_a_commitment_of_before_is_to_the_seed_alone_and_both_say_so(tmp_path: Path) -> None:
    header, *rest = honest()
    earlier = {"commitment": commitment_to_seed(SEED), "commitment_form": 1}
    code, said = both_say(write(tmp_path, sealed([header | earlier, *rest])))
    assert (code, ALONE in said) == (0, True)
    code, said = both_say(write(tmp_path, sealed([header | {"commitment_form": 1}, *rest])))
    assert (code, "the commitment is to another seed than" in said) == (1, True)
    assert ALONE not in both_say(write(tmp_path, sealed(honest())))[1]


def test_an_honest_record_is_confirmed_by_both_verifiers(tmp_path: Path) -> None:
    lines = honest()
    assert {line["drawn"] for line in lines[1:]} == {"random", "top_up", None}
    code, said = both_say(write(tmp_path, sealed(lines)))
    assert code == 0
    assert said.startswith("period 2026-05: 180 decisions, ")
    assert said.endswith(" 3 late\n" + said.split("\n", 1)[1])
    assert said.endswith("the draw is what seed and policy give\n")


def test_a_differing_decision_is_named() -> None:
    lines = honest()
    number = at(lines, undrawn)
    lines[number]["drawn"] = "random"
    report = verify(sealed(lines), is_authentic)
    assert any(one.where == lines[number]["decision"] for one in report.differences)


@pytest.mark.parametrize("content", [None, b"", b"\xd0\xff\x00\n", b'{"a": 1}\n{"b": 2}\n', b"{"])
def test_the_second_verifier_says_of_what_is_no_export_that_it_is_none(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "draw.jsonl"
    if content is not None:
        file.write_bytes(content)
    said = second_verifier(str(file))
    assert (said.returncode, said.stdout) == (1, "")
    if content is None:
        assert said.stderr == f"cannot use {file}: No such file or directory\n"
    else:
        assert said.stderr.startswith("line 1 is no header of an exported draw; ")


def test_the_second_verifier_says_how_it_is_called() -> None:
    said = second_verifier()
    assert said.returncode == 1
    assert "python3 verify.py FILE" in said.stderr


def second_verifier(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", VERIFIER, *words], capture_output=True, text=True, check=False
    )


def test_the_second_verifier_is_one_file_that_can_be_read() -> None:
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) <= 285


frames = st.dictionaries(
    st.integers(0, 10_000).map(decision), st.sampled_from(STRATA), min_size=1, max_size=60
)


@given(st.binary(min_size=32, max_size=32), frames)
@settings(max_examples=60, deadline=None)
def test_whatever_was_drawn_honestly_is_confirmed(seed: bytes, frame: dict[str, str]) -> None:
    report = verify(sealed(record(seed, frame)), is_authentic)
    assert report.differences == ()
    assert (report.decisions, report.drawn) == (len(frame), len(sample(seed, frame)))


@given(st.binary(min_size=32, max_size=32), frames, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_single_change_is_caught_even_if_signed_again(
    seed: bytes, frame: dict[str, str], chance: random.Random
) -> None:
    honest_lines = record(seed, frame)
    lines = copy.deepcopy(honest_lines)
    number = chance.randrange(1, len(lines))
    line = lines[number]
    match chance.randrange(5):
        case 0:
            del lines[number]
        case 1:
            lines.insert(number, line)
        case 2:
            line["drawn"] = chance.choice(
                [one for one in ("random", "top_up", None) if one != line["drawn"]]
            )
        case 3:
            line["stratum"] = chance.choice([one for one in STRATA if one != line["stratum"]])
        case _:
            line["decision"] = decision(chance.randrange(20_000, 30_000))
    assert verify(sealed(lines), is_authentic).differences
