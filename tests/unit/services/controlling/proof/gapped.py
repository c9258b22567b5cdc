"""Registers from which decisions are gone, as was noted: an honest file, and what is done to it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from services.controlling.chain.gap import Gap
from services.controlling.chain.linking import Registered, beginning, hashes_after
from services.controlling.proof.fault import FaultKind as F
from tests.unit.services.controlling.proof.records import Lines, register
from tests.unit.services.controlling.proof.tampered import (
    REGISTERED,
    SEED,
    STRATA,
    Change,
    Tampered,
    changed,
    decision,
    head,
    undrawn,
)

GONE = [
    Gap(3, decision(40_003), "2026-05-05T09:00:00.000001Z"),
    Gap(4, decision(40_004), "2026-05-05T09:00:00.000001Z"),
    Gap(len(REGISTERED) + 3, decision(40_005), "2026-05-22T09:00:00.000000Z"),
]
HEADS = {"2026-05-05": 4, "2026-05-20": 60}


def entries(lines: Lines) -> list[Registered]:
    """Give all that is chained: decisions, and gaps in their places."""
    found = [Registered(*(str(line[name]) for name in Registered._fields)) for line in lines[1:]]
    for one in gaps(lines):
        found.insert(one.entry - 1, one.registered)
    return found


def gaps(lines: Lines) -> Sequence[Gap]:
    told = lines[0]["gaps"]
    assert isinstance(told, list)
    return [Gap(**one) for one in told]


def rechained(lines: Lines) -> Lines:
    """Chain a register, and publish its heads, as whoever has the database can."""
    hashes = [one.hex() for one in hashes_after(beginning("2026-05"), entries(lines))]
    chain = {"entries": len(hashes), "closed": len(hashes), "head": hashes[-1]}
    heads = [
        {"day": day, "entries": entry, "head": hashes[entry - 1]} for day, entry in HEADS.items()
    ]
    return [lines[0] | {"chain": chain, "heads": heads}, *lines[1:]]


def honest() -> Lines:
    """Two are gone before the first head, one at the end."""
    header, *rest = register(SEED, REGISTERED)
    for number, line in enumerate(rest):
        line["registered"] = f"2026-05-{5 if number < 58 else 21:02}T08:00:00.{number:06}Z"
    form = {"format": "gleichfall-draw-4", "gaps": [asdict(one) for one in GONE]}
    return rechained([header | form, *rest])


def gap(number: int, **changed: object) -> Change:
    """Change what is said of one."""

    def change(lines: Lines) -> None:
        told = lines[0]["gaps"]
        assert isinstance(told, list)
        told[number] |= changed

    return change


def reordered(*order: int) -> Change:
    """Leave some, in this order."""

    def change(lines: Lines) -> None:
        told = lines[0]["gaps"]
        assert isinstance(told, list)
        lines[0]["gaps"] = [told[number] for number in order]

    return change


def deny(lines: Lines) -> None:
    """Say that nothing is gone."""
    del lines[0]["gaps"]
    lines[0]["format"] = "gleichfall-draw-3"


def hide(lines: Lines) -> None:
    """Drop a decision that was chained, and call it gone."""
    number = next(
        n for n in range(10, 50) if undrawn(lines[n]) and lines[n]["stratum"] == STRATA[0]
    )
    told = lines[0]["gaps"]
    assert isinstance(told, list)
    left = lines.pop(number)
    gone = Gap(number + 2, str(left["decision"]), "2026-05-06T09:00:00.000000Z")
    told.insert(2, asdict(gone))


def note_before_a_head(lines: Lines) -> None:
    gap(2, noted="2026-05-18T23:59:59.999999Z")(lines)
    lines[:] = rechained(lines)


def forget_the_chain(lines: Lines) -> None:
    lines[0] |= {"chain": None, "heads": []}


def rename(lines: Lines) -> None:
    lines[0]["format"] = "gleichfall-draw-3"


def empty(lines: Lines) -> None:
    del lines[0]["gaps"]


BEHIND = len(REGISTERED) + 4
CHANGES: dict[str, tuple[Change, set[F]]] = {
    "gaps, and nothing changed": (lambda _: None, set()),
    "gaps denied": (deny, {F.HEAD, F.ENTRIES, F.CLOSED}),
    "a gap left out": (reordered(0, 2), {F.HEAD, F.ENTRIES, F.CLOSED}),
    "the last gap left out": (reordered(0, 1), {F.ENTRIES, F.CLOSED}),
    "a decision hidden in a gap": (hide, {F.HEAD, F.SIZE, F.CLOSED}),
    "another decision in a gap": (gap(0, decision=decision(40_009)), {F.HEAD}),
    "a gap noted at another time": (gap(0, noted="2026-05-05T09:00:00.000002Z"), {F.HEAD}),
    "the last gap noted at another time": (gap(2, noted="2026-05-23T09:00:00.000000Z"), {F.CHAIN}),
    "a gap at another place": (gap(0, entry=2), {F.HEAD}),
    "a gap noted before a head": (note_before_a_head, {F.BACKDATED}),
    "a gap behind the end": (gap(2, entry=BEHIND), {F.FORMAT}),
    "a gap before the first entry": (gap(0, entry=0), {F.FORMAT}),
    "a gap without a place": (gap(0, entry=None), {F.FORMAT}),
    "a place as a text": (gap(0, entry="3"), {F.FORMAT}),
    "two gaps at one place": (gap(1, entry=3), {F.FORMAT}),
    "gaps in another order": (reordered(1, 0, 2), {F.FORMAT}),
    "an empty list of gaps": (head(gaps=[]), {F.FORMAT}),
    "gaps that are nothing": (head(gaps=None), {F.FORMAT}),
    "a gap of no decision": (gap(0, decision="case-1"), {F.FORMAT}),
    "a gap noted to the second": (gap(0, noted="2026-05-05T09:00:00Z"), {F.FORMAT}),
    "a gap with a reason": (gap(0, reason="disk"), {F.FORMAT}),
    "gaps in a format without": (rename, {F.FORMAT}),
    "no gaps in a format with them": (empty, {F.FORMAT}),
    "gaps without a chain": (forget_the_chain, {F.FORMAT}),
}


def gapped() -> Iterator[Tampered]:
    """Give all of them."""
    for name, (change, kinds) in CHANGES.items():
        yield Tampered(name, changed(honest, change), frozenset(kinds))
