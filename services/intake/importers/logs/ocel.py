"""Reads OCEL 2.0, the format of logs whose events are about several things, as JSON.

Source: OCEL 2.0 specification, JSON format (section 8.2). An event is read as XES has it, so that
one mapping reads both: its type as `concept:name`, its time as `time:timestamp`, each attribute by
its name, and each thing that it is related to by the qualifier. The thing that is its `case`
stands in `case:concept:name`.
"""

from collections.abc import Iterator
from typing import BinaryIO

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.json_stream import JsonStream
from services.intake.importers.logs.log_event import CASE_PREFIX, LogEvent

_EVENTS = "events"
_NAMES = {"type": "concept:name", "time": "time:timestamp"}
_CASE = "case"
_NAME_OF_CASE = f"{CASE_PREFIX}concept:name"
UNREADABLE = "an event that isn't as OCEL has it"


def read_ocel(stream: BinaryIO) -> Iterator[LogEvent]:
    """Give the events in the order of the file, with the texts that the file says before them.

    Only one is in memory at a time: what things there are is passed by, events name theirs.

    Raises:
        LogBroken: It is no JSON, or no OCEL.
    """
    whole: dict[str, str] = {}
    document = JsonStream(stream)
    for name, value in document.members():
        if name == _EVENTS:
            yield _event(whole, value)
        elif isinstance(value, str) and value.isprintable():
            whole[CASE_PREFIX + name] = value
    if _EVENTS not in document.names:
        raise LogBroken(f"it is JSON, but no OCEL 2.0: it has no list of {_EVENTS}")


def _event(whole: dict[str, str], value: object) -> LogEvent:
    try:
        return LogEvent(whole | dict(_values(value)))
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError):
        return LogEvent({}, UNREADABLE)


def _values(event: object) -> Iterator[tuple[str, str]]:
    """Give what an event holds; whatever it isn't like raises as Python does."""
    if not isinstance(event, dict):
        raise TypeError
    for key, name in _NAMES.items():
        yield name, _text(event[key])
    for one in event.get("attributes") or ():
        if one["value"] is not None:
            yield _text(one["name"]), _text(one["value"])
    things: dict[str, list[str]] = {}
    for one in event.get("relationships") or ():
        qualifier = _text(one["qualifier"])
        key = one["objectId"].removeprefix(f"{qualifier}:")
        things.setdefault(qualifier, []).append(key)
    for qualifier, keys in things.items():
        yield _NAME_OF_CASE if qualifier == _CASE else qualifier, " ".join(keys)


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() if value.isascii() or value.encode():  # half a character raises
            return value
        case _:
            raise TypeError
