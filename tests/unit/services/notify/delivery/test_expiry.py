from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notify.delivery.expiry import USE_ENDS, expires_at, is_too_late
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import DecisionNotified, DocumentsRequested, HearingSent
from shared.events.registry import Facts
from shared.organisation.calendar import Calendar

CALENDAR = Calendar("DE-BW", ZoneInfo("Europe/Berlin"))
STARTS = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
APPOINTMENT = "appointment-" + "a" * 26


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        (
            AppointmentBooked(
                appointment_id=APPOINTMENT, service_key="s", office="o", starts=STARTS
            ),
            STARTS,
        ),
        (AppointmentRescheduled(appointment_id=APPOINTMENT, starts=STARTS), STARTS),
        (AppointmentCancelled(appointment_id=APPOINTMENT), None),
        (
            DocumentsRequested(items=("passport",), due=date(2026, 3, 28)),
            datetime(2026, 3, 28, 23, tzinfo=UTC),
        ),
        # The clock goes forward on 29 March.
        (HearingSent(due=date(2026, 3, 29)), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (HearingSent(), None),
        (DecisionNotified(decision_id="decision-" + "a" * 26, notified_on=date(2026, 3, 2)), None),
    ],
)
def test_a_message_is_of_use_until_the_appointment_begins_or_the_day_is_over(
    cause: Facts, end: datetime | None
) -> None:
    assert expires_at(cause, CALENDAR) == end


def test_a_reminder_never_leaves_after_its_appointment_began() -> None:
    assert not is_too_late(STARTS, STARTS - timedelta(microseconds=1))
    assert is_too_late(STARTS, STARTS)
    assert not is_too_late(None, STARTS)


def test_the_table_names_fields_that_the_events_have() -> None:
    for cause, field in USE_ENDS.items():
        assert field in cause.model_fields
