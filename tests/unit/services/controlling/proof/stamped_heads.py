"""Exports with time stamps on heads: an honest one, and what is done to it."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from services.controlling.proof.fault import FaultKind as F
from tests.unit.services.controlling.proof import gapped
from tests.unit.services.controlling.proof.gapped import gap, reordered
from tests.unit.services.controlling.proof.records import Lines
from tests.unit.services.controlling.proof.tampered import (
    Change,
    Tampered,
    changed,
    head,
    stamp_of,
)
from tests.unit.services.controlling.proof.test_chained_record import honest as with_heads

AUDIT = "ab" * 32
STAMPED = {
    "2026-05-05": datetime(2026, 5, 5, 10, tzinfo=UTC),
    "2026-05-20": datetime(2026, 5, 24, 10, tzinfo=UTC),
    "2026-06-09": datetime(2026, 6, 10, 23, 59, 59, tzinfo=UTC),
}
"""When each head was stamped: the second one days too late."""
ON_AUDIT = datetime(2026, 6, 11, 9, tzinfo=UTC)
_ON = {"audit_stamp": {"head": f"1204:{AUDIT}", "time_stamp": stamp_of(AUDIT, ON_AUDIT)}}


def stamped(make: Callable[[], Lines]) -> Lines:
    """Stamp the heads of a record, each when it was, and the audit log."""
    header, *rest = make()
    heads = [
        one | {"time_stamp": stamp_of(one["head"], STAMPED[one["day"]])} for one in heads_of(header)
    ]
    form = {"format": "gleichfall-draw-5", "heads": heads, "gaps": header.get("gaps", [])}
    return [header | form | _ON, *rest]


def heads_of(header: dict[str, object]) -> list[dict[str, str]]:
    found = header["heads"]
    assert isinstance(found, list)
    return found


WHOLE, GAPPED = stamped(with_heads), stamped(gapped.honest)


def whole() -> Lines:
    """Nothing is gone."""
    return copy.deepcopy(WHOLE)


def with_gaps() -> Lines:
    """Decisions are gone that were registered."""
    return copy.deepcopy(GAPPED)


def on(number: int, **changed: object) -> Change:
    """Change what is said of a head."""
    return lambda lines: heads_of(lines[0])[number].update(changed)  # type: ignore[arg-type]


def on_audit(**changed: object) -> Change:
    """Change what is said of the audit log's stamp."""

    def change(lines: Lines) -> None:
        said = lines[0]["audit_stamp"]
        assert isinstance(said, dict)
        said.update(changed)

    return change


def exchange_stamps(lines: Lines) -> None:
    first, second, _ = heads_of(lines[0])
    first["time_stamp"], second["time_stamp"] = second["time_stamp"], first["time_stamp"]


def unstamp(lines: Lines) -> None:
    for one in heads_of(lines[0]):
        one.update(time_stamp=None)  # type: ignore[call-overload]


def forget_one(lines: Lines) -> None:
    del heads_of(lines[0])[0]["time_stamp"]


def go_back(lines: Lines) -> None:
    """Call it a format without stamps, and leave them where they are."""
    lines[0]["format"] = "gleichfall-draw-3"


def forget_audit(lines: Lines) -> None:
    del lines[0]["audit_stamp"]


def forget_gaps(lines: Lines) -> None:
    del lines[0]["gaps"]


CHANGES: dict[str, tuple[Change, set[F]]] = {
    "stamped heads, and nothing changed": (lambda _: None, set()),
    "stamps of heads taken away": (unstamp, set()),
    "a stamp of a head taken away": (on(1, time_stamp=None), set()),
    "the audit log's stamp taken away": (head(audit_stamp=None), set()),
    "the audit log's stamp of another number": (on_audit(head=f"1203:{AUDIT}"), set()),
    "a head's stamp of something else": (on(0, time_stamp=stamp_of("0" * 64)), {F.HEAD_STAMP}),
    "a head's stamp that is none": (on(2, time_stamp="AAAA"), {F.HEAD_STAMP}),
    "stamps of two heads exchanged": (exchange_stamps, {F.HEAD_STAMP}),
    "another head beside a stamp": (on(1, head="0" * 64), {F.HEAD, F.HEAD_STAMP}),
    "another day beside a stamp": (on(1, day="2026-05-19"), set()),
    "the audit log's stamp of something else": (
        on_audit(time_stamp=stamp_of("0" * 64)), {F.AUDIT_STAMP}),
    "another end of the audit log": (on_audit(head=f"1204:{'cd' * 32}"), {F.AUDIT_STAMP}),
    "a head without a word on its stamp": (forget_one, {F.FORMAT}),
    "a head's stamp that isn't Base64": (on(0, time_stamp="%%%%"), {F.FORMAT}),
    "a head's stamp with loose ends": (on(0, time_stamp="AB=="), {F.FORMAT}),
    "a head's stamp of nothing": (on(0, time_stamp=""), {F.FORMAT}),
    "a head's stamp as a number": (on(0, time_stamp=1), {F.FORMAT}),
    "a head's stamp with its time": (on(0, stamped_at="2026-05-05T10:00:00Z"), {F.FORMAT}),
    "no word on the audit log's stamp": (forget_audit, {F.FORMAT}),
    "the audit log's stamp alone": (head(audit_stamp=stamp_of(AUDIT)), {F.FORMAT}),
    "the audit log's stamp of nothing": (on_audit(time_stamp=""), {F.FORMAT}),
    "the audit log's stamp that is null": (on_audit(time_stamp=None), {F.FORMAT}),
    "an end of the audit log without a number": (on_audit(head=AUDIT), {F.FORMAT}),
    "the audit log's stamp with more": (on_audit(by="x"), {F.FORMAT}),
    "stamps in a format without": (go_back, {F.FORMAT}),
    "no word on what is gone": (forget_gaps, {F.FORMAT}),
}  # fmt: skip
WITH_GAPS: dict[str, tuple[Change, set[F]]] = {
    "stamps and gaps, and nothing changed": (lambda _: None, set()),
    "stamps, and gaps denied": (head(gaps=[]), {F.HEAD, F.ENTRIES, F.CLOSED}),
    "stamps, and a gap left out": (reordered(0, 2), {F.HEAD, F.ENTRIES, F.CLOSED}),
    "stamps, and gaps in another order": (reordered(1, 0, 2), {F.FORMAT}),
    "stamps, and a gap behind the end": (gap(2, entry=gapped.BEHIND), {F.FORMAT}),
}


def stamped_heads() -> Iterator[Tampered]:
    """Give all of them."""
    for name, (change, kinds) in CHANGES.items():
        yield Tampered(name, changed(whole, change), frozenset(kinds))
    for name, (change, kinds) in WITH_GAPS.items():
        yield Tampered(name, changed(with_gaps, change), frozenset(kinds))
