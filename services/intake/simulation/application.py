"""From the application to the point where the authority can decide."""

from datetime import UTC, date, datetime, time, timedelta

from services.intake.simulation.chance import Chance
from services.intake.simulation.story import Story
from services.intake.simulation.truth import Truth
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    ApplicationReceived,
    DocumentsDeadlineExtended,
    DocumentsOverdue,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingDeadlineExtended,
    HearingSent,
    ParticipationAnswered,
    ParticipationDelayed,
    ParticipationRequested,
)
from shared.events.catalogue.submission import (
    SubmissionAccepted,
    SubmissionArrived,
    SubmissionRejected,
)
from shared.events.vocabulary import IntakeChannel
from shared.law.months import add_months
from shared.organisation.model import Office, Service
from shared.security.pseudonyms import PseudonymKind

_MOST_BOOKINGS = 3
_ONCE_MORE = timedelta(minutes=1)
_HEARING_PERIOD = timedelta(days=14)
_WAKING_HOURS = (time(6), time(23, 30))
_POST_HOURS = (time(8), time(11))


def apply(story: Story, service: Service, received: datetime, channel: IntakeChannel) -> None:
    """Tell the arrival of the application."""
    calendar, periods = story.world.calendar, story.world.assumptions.periods
    due = add_months(calendar.day_of(received), periods.decision_months)
    story.tell(
        received,
        ApplicationReceived(
            channel=channel,
            service_key=service.leika or service.key,
            unit=story.plan.unit.key,
            language=story.plan.language,
            contact_ref=story.contact.contact_ref,
            due=calendar.moment(due, time(23, 59, 59)).astimezone(UTC),
        ),
    )


def hand_in(story: Story, service: Service, received: datetime) -> None:
    """Tell how what came online is fetched from its delivery point: soon, and of a few late."""
    habits = story.world.assumptions.submissions
    chance = Chance(story.ref, "submission")  # of its own: the case goes as it would
    late = chance.happens(habits.left_lying)
    days = habits.left_lying_working_days if late else habits.fetched_working_days
    fetched = story.world.later(received, chance.between(days.shortest, days.longest), chance)
    key = service.leika or service.key
    first, second = (chance.pseudonym(PseudonymKind.SUBMISSION) for _ in range(2))
    story.tell(received, SubmissionArrived(submission_id=first, service_key=key))
    story.tell(fetched, SubmissionAccepted(submission_id=first))
    if chance.happens(habits.doubled):
        again = SubmissionArrived(submission_id=second, service_key=key)
        story.tell(received + _ONCE_MORE, again)
        story.tell(fetched, SubmissionRejected(submission_id=second))


def arrival(story: Story, day: datetime, channel: IntakeChannel) -> datetime:
    """Give when an application arrives on a day: at the counter only while it is open."""
    calendar, date = story.world.calendar, story.world.calendar.day_of(day)
    if channel is IntakeChannel.COUNTER and story.plan.service is not None:
        office = story.world.organisation.office(story.plan.service.offices[0])
        spans = calendar.open_times(date, office.hours)
        if spans:
            span = spans[story.chance.between(0, len(spans) - 1)]
            return story.chance.moment(span.start, span.end)
    start, end = _POST_HOURS if channel is IntakeChannel.POST else _WAKING_HOURS
    return story.chance.moment(calendar.moment(date, start), calendar.moment(date, end))


def acknowledge(story: Story, received: datetime, truth: Truth) -> datetime:
    """Tell the acknowledgement, within days; left out is an error (V3)."""
    acknowledged = story.later(received, 0, 3)
    if not truth.fails("V3"):
        story.tell(acknowledged, ApplicationAcknowledged(complete=story.chance.happens(0.6)))
    return acknowledged


def request_documents(story: Story, after: datetime, truth: Truth) -> datetime:
    """Tell what happens to missing documents; a request without a deadline is an error (V2).

    Returns:
        When nothing more is waited for.
    """
    chance, habits = story.chance, story.world.assumptions.documents
    requested = story.later(after, 1, 8)
    items = chance.sample(habits.items, chance.between(1, 3))
    days = chance.between(habits.due_days.shortest, habits.due_days.longest)
    due = story.world.calendar.day_of(requested) + timedelta(days=days)
    in_time = requested + timedelta(days=chance.factor(1, days - 1))
    late = story.world.calendar.moment(due + timedelta(days=1), time(6))
    known = None if truth.fails("V2") else due
    story.tell(requested, DocumentsRequested(items=items, due=known))
    complete = chance.happens(habits.complete)
    if chance.happens(habits.received):
        story.tell(in_time, DocumentsReceived(items=items, complete=complete))
        return in_time
    if known is not None and (extended := _extended(story, due)) is not None:
        at, due = extended
        story.tell(at, DocumentsDeadlineExtended(due=due))
        late = story.world.calendar.moment(due + timedelta(days=1), time(6))
    story.tell(late, DocumentsOverdue(items=items))
    if chance.happens(habits.received_late):
        late += timedelta(days=chance.factor(0.2, 20))
        story.tell(late, DocumentsReceived(items=items, complete=complete))
    return late


def participate(story: Story, after: datetime, bodies: tuple[str, ...], truth: Truth) -> datetime:
    """Tell the participation of other authorities; left out is an error (V4)."""
    last = after
    for body in bodies if not truth.fails("V4") else ():
        asked = story.later(after, 1, 5)
        answered = story.later(asked, 2, 20)
        story.tell(asked, ParticipationRequested(body=body))
        patience = story.world.assumptions.delays.participation_told_after_working_days
        told = story.world.later(asked, patience, Chance(story.ref, "delay", body))
        if told < answered:
            story.tell(told, ParticipationDelayed(body=body))
        agreed = story.chance.happens(0.94)
        story.tell(answered, ParticipationAnswered(body=body, agreed=agreed))
        last = max(last, answered)
    return last


def hear(story: Story, after: datetime) -> datetime:
    """Tell the hearing; the answer may stay away.

    Returns:
        When the period for an answer is over, or the answer is there.
    """
    sent = story.later(after, 0, 5)
    day = story.world.calendar.day_of(sent) + _HEARING_PERIOD
    story.tell(sent, HearingSent(due=day))
    if not story.chance.happens(0.6):
        if (extended := _extended(story, day)) is not None:
            at, day = extended
            story.tell(at, HearingDeadlineExtended(due=day))
        return story.world.calendar.moment(day + timedelta(days=1), time(7))
    answered = sent + timedelta(days=story.chance.factor(1, _HEARING_PERIOD.days - 1))
    story.tell(answered, HearingAnswered())
    return answered


def _extended(story: Story, due: date) -> tuple[datetime, date] | None:
    """Give when a deadline that would be missed was extended, and its new day; None if it isn't."""
    habits = story.world.assumptions.delays
    if not Chance(story.ref, "extension", due).happens(habits.deadline_extended):
        return None
    asked = story.world.calendar.moment(due - timedelta(days=1), time(10))
    return asked, due + timedelta(days=habits.extended_days)


def meet(story: Story, service: Service, after: datetime) -> datetime:
    """Tell the appointments of a case, with all that comes between.

    Returns:
        When the last one was over, whatever became of it.
    """
    habits, chance = story.world.assumptions.appointments, story.chance
    for _ in range(_MOST_BOOKINGS):
        ended, missed = _one_appointment(story, service, after)
        if not missed or not chance.happens(habits.rebooked_after_miss):
            return ended
        after = ended
    return after


def _one_appointment(story: Story, service: Service, after: datetime) -> tuple[datetime, bool]:
    """Tell one appointment; say when it ended and whether nobody came."""
    world, habits, chance = story.world, story.world.assumptions.appointments, story.chance
    office = world.organisation.office(service.offices[0])
    booked = story.later(after, 0, 2)
    counter = office.emergency_counter
    emergency = counter is not None and chance.happens(habits.emergency)
    lead = 1 if emergency else _lead(story)
    hours = counter.hours if emergency and counter is not None else office.hours
    day = world.calendar.add_working_days(world.calendar.day_of(booked), lead)
    starts = world.slot(service, hours, day, chance)
    if starts is None:
        return after, False
    appointment = chance.pseudonym(PseudonymKind.APPOINTMENT)
    story.tell(
        booked,
        AppointmentBooked(
            appointment_id=appointment,
            service_key=service.leika or service.key,
            office=office.key,
            starts=starts,
            ends=starts + service.duration,
            emergency=emergency,
            language=story.plan.language,
            contact_ref=story.contact.contact_ref,
        ),
    )
    if chance.happens(habits.cancelled):
        cancelled = chance.moment(booked, starts)
        by_applicant = chance.happens(0.85)
        story.tell(
            cancelled, AppointmentCancelled(appointment_id=appointment, by_applicant=by_applicant)
        )
        return cancelled, False
    if chance.happens(habits.rescheduled):
        starts = _reschedule(
            story, service, office, appointment=appointment, booked=booked, starts=starts
        )
    return _attend_or_miss(story, service, appointment, starts)


def _reschedule(
    story: Story,
    service: Service,
    office: Office,
    *,
    appointment: str,
    booked: datetime,
    starts: datetime,
) -> datetime:
    calendar, chance = story.world.calendar, story.chance
    moved = chance.moment(booked, starts)
    day = calendar.add_working_days(calendar.day_of(starts), _lead(story))
    again = story.world.slot(service, office.hours, day, chance)
    if again is None:
        return starts
    story.tell(
        moved,
        AppointmentRescheduled(
            appointment_id=appointment,
            starts=again,
            ends=again + service.duration,
            office=office.key,
        ),
    )
    return again


def _attend_or_miss(
    story: Story, service: Service, appointment: str, starts: datetime
) -> tuple[datetime, bool]:
    habits, chance = story.world.assumptions.appointments, story.chance
    if chance.happens(habits.missed):
        missed = starts + service.duration
        story.tell(missed, AppointmentMissed(appointment_id=appointment))
        return missed, True
    waited = chance.within(habits.longest_wait)
    served = starts + waited + service.duration
    seconds = int(waited.total_seconds())
    story.tell(served, AppointmentAttended(appointment_id=appointment, waited_seconds=seconds))
    return served, False


def _lead(story: Story) -> int:
    lead = story.world.assumptions.appointments.lead_working_days
    return story.chance.between(lead.shortest, lead.longest)
