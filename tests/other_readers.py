"""Event logs as two other programs read them, r4pm and rustxes: each event with each value."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import r4pm
import r4pm.df
import rustxes
from r4pm import bindings

from services.controlling.event_log.attributes import as_text, attributes
from shared.events.event import Event
from shared.events.registry import NAMESPACE, SubjectKind

_MOMENT = re.compile(r"[0-9-]{10}[T ][0-9]{2}:")
MIXED = {"due"}
"""A moment in some events and a day in others: what reads a log as a table has a text then."""
THINGS = {
    "decision_id": "",
    "appointment_id": "",
    "submission_id": "",
    "unit": "unit:",
    "office": "office:",
    "service_key": "service_key:",
    "line": "line:",
}
"""What OCEL tells by relations, and what stands before its key."""


class Read(NamedTuple):
    """An event, with its values as pairs and what it is related to."""

    what: str
    at: datetime
    told: frozenset[tuple[str, object]]
    related: frozenset[tuple[str, str]] = frozenset()


Cases = Mapping[str, list[Read]]


def xes_by_r4pm(path: Path) -> Cases:
    frame, _ = r4pm.df.import_xes(str(path))
    return _cases(frame.iter_rows(named=True))


def xes_by_rustxes(path: Path) -> Cases:
    frame, _ = rustxes.import_xes(str(path))
    return _cases(frame.iter_rows(named=True))


def ocel_by_r4pm(path: Path) -> Counter[Read]:
    read = bindings.slim_link_ocel(r4pm.import_item("OCEL", str(path)))
    return Counter(
        Read(
            one["type"],
            datetime.fromisoformat(one["time"]),
            _texts((part["name"], part["value"]) for part in one["attributes"] or ()),
            frozenset((part["qualifier"], part["objectId"]) for part in one["relationships"] or ()),
        )
        for one in (
            bindings.locel_get_full_ev(read, number) for number in range(bindings.num_events(read))
        )
    )


def ocel_by_rustxes(path: Path) -> Counter[Read]:
    read = rustxes.import_ocel_json(str(path))
    related: dict[str, set[tuple[str, str]]] = {}
    for one in read["relations"].iter_rows(named=True):
        whose = related.setdefault(one["ocel:eid"], set())
        whose.add((one["ocel:qualifier"], one["ocel:oid"]))
    return Counter(
        Read(
            one.pop("ocel:activity"),
            _utc(one.pop("ocel:timestamp")),
            related=frozenset(related[one.pop("ocel:eid")]),
            told=_texts(one.items()),
        )
        for one in read["events"].iter_rows(named=True)
    )


XES: Mapping[str, Callable[[Path], Cases]] = {"r4pm": xes_by_r4pm, "rustxes": xes_by_rustxes}
OCEL: Mapping[str, Callable[[Path], Counter[Read]]] = {
    "r4pm": ocel_by_r4pm,
    "rustxes": ocel_by_rustxes,
}


def in_xes(events: Iterable[Event]) -> Cases:
    """Give what a reader of XES must find, case by case in the order of the events."""
    cases: dict[str, list[Read]] = {}
    for one in events:
        told = _typed(attributes(one.data))
        cases.setdefault(one.subject, []).append(Read(_what(one), _utc(one.time), told))
    return cases


def in_ocel(events: Iterable[Event]) -> Counter[Read]:
    """Give what a reader of OCEL must find."""
    return Counter(
        Read(
            _what(one),
            _utc(one.time),
            _texts(pair for pair in attributes(one.data) if pair[0] not in THINGS),
            frozenset(_related(one)),
        )
        for one in events
    )


def _related(event: Event) -> Iterator[tuple[str, str]]:
    named = {name: value for name, value in event.data if name in THINGS and value is not None}
    for name, value in named.items():
        yield name, f"{THINGS[name]}{value}"
    if event.type.subject is SubjectKind.CASE:
        yield "case", event.subject
    elif event.subject not in named.values():
        yield "office", f"office:{event.subject}"


def _cases(rows: Iterable[dict[str, Any]]) -> Cases:
    cases: dict[str, list[Read]] = {}
    for one in rows:
        case = cases.setdefault(one.pop("case:concept:name"), [])
        assert one.pop("case:catalogue") == "gleichfall.v1"
        what, at = one.pop("concept:name"), _utc(one.pop("time:timestamp"))
        case.append(Read(what, at, _typed(one.items())))
    return cases


def _what(event: Event) -> str:
    return event.data.event_type.removeprefix(f"{NAMESPACE}.").removesuffix(".v1")


def _utc(value: Any) -> Any:
    """Tell a moment in UTC; tables have it without a zone."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _typed(told: Iterable[tuple[str, Any]]) -> frozenset[tuple[str, object]]:
    """Tell values as what they are; true is 1 for Python, so each is told with its type."""
    return frozenset(
        (name, _text(value) if name in MIXED else (type(value).__name__, _utc(value)))
        for name, value in told
        if value is not None
    )


def _texts(told: Iterable[tuple[str, Any]]) -> frozenset[tuple[str, object]]:
    """Tell values as texts, which they are in OCEL; moments alike in whatever zone."""
    return frozenset((name, _text(value)) for name, value in told if value is not None)


def _text(value: Any) -> str:
    text = as_text(value).strip('"')
    return as_text(_utc(datetime.fromisoformat(text))) if _MOMENT.match(text) else text
