"""Which days are an absence."""

from datetime import date, timedelta

import pytest

from services.controlling.accounts.absence import LONGEST, Absence
from services.controlling.accounts.errors import AbsenceUnfit

TODAY = date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (TODAY, TODAY),
        (TODAY - 30 * DAY, TODAY),
        (TODAY + DAY, TODAY + 9 * DAY),
        (TODAY, TODAY + LONGEST),
    ],
)
def test_days_in_their_order_are_an_absence(first: date, last: date) -> None:
    assert Absence.of(first, last, TODAY) == Absence(first, last)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, TODAY),
        (TODAY, None),
        (TODAY + DAY, TODAY),
        (TODAY - 9 * DAY, TODAY - DAY),
        (TODAY, TODAY + LONGEST + DAY),
    ],
)
def test_what_lacks_a_day_is_over_or_lasts_too_long_is_refused(
    first: date | None, last: date | None
) -> None:
    with pytest.raises(AbsenceUnfit):
        Absence.of(first, last, TODAY)
