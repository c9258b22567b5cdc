"""Single sampling plans by attributes: MIL-STD-105E (1989), and so ISO 2859-1 of 1989.

A plan says how many decisions of a lot to review, up to how many errors to accept the lot, and
from how many on to reject it. It steers how closely is looked at; it isn't an estimate.
"""

from bisect import bisect_right
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from services.controlling.statistics.errors import PlanUnknown

_FILE = Path(__file__).with_name("single_plans.yaml")


class Inspection(StrEnum):
    """How closely is looked at."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"


class Level(StrEnum):
    """How much is reviewed for the size of the lot; II unless there is a reason."""

    I = "I"  # noqa: E741 - the standard's name
    II = "II"
    III = "III"


class Plan(NamedTuple):
    """What to review of a lot.

    Attributes:
        letter: The standard's code letter of lot size and level.
        n: Decisions to review, as the standard tables it; a lot that has no more is reviewed whole.
        accept: The lot is accepted with at most so many errors.
        reject: It is rejected from so many on. Between the two, under reduced inspection, it is
            accepted and normal inspection comes back.
    """

    letter: str
    n: int
    accept: int
    reject: int


def single_plan(
    lot: int, quality: Decimal, level: Level = Level.II, state: Inspection = Inspection.NORMAL
) -> Plan:
    """Look a plan up.

    Args:
        lot: Decisions there are.
        quality: Acceptable quality level: errors per hundred decisions that are still accepted
            nearly always.
        level: Inspection level.
        state: Closeness of inspection, as switching gave it.

    Raises:
        PlanUnknown: the lot has fewer than 2 decisions or the quality level isn't tabled.
    """
    tables = _tables()
    starts, letters = tables.letters[level]
    if lot < starts[0]:
        raise PlanUnknown(f"the lot has {lot} decisions, plans begin at {starts[0]}")
    letter = letters[bisect_right(starts, lot) - 1]
    plan = tables.plans.get((state, letter, quality))
    if plan is None:
        known = ", ".join(sorted({str(one[2]) for one in tables.plans}, key=Decimal))
        raise PlanUnknown(f"quality level {quality} is not tabled; there are {known}")
    return plan


class _Tables(NamedTuple):
    letters: dict[Level, tuple[list[int], list[str]]]
    plans: dict[tuple[Inspection, str, Decimal], Plan]


@cache
def _tables() -> _Tables:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    qualities = [Decimal(quality) for quality in read["quality_levels"]]
    return _Tables(
        {Level(name): (list(row), list(row.values())) for name, row in read["letters"].items()},
        {
            (Inspection(state), letter, quality): Plan(letter, *map(int, cell.split("/")))
            for state, rows in read["plans"].items()
            for letter, row in rows.items()
            for quality, cell in zip(qualities, row.split(), strict=True)
        },
    )
