from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.notify.messages.catalogue import load_messages
from services.notify.messages.description import Description
from services.notify.planning.expiry import Times
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionNotified,
    DocumentsRequested,
    HearingSent,
)
from shared.events.catalogue.paper import PermitIssued, ProvisionalPaperIssued
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar

TIMES = Times.of(Calendar("DE-BW", ZoneInfo("Europe/Berlin")))
HERE = Times.of(Calendar("DE-BW", ZoneInfo("Europe/Berlin"), frozenset({"12-24", "12-31"})))
MESSAGES = load_messages()
STARTS = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
APPOINTMENT = "appointment-" + "a" * 26
BOOKED = AppointmentBooked(appointment_id=APPOINTMENT, service_key="s", office="o", starts=STARTS)
APPLICATION = ApplicationReceived(channel="online", service_key="permit", unit="unit-1")


def event(facts: Facts, at: datetime = STARTS) -> Event:
    return new_event("urn:gleichfall:test", "case-" + "a" * 26, facts, time=at)


def described(name: str) -> Description:
    return MESSAGES.by_name[name].description


@pytest.mark.parametrize(
    ("name", "cause", "end"),
    [
        ("appointment_booked", BOOKED, STARTS),
        ("appointment_reminder", BOOKED, STARTS),
        (
            "appointment_rescheduled",
            AppointmentRescheduled(appointment_id=APPOINTMENT, starts=STARTS),
            STARTS,
        ),
        ("appointment_cancelled", AppointmentCancelled(appointment_id=APPOINTMENT), None),
        (
            "documents_requested",
            DocumentsRequested(items=("passport",), due=date(2026, 3, 28)),
            datetime(2026, 3, 28, 23, tzinfo=UTC),
        ),
        # The clock goes forward on 29 March.
        (
            "hearing_sent",
            HearingSent(due=date(2026, 3, 29)),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
        ),
        ("hearing_sent", HearingSent(), None),
        (
            "decision_notified",
            DecisionNotified(decision_id="decision-" + "a" * 26, notified_on=date(2026, 3, 2)),
            None,
        ),
        ("application_received", APPLICATION, None),
        # Received on 2 March: three months end with 2 June (§ 75 VwGO).
        ("still_working", APPLICATION, datetime(2026, 6, 2, 22, tzinfo=UTC)),
    ],
)
def test_a_message_is_of_use_until_the_appointment_begins_or_the_day_is_over(
    name: str, cause: Facts, end: datetime | None
) -> None:
    assert TIMES.expires_at(described(name), event(cause)) == end


@pytest.mark.parametrize(
    ("starts", "by_mail", "by_letter"),
    [
        # A Monday: whoever answers is there on Thursday.
        ("2026-12-07T10:00:00+01:00", "2026-12-03T08:00Z", "2026-12-01T08:00Z"),
        # After Christmas, where the authority is closed on the 24th.
        ("2026-12-28T10:00:00+01:00", "2026-12-22T08:00Z", "2026-12-22T08:00Z"),
        ("2027-01-07T10:00:00+01:00", "2027-01-04T08:00Z", "2026-12-29T08:00Z"),
        # Summer time begins on 29 March.
        ("2026-03-31T09:00:00+02:00", "2026-03-27T08:00Z", "2026-03-25T08:00Z"),
        ("2026-04-01T09:00:00+02:00", "2026-03-30T07:00Z", "2026-03-26T08:00Z"),
    ],
)
def test_a_reminder_leaves_two_working_days_before_and_earlier_by_post(
    starts: str, by_mail: str, by_letter: str
) -> None:
    reminder = described("appointment_reminder")
    booked = event(BOOKED.model_copy(update={"starts": datetime.fromisoformat(starts)}))

    for channel, leaves in ((Channel.EMAIL, by_mail), (Channel.LETTER, by_letter)):
        found = HERE.leaves_at(reminder, booked, channel)

        assert found == datetime.fromisoformat(leaves)
        assert HERE.calendar.is_working_day(HERE.calendar.day_of(found))


@pytest.mark.parametrize(
    ("name", "paper", "by_mail", "by_letter"),
    [
        # Eight weeks before a Friday; four days more by post is the Monday before.
        (
            "permit_expiring",
            PermitIssued(valid_until=date(2026, 5, 29)),
            "2026-04-02T07:00Z",  # 3 April is Good Friday
            "2026-03-30T07:00Z",
        ),
        # Ten working days: 1, 14 and 25 May are holidays.
        (
            "provisional_paper_expiring",
            ProvisionalPaperIssued(valid_until=date(2026, 5, 29)),
            "2026-05-13T07:00Z",
            "2026-05-08T07:00Z",
        ),
    ],
)
def test_whose_paper_ends_is_told_in_time_to_act_and_earlier_by_post(
    name: str, paper: Facts, by_mail: str, by_letter: str
) -> None:
    kind = described(name)

    assert TIMES.leaves_at(kind, event(paper), Channel.EMAIL) == datetime.fromisoformat(by_mail)
    assert TIMES.leaves_at(kind, event(paper), Channel.LETTER) == datetime.fromisoformat(by_letter)
    assert TIMES.expires_at(kind, event(paper)) == datetime(2026, 5, 29, 22, tzinfo=UTC)


def test_who_waits_is_told_two_weeks_before_three_months_are_over() -> None:
    late_evening = datetime(2025, 11, 29, 23, 30, tzinfo=UTC)  # the 30th where the authority is

    # 30 November and three months: the last day of February.
    assert TIMES.leaves_at(
        described("still_working"), event(APPLICATION, late_evening), Channel.EMAIL
    ) == (
        datetime(2026, 2, 13, 8, tzinfo=UTC)  # the 14th is a Saturday
    )


@pytest.mark.parametrize("name", ["application_received", "appointment_booked", "case_closed"])
def test_most_messages_leave_at_once(name: str) -> None:
    assert TIMES.leaves_at(described(name), event(BOOKED), Channel.LETTER) is None
