from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.letter.print_run import PrintRun
from shared.organisation.calendar import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar("DE-BW", BERLIN, frozenset({"12-24"}))
RUN = PrintRun(time(17, 30), CALENDAR, CALENDAR.is_working_day)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("planned", "run"),
    [
        ("2026-03-02 09:00", "2026-03-02 17:30"),
        ("2026-03-02 17:30", "2026-03-02 17:30"),
        ("2026-03-02 17:31", "2026-03-03 17:30"),
        ("2026-03-06 18:00", "2026-03-09 17:30"),  # over the weekend
        ("2026-04-02 18:00", "2026-04-07 17:30"),  # over Easter
        ("2026-07-01 00:10", "2026-07-01 17:30"),  # still 30 June in UTC
    ],
)
def test_a_letter_goes_with_the_next_run_of_a_working_day(planned: str, run: str) -> None:
    assert RUN.taking(local(planned)) == local(run)


@given(moments)
def test_every_letter_has_a_run_on_a_working_day(planned: datetime) -> None:
    run = RUN.taking(planned)

    assert run >= planned
    assert CALENDAR.is_working_day(CALENDAR.day_of(run))
    assert run.astimezone(BERLIN).time() == RUN.at
