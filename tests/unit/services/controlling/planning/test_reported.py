"""What is planned is what the report of a period will say: one formula for both."""

from fractions import Fraction
from statistics import mean

import numpy as np
import pytest

from services.controlling.figures.rate import Judged, rate_of
from services.controlling.figures.reviews import Answer
from services.controlling.planning.allocation import neyman_for, proportional_for
from services.controlling.planning.reported import (
    reported_half_width,
    samples_reaching,
    stratum_half_width,
    stratum_sample,
)

SIZES = {"a": 400, "b": 120, "c": 60, "d": 20}
RATES = {"a": 0.05, "b": 0.08, "c": 0.05, "d": 0.2}
SAMPLES = {"a": 40, "b": 24, "c": 7, "d": 7}
CONFIDENCE = Fraction(95, 100)


def reported(seed: int) -> float:
    """The half width that a report gives for one sample that was really drawn."""
    chance = np.random.default_rng(1_000 + seed)
    judged = []
    for name, sample in SAMPLES.items():
        wrong = round(RATES[name] * SIZES[name])
        errors = int(chance.hypergeometric(wrong, SIZES[name] - wrong, sample))
        answers = [Answer.WRONG] * errors + [Answer.CORRECT] * (sample - errors)
        judged += [Judged(name, one, one is Answer.WRONG) for one in answers]
    estimate = rate_of(judged, SAMPLES, SIZES, CONFIDENCE).estimate
    assert estimate is not None
    return (estimate.limits.upper - estimate.limits.lower) / 2


def test_the_report_reaches_as_far_as_was_planned() -> None:
    planned = reported_half_width(SAMPLES, SIZES, RATES)
    assert planned == reported_half_width(SAMPLES, SIZES, RATES), "the same plan, the same figure"
    assert mean(reported(seed) for seed in range(200)) == pytest.approx(planned, rel=0.05)


@pytest.mark.parametrize("find", [neyman_for, proportional_for])
def test_samples_reach_what_is_wanted_and_hardly_more(find: object) -> None:
    found = samples_reaching(find, 0.04, SIZES, RATES)  # type: ignore[arg-type]
    assert reported_half_width(found, SIZES, RATES) <= 0.04
    fewer = {name: max(2, int(n * 0.85)) for name, n in found.items()}
    assert reported_half_width(fewer, SIZES, RATES) > 0.04


def test_what_is_reviewed_whole_leaves_nothing_uncertain() -> None:
    assert reported_half_width(SIZES, SIZES, RATES) == 0
    assert samples_reaching(neyman_for, 0.0001, SIZES, RATES) == SIZES


def test_one_stratum_has_its_exact_interval() -> None:
    sample = stratum_sample(0.05, 400, 0.05)
    assert (
        stratum_half_width(sample, 400, 0.05) <= 0.05 < stratum_half_width(sample // 2, 400, 0.05)
    )
    alone = reported_half_width({"a": sample}, {"a": 400}, {"a": 0.05})
    assert alone == stratum_half_width(sample, 400, 0.05)
    assert stratum_sample(0.05, 1, 0.05) == 1
