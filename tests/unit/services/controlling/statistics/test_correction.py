"""What the plain rate would be without mistakes of reviewers, or put right in time."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.statistics.charts import Counts
from services.controlling.statistics.correction import (
    CorrectedRate,
    appeal_adjusted,
    corrected_for_reviewers,
    plain_error,
)
from services.controlling.statistics.errors import CountsContradict, NothingReviewed
from tests.unit.services.controlling.calculator.vectors import stats

COUNTS = st.integers(1, 60).flatmap(lambda n: st.builds(Counts, st.integers(0, n), st.just(n)))


def corrected(reviewed: Counts, *, flagged: Counts, passed: Counts) -> CorrectedRate:
    return corrected_for_reviewers(
        reviewed.errors / reviewed.sample, plain_error(reviewed), flagged=flagged, passed=passed
    )


def test_reviewers_without_errors_change_nothing() -> None:
    found = corrected(Counts(5, 100), flagged=Counts(5, 5), passed=Counts(0, 30))
    assert found.rate == pytest.approx(0.05)


def test_missed_errors_raise_the_rate_and_false_alarms_lower_it() -> None:
    raised = corrected(Counts(5, 100), flagged=Counts(5, 5), passed=Counts(2, 30))
    lowered = corrected(Counts(5, 100), flagged=Counts(3, 5), passed=Counts(0, 30))
    assert lowered.rate < 0.05 < raised.rate


@given(COUNTS, COUNTS, COUNTS)
def test_a_corrected_rate_stays_a_rate_inside_its_limits(
    reviewed: Counts, flagged: Counts, passed: Counts
) -> None:
    found = corrected(reviewed, flagged=flagged, passed=passed)
    assert 0 <= found.interval.lower <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.interval.upper <= 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(3)
    covered = 0
    for _ in range(400):
        truth = [chance.random() < 0.2 for _ in range(600)]
        first = [chance.random() < (0.8 if wrong else 0.05) for wrong in truth]
        again = [chance.random() < 0.4 for _ in truth]
        seen = list(zip(truth, first, again, strict=True))
        flagged = [wrong for wrong, verdict, twice in seen if twice and verdict]
        passed = [wrong for wrong, verdict, twice in seen if twice and not verdict]
        found = corrected(
            Counts(sum(first), 600),
            flagged=Counts(sum(flagged), len(flagged)),
            passed=Counts(sum(passed), len(passed)),
        )
        covered += found.interval.lower <= 0.2 <= found.interval.upper
    assert 0.91 < covered / 400 < 0.985


def test_what_was_put_right_in_time_leaves_the_errors_but_not_the_sample() -> None:
    assert appeal_adjusted(Counts(6, 100), 2) == Counts(4, 100)
    with pytest.raises(CountsContradict, match="7 of 6 errors were put right"):
        appeal_adjusted(Counts(6, 100), 7)


def test_without_double_reviews_there_is_no_correction() -> None:
    with pytest.raises(NothingReviewed):
        corrected(Counts(5, 100), flagged=Counts(0, 0), passed=Counts(0, 30))


def test_the_plain_rate_stands_beside_the_others() -> None:
    words = ("corrected-rate", "--errors", 6, "--sample", 100, "--put-right", 2)
    assert stats(*words) == {"rate": 0.06, "appeal_adjusted": 0.04, "corrected": None}
    found = stats(*words, "--flagged", 5, 6, "--passed", 1, 30)
    assert found["rate"] == 0.06
    assert found["corrected"]["lower"] < found["corrected"]["rate"] < found["corrected"]["upper"]
