"""How much lower one rate is than another: what is published, and how often it says too much."""

from math import comb

import pytest

from services.controlling.statistics.change import difference
from services.controlling.statistics.intervals import Interval, clopper_pearson, wilson


@pytest.mark.parametrize(
    ("second", "first", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_of_wilsons_intervals_it_is_newcombes_method_10_as_published(
    second: tuple[int, int], first: tuple[int, int], lower: float, upper: float
) -> None:
    rates = [errors / sample for errors, sample in (first, second)]
    limits = [wilson(*counts) for counts in (first, second)]
    found = difference(rates[0], limits[0], rates[1], limits[1])
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("sizes", [(10, 10), (20, 60), (40, 40)])
def test_where_nothing_changed_it_says_so_at_most_once_in_twenty(
    rate: float, sizes: tuple[int, int]
) -> None:
    """Every outcome there can be, with the chance that it has."""
    chances = [[comb(n, x) * rate**x * (1 - rate) ** (n - x) for x in range(n + 1)] for n in sizes]
    limits = [[clopper_pearson(x, n) for x in range(n + 1)] for n in sizes]
    wrong = 0.0
    for x, (chance, before) in enumerate(zip(chances[0], limits[0], strict=True)):
        for y, (other, after) in enumerate(zip(chances[1], limits[1], strict=True)):
            found = difference(x / sizes[0], before, y / sizes[1], after)
            if not found.lower <= 0 <= found.upper:
                wrong += chance * other
    assert wrong <= 0.05


def test_what_is_known_to_the_point_differs_to_the_point() -> None:
    found = difference(0.5, Interval(0.5, 0.5), 0.25, Interval(0.25, 0.25))
    assert found == Interval(-0.25, -0.25)
