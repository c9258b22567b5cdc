"""Which days are shown when nobody asks for others."""

from datetime import date, timedelta

import pytest

from services.controlling.service_figures.overview import four_weeks

TODAY = date(2026, 5, 29)
LATELY, MARCH, APRIL = date(2026, 5, 20), date(2026, 3, 2), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("latest", "told", "last"),
    [
        pytest.param(LATELY, LATELY, TODAY, id="all goes on"),
        pytest.param(LATELY, MARCH, TODAY, id="only appointments go on"),
        pytest.param(LATELY, None, TODAY, id="there never was anything but appointments"),
        pytest.param(APRIL, MARCH, MARCH, id="nothing goes on"),
        pytest.param(APRIL, None, APRIL, id="no appointments go on"),
        pytest.param(None, None, TODAY, id="nothing was ever told"),
    ],
)
def test_four_weeks_go_up_to_today_while_anything_goes_on(
    latest: date | None, told: date | None, last: date
) -> None:
    assert four_weeks(TODAY, latest, told) == (last - timedelta(days=27), last)
