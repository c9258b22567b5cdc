"""The table of the big storms, as docs/operations/guarantees.md shows it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.chaos.faults import Kind
from tests.chaos.outcome import Outcome, middle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "guarantees.md"
BEGIN, END = "<!-- storms: begin -->", "<!-- storms: end -->"
COLUMNS = (
    "Seed", "Commit", "Events", "Kills", "Lost", "Doubled", "Disordered", "Dead letters",
    "Recovery, median and longest", "Records and mails repeated", "Passed",
)  # fmt: skip


def bound(kills: int, confidence: float = 0.95) -> float:
    """Upper limit of the failure rate per kill after `kills` without one.

    Exact: the largest p with (1 - p) ** kills >= 1 - confidence (Clopper and Pearson 1934; the
    rule of three is its first approximation).
    """
    return 1.0 - float((1.0 - confidence) ** (1.0 / kills))


def render(outcomes: Sequence[Outcome]) -> str:
    """Write the table, a line per seed, and what follows from it."""
    lines = [_row(COLUMNS), _row("---" for _ in COLUMNS), *(_row(_cells(one)) for one in outcomes)]
    return "\n\n".join(("\n".join(lines), _together(outcomes), _verdict(outcomes)))


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _together(outcomes: Sequence[Outcome]) -> str:
    kills = _sum(one.kills for one in outcomes)
    disturbances = _sum(one.disturbances for one in outcomes)
    faults = kills + disturbances
    kinds = ", ".join(f"{kind.value} {faults[kind]:,}" for kind in Kind if faults[kind])
    recovery = [seconds for one in outcomes for seconds in one.recovery]
    return (
        f"Together {sum(one.events for one in outcomes):,} events and {kills.total():,} kills, "
        f"beside {disturbances.total():,} disturbances ({kinds}). "
        f"Recovery: median {middle(recovery):.1f} s, longest {max(recovery):.1f} s."
    )


def _verdict(outcomes: Sequence[Outcome]) -> str:
    failed = [str(one.seed) for one in outcomes if not one.passed]
    if failed:
        return f"Seeds that failed: {', '.join(failed)}."
    kills = sum(one.kills.total() for one in outcomes)
    return (
        f"No failure in {kills:,} kills: with 95 % confidence less than {bound(kills):.2%} of "
        "kills lose, double or disorder anything."
    )


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counters, Counter())


def _cells(one: Outcome) -> tuple[object, ...]:
    return (
        one.seed,
        f"`{one.version}`",
        f"{one.events:,}",
        one.kills.total(),
        one.lost.total(),
        one.doubled.total(),
        one.disordered.total(),
        f"{one.dead_letters_found} of {one.dead_letters_expected}",
        f"{middle(one.recovery):.1f} s, {max(one.recovery):.1f} s",
        f"{one.records_repeated:,}, {one.mails_repeated}",
        "yes" if one.passed else "**no**",
    )


def write(outcomes: Sequence[Outcome], page: Path = PAGE) -> None:
    """Put the table between the page's marks."""
    text = page.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    table = f"{BEGIN}\n{render(outcomes)}\n{END}"
    page.write_text(marked.sub(lambda _: table, text), encoding="utf-8")
