"""The words events are made of: pseudonyms, codes and closed vocabularies.

Every string in an event is one of these types. None is meant for a name, an address, a birth
date or free text. Pseudonyms and closed lists can't hold one; codes and citations are held to a
pattern only, which a name can be made to fit.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

_PSEUDONYM_TAIL = "-[a-z2-7]{26}$"

CaseRef = Annotated[
    str,
    StringConstraints(pattern=f"^case{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of the case.", examples=["case-" + "a" * 26]),
]
ContactRef = Annotated[
    str,
    StringConstraints(pattern=f"^contact{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of a recipient; the address lives in notify only."),
]
DeciderRef = Annotated[
    str,
    StringConstraints(pattern=f"^decider{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of the deciding officer; rotates every quarter."),
]
DecisionId = Annotated[
    str,
    StringConstraints(pattern=f"^decision{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of one decision."),
]
AppointmentId = Annotated[
    str,
    StringConstraints(pattern=f"^appointment{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of one appointment."),
]
SubmissionId = Annotated[
    str,
    StringConstraints(pattern=f"^submission{_PSEUDONYM_TAIL}"),
    Field(description="Keyed pseudonym of what was handed in online."),
]
DeadLetterId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Field(description="What `gleichfall dead-letters show` shows the record by."),
]
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}$"),
    Field(description="A key without spaces, meant to be one of a configured list."),
]
WitnessValue = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-z]{20,200}$"),
    Field(
        description="What chance gave, without blanks, in small letters.",
        examples=["35126416235152364423"],
    ),
]
StratumKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,511}$"),
    Field(description="Group, direction and unit; in brackets what else a policy adds."),
]
LegalBasis = Annotated[
    str,
    StringConstraints(pattern=r"^(§{1,2} |Art\. )[0-9A-Za-zÄÖÜäöüß .,()/§-]{1,80}$"),
    Field(description="A citation.", examples=["§ 18g AufenthG"]),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"),
    Field(description="BCP 47 language tag.", examples=["de", "uk"]),
]


_MOMENT = TypeAdapter(AwareDatetime)


def _no_seconds(value: object) -> object:
    """Refuse a number in quotation marks: pydantic takes it for seconds since 1970."""
    if not isinstance(value, str):
        return value
    try:
        if ":" in value:
            return _MOMENT.validate_python(value)
    except ValidationError:
        pass  # its words say neither what is wrong with it nor what is asked for
    raise ValueError("must be a point in time with an offset from UTC, as RFC 3339 writes it")


Timestamp = Annotated[
    AwareDatetime,
    Field(description="RFC 3339 point in time with an offset from UTC."),
    BeforeValidator(_no_seconds),
]
Week = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$"),
    Field(description="A week from Monday to Sunday (ISO 8601).", examples=["2026-W19"]),
]
Digest = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="SHA-256, lower-case hexadecimal."),
]
Probability = Annotated[float, Field(ge=0, le=1)]
Ticket = Annotated[
    str,
    StringConstraints(pattern=r"^0\.[0-9]{1,90}$"),
    Field(description="Decimal fraction of Rivest's consistent sampler, as a string."),
]
FeatureValue = bool | int | Code


class IntakeChannel(StrEnum):
    """How an application reached the authority."""

    ONLINE = "online"
    POST = "post"
    COUNTER = "counter"
    EMAIL = "email"
    OTHER = "other"


class ClockKind(StrEnum):
    """Which time limit runs for a case."""

    INACTION = "inaction"
    COURT_ORDER = "court-order"
    RESIDENCE_CARD = "residence-card"
    PROVISIONAL_PAPER = "provisional-paper"
    SUBMISSION_REMINDER = "submission-reminder"
    SUBMISSION_REJECTION = "submission-rejection"


class CounterAlarm(StrEnum):
    """What is wrong with an emergency counter."""

    MISSING = "missing"
    OVERBOOKED = "overbooked"


class Direction(StrEnum):
    """What a decision means for the applicant."""

    FAVOURABLE = "favourable"
    ADVERSE = "adverse"
    NEUTRAL = "neutral"


class LateReason(StrEnum):
    """Why a decision is told long after its day."""

    BACKLOG = "backlog"
    """It lay unentered."""
    OUTAGE = "outage"
    """A system, or the way here, was away."""
    TRANSFERRED = "transferred"
    """The case came from another authority."""
    HISTORY = "history"
    """A log of the past is brought in."""
    CORRECTED = "corrected"
    """It was entered wrongly before."""


class AppealOutcome(StrEnum):
    """How an appeal (Widerspruch) or a court action (Klage) ended."""

    UPHELD = "upheld"
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


class CallOutcome(StrEnum):
    """What became of a call-back."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"


class CallTopic(StrEnum):
    """What a call was about."""

    CASE_STATE = "case-state"
    """How far the caller's case is: what they needn't ask where they are told."""
    APPOINTMENT = "appointment"
    DOCUMENTS = "documents"
    OTHER = "other"


class Misdirection(StrEnum):
    """Why somebody who came had to be sent on."""

    WRONG_COUNTER = "wrong-counter"
    """Another counter, office or authority was theirs."""
    WRONG_CHANNEL = "wrong-channel"
    """They needn't have come: it goes online, by post or by telephone alone."""


class Channel(StrEnum):
    """The way a message takes to its recipient."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    MAILBOX = "mailbox"


class DrawReason(StrEnum):
    """Why a decision is reviewed. Only `RANDOM` and `TOP_UP` enter estimates."""

    RANDOM = "random"
    TOP_UP = "top_up"
    LATE = "late"
    APPEAL = "appeal"
    APPEAL_LOST = "appeal_lost"
    COURT = "court"
    INACTION = "inaction"
    CHECK_FAILED = "check_failed"
    LAW_CHANGED = "law_changed"
    TWIN = "twin"


class WitnessRole(StrEnum):
    """Who watches how a second source of chance comes about; nobody who holds a seed's key."""

    STAFF_COUNCIL = "staff_council"
    AUDITOR = "auditor"
    DATA_PROTECTION = "data_protection"
    PUBLIC = "public"


class FileVerdict(StrEnum):
    """Overall verdict on a reviewed decision (NKU's three grades and BAM's fourth)."""

    CORRECT = "correct"
    DISPUTABLE = "disputable"
    WRONG = "wrong"
    WRONG_LEGAL_GROUND = "wrong_legal_ground"


class Grade(StrEnum):
    """How a decision meets one criterion (EUAA's four grades)."""

    CORRECT = "correct"
    MINOR = "minor_error"
    SIGNIFICANT = "significant_error"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """Weight of a finding (EUAA's grades)."""

    MINOR = "minor_error"
    SIGNIFICANT = "significant_error"


class FailureReason(StrEnum):
    """Why a message ended without delivery."""

    NO_CONTACT = "no_contact"
    NO_CHANNEL = "no_channel"
    NOT_WRITTEN = "not_written"
    ADDRESS_REFUSED = "address_refused"
    CONTENT_REFUSED = "content_refused"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    UNDELIVERABLE = "undeliverable"
    NO_RECEIPT = "no_receipt"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CASE_CLOSED = "case_closed"
    REPLACED = "replaced"
    ARRIVED_BEFORE = "arrived_before"
    TOO_LATE = "too_late"
    NOT_LISTED = "not_listed"
    CONTACT_ERASED = "contact_erased"
    STOPPED = "stopped"
