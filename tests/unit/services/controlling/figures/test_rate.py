"""What is known about one cell of a breakdown."""

import pytest

from services.controlling.figures.rate import Rate
from services.controlling.statistics.charts import Counts


@pytest.mark.parametrize(
    ("population", "reviewed", "weight"),
    [
        (120, 8, 15.0),
        (None, 8, None),
        (120, 0, None),  # released beside others, and nobody reviewed any of it
        (0, 0, None),
    ],
)
def test_a_reviewed_decision_stands_for_its_share_of_the_others(
    population: int | None, reviewed: int, weight: float | None
) -> None:
    cell = Rate(Counts(0, 0), population, reviewed, None)
    assert cell.design_weight == weight
