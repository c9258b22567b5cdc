import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.cases.standing import Following, Standing
from services.notify.messages.catalogue import load_messages
from services.notify.messages.duties import Duties
from services.notify.planning.expiry import Times
from services.notify.planning.plan import (
    Plan,
    announcements,
    named_recipients,
    plan,
    thread_of,
    way_of,
)
from services.notify.recipients.preferences import Wishes
from services.notify.states import State
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    ApplicationReceived,
    ApplicationWithdrawn,
    DecisionMade,
    DecisionNotified,
    DocumentsRequested,
    ParticipationRequested,
)
from shared.events.catalogue.notification import (
    NotificationHeld,
    NotificationPlanned,
    NotificationSuperseded,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, Direction, FailureReason
from shared.organisation.calendar import Calendar

MESSAGES = load_messages()
TIMES = Times.of(Calendar("DE-BW", ZoneInfo("Europe/Berlin")))
FOLLOWING = Following(Duties.load(), TIMES.limits, TIMES.calendar)
CASE = "case-" + "a" * 26
OTHER_CASE = "case-" + "b" * 26
ANNA = "contact-" + "a" * 26
BERTA = "contact-" + "b" * 26
DECISION = "decision-" + "a" * 26
APPOINTMENT = "appointment-" + "a" * 26
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""When nothing is to come any more that time asks for."""
BY_MAIL = Wishes("de", frozenset({Channel.EMAIL}))
BY_LETTER = Wishes("de", frozenset({Channel.LETTER}))


def event(facts: Facts, case_ref: str = CASE) -> Event:
    return new_event("urn:gleichfall:test", case_ref, facts, time=NOON)


def application(contact_ref: str | None = None, case_ref: str = CASE) -> Event:
    facts = ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=contact_ref
    )
    return event(facts, case_ref)


def documents(case_ref: str = CASE) -> Event:
    return event(DocumentsRequested(items=("passport",), due=date(2026, 4, 1)), case_ref)


def planned(
    *events: Event,
    recipients: Mapping[str, str] | None = None,
    contacts: Mapping[str, Wishes] | None = None,
    standings: Mapping[str, Standing] | None = None,
    now: datetime | None = None,
    passed: datetime | None = None,
) -> Plan:
    """Plan; without a time at once, and then without what time asks for."""
    known = {ANNA: BY_MAIL, BERTA: BY_MAIL} if contacts is None else contacts
    found = plan(
        events,
        recipients or {},
        known,
        MESSAGES,
        TIMES,
        following=FOLLOWING,
        standings=standings or {},
        parties={},
        now=now or NOON,
        passed=passed or now or NOON,
    )
    if now is not None:
        return found
    return replace(found, messages=[one for one in found.messages if one.leaves_at is None])


def test_four_events_cause_a_message_each() -> None:
    events = (
        application(ANNA),
        documents(),
        event(
            AppointmentBooked(appointment_id=APPOINTMENT, service_key="s", office="o", starts=NOON)
        ),
        event(DecisionNotified(decision_id=DECISION, notified_on=date(2026, 3, 2))),
    )

    messages = planned(*events).messages

    assert [message.name for message in messages] == [
        "application_received",
        "documents_requested",
        "appointment_booked",
        "decision_notified",
    ]
    assert {message.contact_ref for message in messages} == {ANNA}
    assert {message.state for message in messages} == {State.PLANNED}


def test_what_no_message_ever_tells_causes_none() -> None:
    decision = DecisionMade(
        decision_id=DECISION,
        type_code="permit",
        direction=Direction.ADVERSE,
        unit="unit-1",
        decider="decider-" + "a" * 26,
    )
    events = (
        event(decision),
        event(AppointmentAttended(appointment_id=APPOINTMENT)),
        event(ParticipationRequested(body="employment-agency")),
    )

    assert planned(*events, recipients={CASE: ANNA}).messages == []


def test_a_message_takes_from_its_cause_only_what_its_text_needs() -> None:
    (message,) = planned(documents(), recipients={CASE: ANNA}).messages

    assert json.loads(message.facts) == {"items": ["passport"], "due": "2026-04-01"}


def test_the_recipient_named_last_is_told() -> None:
    result = planned(application(ANNA), application(BERTA), documents(), recipients={CASE: ANNA})

    assert [message.contact_ref for message in result.messages] == [ANNA, BERTA, BERTA]
    assert result.recipients == {CASE: BERTA}


def test_a_recipient_of_one_case_is_not_told_about_another() -> None:
    result = planned(application(ANNA), documents(OTHER_CASE))

    assert [message.contact_ref for message in result.messages] == [ANNA, None]
    assert result.recipients == {CASE: ANNA}


def test_who_cannot_be_reached_is_a_message_that_ended_with_a_reason() -> None:
    unnamed, unknown, no_mail = (
        planned(application()).messages[0],
        planned(application(ANNA), contacts={}).messages[0],
        planned(documents(), recipients={CASE: ANNA}, contacts={ANNA: BY_LETTER}).messages[0],
    )

    assert [unnamed.reason, unknown.reason, no_mail.reason] == [
        FailureReason.NO_CONTACT,
        FailureReason.NO_CONTACT,
        FailureReason.NO_CHANNEL,
    ]
    assert {message.state for message in (unnamed, unknown, no_mail)} == {State.SUPPRESSED}


@pytest.mark.parametrize(
    ("facts", "days_later", "settled"),
    [
        (ApplicationReceived(channel="online", service_key="permit", unit="unit-1"), 14, False),
        (ApplicationReceived(channel="online", service_key="permit", unit="unit-1"), 15, True),
        (DocumentsRequested(items=("passport",)), 30, False),
        (DocumentsRequested(items=("passport",)), 31, True),
        (DocumentsRequested(items=("passport",), due=date(2026, 6, 1)), 31, False),
    ],
)
def test_what_was_no_news_when_it_was_read_is_told_nobody_unless_its_day_is_still_to_come(
    facts: Facts, days_later: int, *, settled: bool
) -> None:
    now = NOON + timedelta(days=days_later)
    first, *_ = planned(event(facts), now=now).messages
    reachable, *_ = planned(event(facts), recipients={CASE: ANNA}, now=now).messages

    assert first.reason is (FailureReason.TOO_LATE if settled else FailureReason.NO_CONTACT)
    assert reachable.reason is (FailureReason.TOO_LATE if settled else None)
    assert first.followed is reachable.followed is settled, "nobody is asked to tell it either"


def test_the_recipient_s_language_is_used_when_there_is_a_text_in_it() -> None:
    for asked, written in (("tr", "tr"), ("tlh", "en")):
        contact = {ANNA: Wishes(asked, frozenset({Channel.EMAIL}))}
        (message,) = planned(application(ANNA), contacts=contact).messages

        assert message.language == written, "English where there is no other, above the German text"


def test_every_message_is_announced_and_a_suppressed_one_ends_at_once() -> None:
    sent, suppressed = planned(application(ANNA), documents(OTHER_CASE)).messages

    kinds = [
        [fact.event_type.split(".")[2] for fact in announcements(message)]
        for message in (sent, suppressed)
    ]
    assert kinds == [["planned"], ["planned", "suppressed"]]


def test_a_message_continues_the_trace_of_its_cause() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    (message,) = planned(application(ANNA)._replace(traceparent=trace)).messages

    assert message.traceparent == trace


stories = st.lists(
    st.tuples(st.sampled_from([CASE, OTHER_CASE]), st.sampled_from([ANNA, BERTA, None])),
    max_size=12,
).map(lambda steps: [application(ref, case) for case, ref in steps])


@given(stories, st.randoms(use_true_random=False), st.integers(1, 4))
def test_whatever_is_repeated_and_however_it_is_cut_the_messages_are_the_same(
    story: Sequence[Event], random: Random, size: int
) -> None:
    whole = {message.id: message for message in planned(*story).messages}

    found: dict[object, object] = {}
    recipients: dict[str, str] = {}
    for start in range(0, len(story), size):
        batch = story[start : start + size]
        result = planned(*batch, recipients=recipients)
        recipients |= result.recipients
        for message in result.messages:
            found.setdefault(message.id, message)
    for repeated in random.sample(list(story), len(story)):
        position = list(story).index(repeated)
        before = named_recipients(story[:position])
        for message in planned(repeated, recipients=before).messages:
            found.setdefault(message.id, message)

    assert found == whole
    assert len(whole) == len(story)


@given(st.text(), st.text(), st.text(min_size=1), st.text(min_size=1))
def test_two_causes_never_share_an_identity(one: str, other: str, source: str, text: str) -> None:
    first = application()._replace(source=source, id=one)
    second = application()._replace(source=source, id=other)
    shifted = application()._replace(source=source + text, id=one)

    name = "application_received"
    identity = way_of(thread_of(first, name, ANNA), Channel.EMAIL)
    assert (identity == way_of(thread_of(second, name, ANNA), Channel.EMAIL)) == (one == other)
    assert identity != way_of(thread_of(shifted, name, ANNA), Channel.EMAIL)
    assert identity != way_of(thread_of(first, name, BERTA), Channel.EMAIL)
    assert identity != way_of(thread_of(first, name, ANNA), Channel.SMS)
    assert identity != way_of(thread_of(first, "other", ANNA), Channel.EMAIL)


def appointment(days: int, *, emergency: bool = False) -> Event:
    facts = AppointmentBooked(
        appointment_id=APPOINTMENT,
        service_key="s",
        office="o",
        starts=NOON + timedelta(days=days),
        emergency=emergency,
        contact_ref=ANNA,
    )
    return event(facts)


def test_a_reminder_waits_for_its_day_beside_the_confirmation() -> None:
    confirmation, reminder = planned(appointment(10), now=NOON).messages

    assert (confirmation.name, confirmation.state) == ("appointment_booked", State.PLANNED)
    assert (reminder.name, reminder.state) == ("appointment_reminder", State.HELD)
    assert reminder.leaves_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert reminder.expires_at == NOON + timedelta(days=10)
    assert reminder.id != confirmation.id


def test_a_clock_that_is_ahead_takes_nothing_for_past_that_is_to_come() -> None:
    ahead = NOON + timedelta(days=33)
    found = planned(appointment(10), now=ahead, passed=NOON)
    confirmation, reminder = found.messages
    assert (confirmation.state, confirmation.history) == (State.PLANNED, False)
    assert reminder.leaves_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert found.standings == planned(appointment(10), now=NOON).standings
    assert [one.name for one in planned(appointment(10), now=ahead).messages] == [confirmation.name]


def test_what_is_to_come_is_told_of_the_application_though_the_clock_is_a_year_ahead() -> None:
    ahead = NOON + timedelta(days=365)
    assert planned(application(ANNA), now=ahead).messages[0].history
    assert not planned(application(ANNA), now=ahead, passed=NOON).messages[0].history


def test_an_appointment_of_tomorrow_needs_no_reminder() -> None:
    (confirmation,) = planned(appointment(1), now=NOON).messages

    assert confirmation.name == "appointment_booked"


def test_an_emergency_has_a_text_of_its_own() -> None:
    names = [message.name for message in planned(appointment(1, emergency=True), now=NOON).messages]

    assert names == ["emergency_slot_booked"]


def test_before_three_months_are_over_the_applicant_hears_that_we_still_work() -> None:
    received, working = planned(application(ANNA), now=NOON).messages

    assert (received.name, received.state) == ("application_received", State.PLANNED)
    assert (working.name, working.state) == ("still_working", State.HELD)
    assert working.leaves_at == datetime(2026, 5, 19, 7, tzinfo=UTC)


def test_old_cases_that_are_imported_wait_for_nothing() -> None:
    old = planned(application(ANNA), appointment(10), now=LATER).messages

    assert State.HELD not in {message.state for message in old}


def test_a_message_that_waits_says_until_when() -> None:
    _, reminder = planned(appointment(10), now=NOON).messages

    first, second = announcements(reminder)

    assert isinstance(first, NotificationPlanned)
    assert isinstance(second, NotificationHeld)
    assert second.until == reminder.leaves_at


def test_who_has_no_address_is_not_waited_for() -> None:
    messages = planned(appointment(10), contacts={}, now=NOON).messages

    assert {message.state for message in messages} == {State.SUPPRESSED}


BOOKING = AppointmentBooked(
    appointment_id=APPOINTMENT, service_key="s", office="o", starts=NOON + timedelta(days=9)
)
CANCELLING = AppointmentCancelled(appointment_id=APPOINTMENT)


def told_late(earlier: Facts, later: Facts) -> Plan:
    """Plan what happened, where the later one came first."""
    came = [event(later), event(earlier)._replace(time=NOON - timedelta(minutes=5))]
    numbered = [one._replace(sequence=place) for place, one in enumerate(came, 1)]
    return planned(*numbered, recipients={CASE: ANNA}, now=NOON)


def test_a_booking_that_comes_behind_its_cancellation_is_told_to_nobody() -> None:
    found = told_late(BOOKING, CANCELLING)

    assert {one.name: one.state for one in found.messages} == {
        "appointment_cancelled": State.PLANNED,
        "appointment_booked": State.SUPERSEDED,
        "appointment_reminder": State.SUPERSEDED,
    }


def test_the_same_holds_when_the_cancellation_was_read_long_before() -> None:
    cancelled = planned(event(CANCELLING), recipients={CASE: ANNA}, now=NOON)
    found = planned(
        event(BOOKING)._replace(time=NOON - timedelta(minutes=5), sequence=2),
        recipients={CASE: ANNA},
        standings=cancelled.standings,
        now=NOON + timedelta(hours=1),
    )

    assert {one.state for one in found.messages} == {State.SUPERSEDED}


def test_an_application_that_comes_behind_its_withdrawal_is_not_confirmed() -> None:
    received = ApplicationReceived(channel="online", service_key="permit", unit="unit-1")

    found = told_late(received, ApplicationWithdrawn())

    assert {one.state for one in found.messages if one.name != "application_withdrawn"} == {
        State.SUPERSEDED
    }


def test_whoever_books_again_after_a_cancellation_is_told() -> None:
    found = told_late(CANCELLING, BOOKING)

    assert {one.state for one in found.messages if one.name == "appointment_booked"} == {
        State.PLANNED
    }


def test_a_moved_appointment_keeps_its_new_time_though_its_booking_comes_last() -> None:
    moved = AppointmentRescheduled(
        appointment_id=APPOINTMENT, starts=BOOKING.starts + timedelta(days=5)
    )

    found = told_late(BOOKING, moved)

    reminders = [one for one in found.messages if one.name == "appointment_reminder"]
    assert [one.state for one in reminders] == [State.HELD, State.SUPERSEDED]
    (standing,) = found.standings.values()
    (known,) = standing.appointments.values()
    assert (known.starts, known.office) == (moved.starts, "o")


def test_what_is_overtaken_is_announced_as_such_and_asks_nobody_to_follow_it_up() -> None:
    message = told_late(BOOKING, CANCELLING).messages[-1]

    assert [type(one) for one in announcements(message)] == [
        NotificationPlanned,
        NotificationSuperseded,
    ]
    assert message.followed


def test_what_something_made_untrue_long_ago_is_forgotten() -> None:
    found = planned(event(CANCELLING), recipients={CASE: ANNA}, now=NOON + timedelta(days=31))

    assert all(not one.overtaken for one in found.standings.values())


@pytest.mark.parametrize("midnight", [datetime(2026, 3, 1, 23), datetime(2026, 3, 2)])
def test_a_day_without_an_hour_leaves_the_order_to_how_they_came(midnight: datetime) -> None:
    booked = event(BOOKING)._replace(sequence=1)
    cancelled = event(CANCELLING)._replace(time=midnight.replace(tzinfo=UTC), sequence=2)

    found = planned(booked, cancelled, recipients={CASE: ANNA}, now=NOON)

    (told,) = (one for one in found.messages if one.name == "appointment_cancelled")
    assert told.state is State.PLANNED
    assert all(one.at_latest > NOON for one in found.untrue if one.sequence == told.sequence)
