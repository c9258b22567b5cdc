"""Both verifiers in Python find the same in every tampered file, and never stumble over one."""

import io
import runpy
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.controlling.proof.errors import DrawDiffers
from services.controlling.proof.export import verify_file
from services.controlling.proof.fault import FaultKind
from services.controlling.proof.verification import RecordUnreadable
from shared.configuration.places import ROOT
from tests.unit.services.controlling.proof.corpus import CORPUS
from tests.unit.services.controlling.proof.gapped import GONE
from tests.unit.services.controlling.proof.gapped import honest as with_gaps
from tests.unit.services.controlling.proof.records import sealed
from tests.unit.services.controlling.proof.stamped_heads import whole as with_stamps
from tests.unit.services.controlling.proof.tampered import (
    Tampered,
    stamped,
    with_byte,
    witnessed,
)
from tests.unit.services.controlling.proof.test_chained_record import honest as with_heads

VERIFIER = runpy.run_path(str(ROOT / "docs" / "guide" / "auditors" / "verify.py"))
CONFIRMED = "the draw is what seed and policy give"


def ours(file: Path) -> tuple[set[FaultKind], list[str]]:
    """What the service finds: kinds, and a line for each."""
    try:
        found = verify_file(file).differences
    except RecordUnreadable as error:
        return {error.fault.kind}, [str(error)]
    return {one.kind for one in found}, list(map(str, found)) or [CONFIRMED]


def theirs(file: Path) -> list[str]:
    """What the page of Python says at its end."""
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            code = VERIFIER["main"](str(file))
    except SystemExit as left:
        assert said.getvalue() == ""
        return [str(left.code)]
    lines = said.getvalue().splitlines()
    assert bool(code) == (lines[-1] != CONFIRMED)
    return [*lines, code] if code else lines


def both(content: bytes, tmp_path: Path) -> tuple[set[FaultKind], list[str]]:
    file = tmp_path / "draw.jsonl"
    file.write_bytes(content)
    kinds, lines = ours(file)
    said = theirs(file)
    if kinds and lines != said:
        assert str(DrawDiffers(len(lines))).startswith(f"{said.pop()}. ")
    assert said[-len(lines) :] == lines
    return kinds, said


@pytest.mark.parametrize("file", CORPUS, ids=lambda one: one.name)
def test_both_find_what_was_done_in_the_same_words(file: Tampered, tmp_path: Path) -> None:
    assert both(file.content, tmp_path)[0] == file.kinds


def test_every_kind_of_fault_has_its_file() -> None:
    found = frozenset().union(*(file.kinds for file in CORPUS))
    assert found == set(FaultKind) - {FaultKind.KEY, FaultKind.KEPT}
    assert len(CORPUS) > 400
    assert len({file.name for file in CORPUS}) == len(CORPUS)


def test_both_name_what_is_gone_and_say_that_the_draw_proves_less(tmp_path: Path) -> None:
    file = tmp_path / "draw.jsonl"
    file.write_bytes(b"".join(sealed(with_gaps())))
    told = [*map(str, GONE), "the draw proves less: decisions are gone that were registered"]
    assert list(verify_file(file).times[-4:]) == told
    assert theirs(file)[-5:] == [*told, CONFIRMED]
    assert told[0].endswith(
        f"{GONE[0].decision} was registered and is gone; noted 2026-05-05 09:00:00 UTC"
    )


def test_both_tell_how_many_heads_were_stamped_in_time_and_what_was_there_by_when(
    tmp_path: Path,
) -> None:
    file = tmp_path / "draw.jsonl"
    file.write_bytes(b"".join(sealed(with_stamps())))
    told = [
        "heads stamped by the day after theirs: 2 of 3",
        "stamped 2026-06-10 23:59:59 UTC: the register until entry 183",
        "stamped 2026-06-11 09:00:00 UTC: the audit log until entry 1204",
    ]
    assert list(verify_file(file).times[-3:]) == told
    assert theirs(file)[-4:] == [*told, CONFIRMED]


HONEST = [
    b"".join(sealed(lines))
    for lines in (stamped(), with_heads(), with_gaps(), with_stamps(), witnessed())
]


@given(honest=st.sampled_from(HONEST), place=st.floats(0, 1), byte=st.integers(0, 255))
@settings(max_examples=120, deadline=None)
def test_whatever_byte_is_changed_both_say_the_same(
    honest: bytes, place: float, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    changed = with_byte(honest, place, byte)
    kinds, _ = both(changed, tmp_path_factory.mktemp("draw"))
    assert bool(kinds) == (changed != honest)
