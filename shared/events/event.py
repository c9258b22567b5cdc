"""A typed event: the envelope's attributes beside validated facts."""

import re
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import uuid_utils
from pydantic import ValidationError

import shared.events.catalogue  # noqa: F401 - fills the registry
from shared.events.envelope import JSON, CloudEvent, is_json
from shared.events.errors import Defect, EventError, FieldError, field_errors
from shared.events.registry import CATALOGUE, EventType, Facts, SubjectKind

_CASE_SUBJECT = re.compile(r"case-[a-z2-7]{26}")
_CODE_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}")
_BIGINT_DIGITS = 18
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
SUBJECT_PATTERNS = {
    SubjectKind.CASE: _CASE_SUBJECT,
    SubjectKind.OFFICE: _CODE_SUBJECT,
    SubjectKind.REVIEW: _CODE_SUBJECT,
}
_PSEUDONYM_FIELDS = frozenset({
    "subject", "decider", "co_signer", "contact_ref", "case_ref", "decision_id", "appointment_id",
    "submission_id",
})  # fmt: skip
Unknown = Literal["forbid", "ignore"]


class Event(NamedTuple):
    """One fact about one subject; a tuple for speed, like the envelope.

    `time` is when it happened in the world. `sequence` counts the subject's events from 1; it is
    0 until the outbox has numbered the event.
    """

    id: str
    source: str
    subject: str
    time: datetime
    data: Facts
    sequence: int = 0
    traceparent: str | None = None

    @property
    def type(self) -> EventType:
        """The catalogue's entry for this event."""
        return CATALOGUE[self.data.event_type]


def new_event(
    source: str, subject: str, data: Facts, *, time: datetime, traceparent: str | None = None
) -> Event:
    """Make an event of our own, with a UUIDv7 as its id."""
    return Event(str(uuid_utils.uuid7()), source, subject, time, data, traceparent=traceparent)


def decode(envelope: CloudEvent, *, unknown: Unknown = "ignore") -> Event:
    """Validate an envelope against the catalogue.

    Args:
        envelope: The event as it travelled.
        unknown: What to do with fields the model doesn't know: the door forbids them (they could
            carry personal data), consumers ignore them (a newer producer may send them).

    Raises:
        EventError: unknown type, wrong subject, bad sequence, invalid data.
    """
    entry = CATALOGUE.get(envelope.type)
    if entry is None:
        raise EventError(
            Defect.TYPE_UNKNOWN, FieldError("type", "is not in the catalogue of events")
        )
    if envelope.subject is None or not SUBJECT_PATTERNS[entry.subject].fullmatch(envelope.subject):
        raise _bad_subject(entry)
    if envelope.time is None:
        raise EventError(Defect.ATTRIBUTE_MISSING, FieldError("time", "is required"))
    if envelope.data is None or not envelope.data:
        raise EventError(Defect.BODY_EMPTY, FieldError("data", "is empty"))
    if envelope.datacontenttype != JSON and not is_json(envelope.datacontenttype):
        raise EventError(Defect.ATTRIBUTE_INVALID, FieldError("datacontenttype", f"must be {JSON}"))
    try:
        data = entry.read(envelope.data, strict=True, extra=unknown)
    except ValidationError as error:
        raise invalid_data(error, entry.model) from None
    return Event(
        envelope.id,
        envelope.source,
        envelope.subject,
        envelope.time,
        data,
        _sequence(envelope.extensions.get("sequence")),
        _traceparent(envelope.extensions.get("traceparent")),
    )


def encode(event: Event) -> CloudEvent:
    """Put a typed event back into an envelope, ready for either binding."""
    extensions = {"partitionkey": event.subject}
    if event.sequence:
        extensions["sequence"] = str(event.sequence)
    if event.traceparent is not None:
        extensions["traceparent"] = event.traceparent
    return CloudEvent(
        id=event.id,
        source=event.source,
        type=event.data.event_type,
        subject=event.subject,
        time=event.time.astimezone(UTC),
        datacontenttype=JSON,
        data=event.data.model_dump_json(exclude_none=True).encode(),
        extensions=extensions,
    )


def invalid_data(error: ValidationError, model: type[Facts]) -> EventError:
    """Translate pydantic's findings; the offending values stay out of the message."""
    known = {"data", *model.model_fields}
    return EventError(_defect(error), *field_errors(error, "data", known=known))


def _defect(error: ValidationError) -> Defect:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    no_pseudonyms = (one for one in found if one["type"] == "string_pattern_mismatch")
    if any(_PSEUDONYM_FIELDS.intersection(one["loc"][:1]) for one in no_pseudonyms):
        return Defect.PERSONAL_DATA
    if any(one["type"] == "json_invalid" for one in found):
        return Defect.BODY_NOT_JSON
    return Defect.DATA_INVALID


def _bad_subject(entry: EventType) -> EventError:
    if entry.subject in (SubjectKind.OFFICE, SubjectKind.REVIEW):
        return EventError(Defect.SUBJECT_INVALID, FieldError("subject", "must be a key"))
    return EventError(
        Defect.PERSONAL_DATA,
        FieldError("subject", f"must be a pseudonym: {entry.subject.value}-<26 of a-z2-7>"),
    )


def _sequence(text: str | None) -> int:
    if text is None:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= _BIGINT_DIGITS and text[0] != "0":
        return int(text)
    raise EventError(
        Defect.ATTRIBUTE_INVALID, FieldError("sequence", "must be a whole number from 1")
    )


def _traceparent(text: str | None) -> str | None:
    """Drop what isn't a W3C trace context: it is no reason to refuse (Trace Context § 3.2.1)."""
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None
