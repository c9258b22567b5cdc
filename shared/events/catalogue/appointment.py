"""What happens to appointments of a case, and how many an office offers."""

from datetime import date
from functools import partial

from pydantic import Field

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import AppointmentId, Code, ContactRef, Language, Timestamp

case_fact = partial(fact, topic=Topic.CASE_EVENTS, subject=SubjectKind.CASE)


@case_fact("appointment.booked")
class AppointmentBooked(Facts):
    """An appointment was booked."""

    appointment_id: AppointmentId
    service_key: Code
    office: Code
    starts: Timestamp
    ends: Timestamp | None = None
    emergency: bool = False
    language: Language = "de"
    contact_ref: ContactRef | None = None


@case_fact("appointment.rescheduled")
class AppointmentRescheduled(Facts):
    """The appointment moved to another time."""

    appointment_id: AppointmentId
    starts: Timestamp
    ends: Timestamp | None = None
    office: Code | None = None


@case_fact("appointment.cancelled")
class AppointmentCancelled(Facts):
    """The appointment will not take place."""

    appointment_id: AppointmentId
    by_applicant: bool | None = None


@case_fact("appointment.attended")
class AppointmentAttended(Facts):
    """The applicant came and was served."""

    appointment_id: AppointmentId
    waited_seconds: int | None = Field(default=None, ge=0, le=86_400)


@case_fact("appointment.missed")
class AppointmentMissed(Facts):
    """The applicant did not come."""

    appointment_id: AppointmentId


@fact("appointment.capacity_published", topic=Topic.OFFICE_EVENTS, subject=SubjectKind.OFFICE)
class AppointmentCapacityPublished(Facts):
    """An office offered appointments for a day."""

    office: Code
    service_key: Code
    day: date
    slots: int = Field(ge=0, le=10_000)
