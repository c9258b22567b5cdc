"""What can be said of the goal follows from the interval, never from the rate alone."""

from decimal import Decimal

import pytest

from services.controlling.figures.period import HIDDEN, Row
from services.controlling.figures.rate import Estimate, Rate
from services.controlling.results.standing import Standing, standing
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.intervals import Interval

GOAL = Decimal("0.05")


def row(lower: float, rate: float, upper: float) -> Row:
    return of(Estimate(rate, Interval(lower, upper), "exact"))


def of(estimate: Estimate | None) -> Row:
    return Row(Rate(Counts(2, 40), {}, 400, 40, estimate), None, None, None)


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
