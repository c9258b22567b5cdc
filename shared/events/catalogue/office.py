"""What happens in an office, not in one case."""

from datetime import date
from functools import partial

from pydantic import Field

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import (
    CallOutcome,
    CallTopic,
    Code,
    LegalBasis,
    Misdirection,
    Timestamp,
    Week,
)

office_fact = partial(fact, topic=Topic.OFFICE_EVENTS, subject=SubjectKind.OFFICE)


@office_fact("emergency_window.opened")
class EmergencyWindowOpened(Facts):
    """The emergency counter opened for a day."""

    office: Code
    day: date
    slots: int = Field(ge=0, le=1_000)


@office_fact("emergency_window.slot_booked")
class EmergencyWindowSlotBooked(Facts):
    """One slot of the emergency counter was taken."""

    office: Code
    starts: Timestamp


@office_fact("emergency_window.closed")
class EmergencyWindowClosed(Facts):
    """The emergency counter closed."""

    office: Code
    day: date


@office_fact("call.received")
class CallReceived(Facts):
    """A call came in."""

    line: Code


@office_fact("call.answered")
class CallAnswered(Facts):
    """A call was answered."""

    line: Code
    waited_seconds: int = Field(ge=0, le=86_400)
    about: CallTopic | None = Field(
        default=None, description="What it was about, where whoever answered says so."
    )


@office_fact("call.abandoned")
class CallAbandoned(Facts):
    """The caller hung up before an answer."""

    line: Code
    waited_seconds: int = Field(ge=0, le=86_400)


@office_fact("call.called_back")
class CallCalledBack(Facts):
    """The authority called back."""

    line: Code
    outcome: CallOutcome
    age_seconds: int = Field(
        ge=0, le=31_536_000, description="From the missed call to the call-back, up to a year."
    )


@office_fact("call.transferred")
class CallTransferred(Facts):
    """An answered call was passed on: whoever answered couldn't help."""

    line: Code = Field(description="The line on which it was answered.")


@office_fact("visitor.redirected")
class VisitorRedirected(Facts):
    """Somebody came to a counter and had to be sent on, unserved."""

    office: Code
    misdirection: Misdirection


@office_fact("staffing.changed")
class StaffingChanged(Facts):
    """The number of posts or vacancies changed, for the whole authority."""

    posts: float = Field(ge=0, le=10_000)
    vacant: float = Field(ge=0, le=10_000)


@office_fact("law.changed")
class LawChanged(Facts):
    """A rule of law changed; the next decisions on it are reviewed more closely."""

    legal_basis: LegalBasis
    valid_from: date
    type_codes: tuple[Code, ...] = Field(default=(), max_length=200)


@office_fact("decisions.counted")
class DecisionsCounted(Facts):
    """How many decisions a unit made in a week, by the count of whoever says so.

    Intake counts what it accepted; a source system may post its own count. A later count of the
    same unit and week replaces an earlier one.
    """

    unit: Code
    week: Week
    decisions: int = Field(ge=0, le=1_000_000)


@office_fact("organisation.changed")
class OrganisationChanged(Facts):
    """A new version of the organisation file took effect."""

    version: Code
    valid_from: date
