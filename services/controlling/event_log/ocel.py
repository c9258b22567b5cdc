"""Writes events with the things they are about: OCEL 2.0, as JSON. Pure.

Source: OCEL 2.0 specification, JSON format: `events` and `objects` name each other by
`relationships` with a qualifier; `eventTypes` and `objectTypes` declare what there is, and of which
type each attribute is; its value is a text, as the specification's schema (section 8.2) asks. They
stand behind, so that they can be written while events pass by. `catalogue`, before all, is ours.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pydantic_core import to_json

from services.controlling.event_log.attributes import (
    CATALOGUE,
    Value,
    activity,
    as_text,
    attributes,
)
from shared.events.event import Event
from shared.events.registry import SubjectKind

CASE, DECISION, APPOINTMENT, SUBMISSION = "case", "decision", "appointment", "submission"
_OFFICE = "office"
_THINGS = {
    CASE: CASE,
    "decision_id": DECISION,
    "appointment_id": APPOINTMENT,
    "submission_id": SUBMISSION,
    "unit": "unit",
    _OFFICE: _OFFICE,
    "service_key": "service",
    "line": "line",
}
"""Of which type each thing is that a field of an event names, and what it is filed under."""
_PSEUDONYMS = {CASE, DECISION, APPOINTMENT, SUBMISSION}
_OF_CASE = "of"
_TYPES = ((bool, "boolean"), (int, "integer"), (float, "float"), (datetime, "time"))
_TEXT = "string"
HEAD = b'{"catalogue":%b,' % to_json(CATALOGUE)


class Item(NamedTuple):
    """A thing of cases: a case, a decision, an appointment or a submission.

    Attributes:
        cases: Whose it is; none for a case itself.
    """

    id: str
    type: str
    cases: Collection[str]


@dataclass(slots=True)
class Ocel:
    """Writes one log; remembers what must be declared behind it: types and places, never cases."""

    _attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    _places: set[Item] = field(default_factory=set)

    def event(self, one: Event) -> bytes:
        """Write an event."""
        name = activity(one.data)
        told = dict(attributes(one.data))
        named = {key: str(told.pop(key)) for key in _THINGS if key in told}
        known = self._attributes.setdefault(name, {})
        for key, value in told.items():
            kind = _type_of(value)
            known[key] = kind if known.get(key, kind) == kind else _TEXT
        return to_json({
            "id": f"{one.subject}/{one.sequence}",
            "type": name,
            "time": one.time,
            "attributes": [
                {"name": key, "value": as_text(value)} for key, value in told.items()
            ],
            "relationships": [
                {"objectId": self._id(name, key), "qualifier": name}
                for name, key in (_whose(one, named) | named).items()
            ],
        })  # fmt: skip

    def item(self, one: Item) -> bytes:
        """Write a thing."""
        return to_json({
            "id": one.id,
            "type": one.type,
            "attributes": [],
            "relationships": [{"objectId": case, "qualifier": _OF_CASE} for case in one.cases],
        })  # fmt: skip

    def places(self) -> Iterator[bytes]:
        """Write units, offices, services and telephone lines that events have named."""
        return map(self.item, sorted(self._places))

    def types(self) -> tuple[bytes, bytes]:
        """Declare the types of events, and of things."""
        events = [
            {
                "name": name,
                "attributes": [{"name": key, "type": kind} for key, kind in sorted(known.items())],
            }
            for name, known in sorted(self._attributes.items())
        ]
        things = [{"name": kind, "attributes": []} for kind in sorted(_THINGS.values())]
        return to_json(events), to_json(things)

    def _id(self, name: str, key: str) -> str:
        """Name a thing: pseudonyms tell of what, keys of places may be the same for two kinds."""
        kind = _THINGS[name]
        if kind in _PSEUDONYMS:
            return key
        place = Item(f"{name}:{key}", kind, ())
        self._places.add(place)
        return place.id


def _whose(one: Event, named: Mapping[str, str]) -> dict[str, str]:
    """Say what an event is filed under: its case, or an office that no field of it names."""
    if one.type.subject is SubjectKind.CASE:
        return {CASE: one.subject}
    return {} if one.subject in named.values() else {_OFFICE: one.subject}


def _type_of(value: Value) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), _TEXT)
