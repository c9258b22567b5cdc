"""Cases that were alike and ended in opposite ways within a short time."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.controlling.figures.cases import known, outcome
from services.controlling.statistics.tables import Row


class Twin(NamedTuple):
    """Two like cases.

    Attributes:
        with_outcome: The case in which it happened.
        without: The other one.
        days: Between the two.
    """

    with_outcome: str
    without: str
    days: int


class Likeness(NamedTuple):
    """What makes two cases twins.

    Attributes:
        alike: Columns in which they are the same.
        outcome: Column in which they are opposite: yes and no.
        on: Column of the day.
        within: Longest time between the two.
    """

    alike: tuple[str, ...]
    outcome: str
    on: str
    within: timedelta


def twins(rows: Sequence[Row], likeness: Likeness) -> list[Twin]:
    """Find twins, each case in one pair at most: the nearest in time that is still free.

    A case of which a column says nothing has no twin: nobody knows whether it is alike.
    """
    kinds: dict[tuple[str, ...], tuple[list[_Dated], list[_Dated]]] = {}
    for row in known(rows, *likeness.alike, likeness.outcome, likeness.on):
        sides = kinds.setdefault(tuple(row.cells[name] for name in likeness.alike), ([], []))
        sides[outcome(row, likeness.outcome)].append((_day(row, likeness.on), row.text("case")))
    return [
        twin
        for without, with_outcome in kinds.values()
        for twin in _pairs(sorted(with_outcome), sorted(without), likeness.within.days)
    ]


_Dated = tuple[date, str]


def _pairs(ones: list[_Dated], others: list[_Dated], within: int) -> list[Twin]:
    """Pair the side in order of time; what is taken is no longer free."""
    found = []
    for day, case in ones:
        place = bisect_left(others, (day, ""))
        near = [at for at in (place - 1, place) if 0 <= at < len(others)]
        nearest = min(near, key=lambda at: abs(others[at][0] - day), default=None)
        if nearest is None:
            continue
        days = abs((others[nearest][0] - day).days)
        if days <= within:
            found.append(Twin(case, others.pop(nearest)[1], days))
    return found


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row.cells[column])
    except ValueError:
        raise row.wrong(column, "must be a day like 2026-05-31") from None
