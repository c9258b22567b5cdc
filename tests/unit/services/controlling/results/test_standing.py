"""What can be said of the goal follows from the interval, never from the rate alone."""

from decimal import Decimal

import pytest

from services.controlling.figures.period import HIDDEN, Row
from services.controlling.figures.told import ToldEstimate, ToldRate
from services.controlling.results.standing import Absence, Standing, absence, standing
from services.controlling.statistics.intervals import Interval

GOAL = Decimal("0.05")


def row(lower: float, rate: float, upper: float) -> Row:
    step = Interval(rate, rate + 0.01)
    return of(ToldEstimate(step, Interval(lower, upper), "exact", 0.01))


def of(estimate: ToldEstimate | None) -> Row:
    return Row(ToldRate(40, 40, 400, 10.0, estimate, None, None), None, None, None)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (row(0.01, 0.02, 0.04), Standing.BETTER),
        (row(0.01, 0.02, 0.05), Standing.BETTER),
        (row(0.01, 0.02, 0.051), Standing.OPEN),
        (row(0.04, 0.2, 0.4), Standing.OPEN),
        (row(0.05, 0.2, 0.4), Standing.OPEN),
        (row(0.051, 0.2, 0.4), Standing.WORSE),
        (of(None), Standing.NO_RATE),
        (HIDDEN, Standing.TOO_FEW),
        (None, Standing.NOTHING),
    ],
)
def test_better_and_worse_are_said_only_when_they_are_shown(
    found: Row | None, said: Standing
) -> None:
    assert standing(found, GOAL) is said


@pytest.mark.parametrize(
    ("found", "decided", "said"),
    [
        (row(0.01, 0.02, 0.04), True, None),
        (of(None), True, Absence.NO_RATE),
        (HIDDEN, True, Absence.HIDDEN),
        (None, True, Absence.UNREVIEWED),
        (None, False, Absence.UNDECIDED),
    ],
)
def test_a_period_without_a_rate_has_one_reason_wherever_it_is_named(
    found: Row | None, decided: bool, said: Absence | None
) -> None:
    assert absence(found, decided=decided) is said
