from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.planning.quiet_hours import QuietHours, leaves_at
from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar("DE-BW", BERLIN, frozenset({"12-24", "12-31"}))
QUIET = QuietHours(CALENDAR)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("planned", "leaves"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),  # a Monday
        ("2026-03-02 08:00", "2026-03-02 08:00"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-02 20:00", "2026-03-03 08:00"),
        ("2026-03-02 23:30", "2026-03-03 08:00"),
        ("2026-03-07 12:00", "2026-03-07 12:00"),  # Saturday
        ("2026-03-07 21:00", "2026-03-09 08:00"),  # over the Sunday
        ("2026-03-08 12:00", "2026-03-09 08:00"),
        ("2026-04-02 21:00", "2026-04-04 08:00"),  # Good Friday; the Saturday is a day like others
        ("2026-04-04 21:00", "2026-04-07 08:00"),  # Easter Sunday and Monday
        ("2026-12-23 21:00", "2026-12-28 08:00"),  # closing day, two holidays, Sunday
    ],
)
def test_an_sms_waits_for_the_morning_of_the_next_day_that_is_not_quiet(
    planned: str, leaves: str
) -> None:
    assert leaves_at(local(planned), Channel.SMS, QUIET) == local(leaves)


@pytest.mark.parametrize(
    ("channel", "wakes"),
    [
        (Channel.SMS, True),
        (Channel.EMAIL, False),
        (Channel.LETTER, False),
        (Channel.MAILBOX, False),
    ],
)
def test_what_may_wake_somebody_or_makes_no_sound_leaves_at_once(
    channel: Channel, *, wakes: bool
) -> None:
    night = local("2026-03-08 03:00")

    assert leaves_at(night, channel, QUIET, wakes=wakes) == night


def test_the_morning_is_local_in_winter_and_summer() -> None:
    """The clock goes forward in the night to Sunday, 29 March 2026."""
    winter, summer = local("2026-03-27 22:00"), local("2026-03-28 22:00")

    assert QUIET.end_after(winter) == datetime(2026, 3, 28, 7, tzinfo=UTC)
    assert QUIET.end_after(summer) == datetime(2026, 3, 30, 6, tzinfo=UTC)


@given(moments)
def test_the_moment_given_is_not_quiet_not_before_and_the_first(moment: datetime) -> None:
    found = QUIET.end_after(moment)

    assert found >= moment
    assert not QUIET.are_at(found)
    assert QUIET.end_after(found) == found
    assert found == moment or QUIET.are_at(moment)
    assert found == moment or QUIET.are_at(found - timedelta(microseconds=1))
    between = moment
    while between < found:
        assert QUIET.are_at(between)
        between += timedelta(hours=1)
