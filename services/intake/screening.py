"""Who may bring which events through the door; pure rules, no I/O."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic_core import from_json

from services.intake import plausibility
from services.intake.fingerprint import as_meant, fingerprint, fingerprint_of_writing
from services.intake.keys import Keys, Unlisted
from services.intake.plausibility import Reach, Span
from services.intake.systems import fact_of
from shared.events.catalogue.case import DecisionMade, EventDiscarded
from shared.events.catalogue.office import DecisionsCounted
from shared.events.envelope import CloudEvent
from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event, decode
from shared.events.json_format import from_document
from shared.events.registry import CATALOGUE, EventType, Facts, Topic
from shared.security.identity import SourceSystem
from shared.security.references import REFERENCE, is_reference

LONGEST_NAME = 256
"""Characters of an `id` or a `source`: both must fit into one index entry of the ledger."""

_MOST_ATTRIBUTES = 50
# The largest list of the catalogue has 200.
_MOST_VALUES = 300

_FROM_OUTSIDE = frozenset({Topic.CASE_EVENTS, Topic.OFFICE_EVENTS})


class Candidate(NamedTuple):
    """An event that passed every rule that needs no memory.

    `place` is where it stood in the request, from 0, and `written` what stood there. A tuple,
    because every event becomes one.
    `unlisted` are keys of its own that its source may bring; `overdue` is a decision of long ago
    that doesn't say why it is told now: taken only if it is known already.
    """

    place: int
    event: Event
    fingerprint: bytes
    written: object = None
    unlisted: tuple[Unlisted, ...] = ()
    overdue: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What an event is known by: source and id."""
        return self.event.source, self.event.id

    def means(self, known: bytes) -> bool:
        """Whether it says what an event in the ledger says, also of an earlier release."""
        if self.fingerprint == known:
            return True
        data = _data(self.written)
        return data is not None and fingerprint_of_writing(self.event, data) == known


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that was not taken, and why; never with a value of its data."""

    place: int
    id: str | None
    source: str | None
    defect: Defect
    fields: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door asks of an event beyond the catalogue."""

    system: SourceSystem
    now: datetime
    future_tolerance: timedelta
    reach: Reach
    keys: Keys


def screen(
    documents: Sequence[object], rules: Rules, traceparent: str | None = None, *, first: int = 0
) -> tuple[list[Candidate], list[Refusal]]:
    """Separate the events that may enter from those that may not.

    Args:
        documents: Events as parsed documents of the JSON format.
        rules: The rules of this request.
        traceparent: Trace context of the request, for events that bring none.
        first: The place in the request of the first of them.
    """
    candidates: list[Candidate] = []
    refusals: list[Refusal] = []
    span = Span.at(rules.now, rules.reach)
    for index, document in enumerate(documents, first):
        try:
            _check_extent(document)
            envelope = from_document(document)
            _check_envelope(envelope, rules, span)
            _check_values(envelope.data)
            event = decode(as_meant(envelope), unknown="forbid")
            if rules.system.units is not None:
                _check_unit(event.data, rules.system)
            plausibility.check(event.data, span)
            unlisted = rules.keys.unlisted(event, free=rules.system.is_free(event.source))
        except EventError as error:
            refusals.append(_refusal(index, document, error))
            continue
        if event.traceparent is None:
            event = event._replace(traceparent=traceparent)
        overdue = type(event.data) is DecisionMade and _is_overdue(event, event.data, rules)
        print_ = fingerprint(event)
        candidates.append(Candidate(index, event, print_, document, unlisted, overdue))
    return candidates, refusals


def _check_extent(document: object) -> None:
    if isinstance(document, Mapping) and len(document) > _MOST_ATTRIBUTES:
        raise EventError(
            Defect.ATTRIBUTE_INVALID,
            FieldError("event", f"has more than {_MOST_ATTRIBUTES} attributes"),
        )


def _check_values(data: bytes | None) -> None:
    """Refuse what is much too much before each wrong field of it becomes an error of its own."""
    if data is not None and len(data) > _MOST_VALUES and data.count(b",") > _MOST_VALUES:
        raise EventError(
            Defect.DATA_INVALID, FieldError("data", f"holds more than {_MOST_VALUES} values")
        )


def _check_envelope(envelope: CloudEvent, rules: Rules, span: Span) -> None:
    if not rules.system.allows(envelope.source):
        raise EventError(
            Defect.SOURCE_FORBIDDEN, FieldError("source", "is not one this token may send for")
        )
    for name, value in (("id", envelope.id), ("source", envelope.source)):
        if len(value) > LONGEST_NAME:
            raise EventError(
                Defect.ATTRIBUTE_INVALID,
                FieldError(name, f"is longer than {LONGEST_NAME} characters"),
            )
    if not is_reference(envelope.id):
        raise EventError(Defect.PERSONAL_DATA, FieldError("id", REFERENCE))
    entry = CATALOGUE.get(envelope.type)
    if entry is not None:
        _check_type(entry, envelope.source, rules.system)
    if envelope.time is not None:
        _check_time(envelope.time, rules, span)


def _check_type(entry: EventType, source: str, system: SourceSystem) -> None:
    if not is_from_outside(entry):
        raise EventError(
            Defect.TYPE_NOT_ACCEPTED, FieldError("type", "is a fact that only our services state")
        )
    if not system.states(fact_of(entry.name)):
        raise EventError(
            Defect.TYPE_FORBIDDEN, FieldError("type", "is not one this system may state")
        )
    if entry.model is DecisionsCounted and source not in system.counts:
        raise EventError(
            Defect.TYPE_FORBIDDEN,
            FieldError(
                "type", "is stated of sources that count alone; this one isn't named as such"
            ),
        )


def _check_unit(data: Facts, system: SourceSystem) -> None:
    unit = getattr(data, "unit", None)
    if unit is not None and not system.speaks_of(unit):
        raise EventError(
            Defect.UNIT_FORBIDDEN, FieldError("data.unit", "is not one this system may speak of")
        )


def _check_time(time: datetime, rules: Rules, span: Span) -> None:
    if time > rules.now + rules.future_tolerance:
        raise EventError(
            Defect.TIME_IN_FUTURE, FieldError("time", "lies in the future; check the clock")
        )
    if time.date() < span.first:
        raise EventError(
            Defect.TIME_IMPLAUSIBLE,
            FieldError("time", f"lies before {span.first}; was it never set?"),
        )


def _is_overdue(event: Event, decision: DecisionMade, rules: Rules) -> bool:
    """Whether a decision should say why it is told so late, and doesn't."""
    return (
        decision.late_reason is None
        and event.time < rules.now - rules.reach.decisions_behind
        and not rules.system.brings_history(event.source)
    )


def is_from_outside(entry: EventType) -> bool:
    """Whether source systems state such facts; what is discarded, only our operators say."""
    return entry.topic in _FROM_OUTSIDE and entry.model is not EventDiscarded


def _data(document: object) -> object:
    """Give the data of an event as they were written; None if there are none to compare."""
    if not isinstance(document, Mapping):
        return None
    if "data_base64" in document:
        return from_json(b64decode(document["data_base64"]))
    return document.get("data")


def _refusal(index: int, document: object, error: EventError) -> Refusal:
    names = document if isinstance(document, Mapping) else {}
    id_, source = names.get("id"), names.get("source")
    return Refusal(
        index,
        id_ if isinstance(id_, str) and is_reference(id_) else None,
        source if isinstance(source, str) and len(source) <= LONGEST_NAME else None,
        error.defect,
        error.fields,
    )
