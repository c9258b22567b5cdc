"""Until when a review may rest, and why."""

from datetime import date, timedelta

import pytest

from services.controlling.reviews.errors import HoldUnfit, ReasonMissing
from services.controlling.reviews.holding import LONGEST, Hold

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize("until", [TODAY, TODAY + LONGEST])
def test_a_review_rests_until_a_day_that_is_near(until: date) -> None:
    assert Hold.of(until, " at the court ", TODAY) == Hold(until, "at the court")


@pytest.mark.parametrize(
    "until", [None, TODAY - timedelta(days=1), TODAY + LONGEST + timedelta(days=1)]
)
def test_another_day_is_refused(until: date | None) -> None:
    with pytest.raises(HoldUnfit, match="2027-03-01"):
        Hold.of(until, "at the court", TODAY)


def test_so_is_a_hold_that_nobody_can_explain() -> None:
    with pytest.raises(ReasonMissing):
        Hold.of(TODAY, "  ", TODAY)
