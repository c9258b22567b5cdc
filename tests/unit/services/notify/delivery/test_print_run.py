from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.print_run import PrintRun
from services.notify.delivery.states import WAITING, State
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


@pytest.mark.parametrize(
    ("state", "now", "can"),
    [
        (State.RENDERED, "2026-03-02 17:29", True),
        (State.QUEUED, "2026-03-02 17:30", False),
        (State.HELD, "2026-03-02 12:00", True),
        (State.SENDING, "2026-03-02 12:00", False),
        (State.ACCEPTED, "2026-03-02 12:00", False),
        (State.SUPERSEDED, "2026-03-02 12:00", False),
    ],
)
def test_a_letter_can_be_called_back_while_it_waits_and_its_run_has_not_begun(
    state: State, now: str, *, can: bool
) -> None:
    assert RUN.can_be_called_back(state, local("2026-03-02 09:00"), local(now)) is can


@given(moments, st.sampled_from(sorted(WAITING)))
def test_every_letter_has_a_run_and_can_be_called_back_until_then(
    planned: datetime, state: State
) -> None:
    run = RUN.taking(planned)

    assert run >= planned
    assert CALENDAR.is_working_day(CALENDAR.day_of(run))
    assert run.astimezone(BERLIN).time() == RUN.at
    assert not RUN.can_be_called_back(state, planned, run)
