"""Writes cases as XES, the XML format of event logs. Pure.

Source: IEEE 1849-2016 and its XML schema: extensions, globals and classifiers stand before the
traces, keys are XML names, and `xes.version` is a decimal number.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import quoteattr

from services.controlling.event_log.attributes import (
    CATALOGUE,
    Value,
    activity,
    as_text,
    attributes,
)
from services.controlling.event_log.trace import Trace
from shared.events.event import Event

HEAD = b"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/>\
<date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
<classifier name="Activity" scope="event" keys="concept:name"/>
"""
FOOT = b"</log>\n"
_TYPES = ((bool, "boolean"), (int, "int"), (float, "float"), (datetime, "date"))
_TEXT = "string"
_NO_NAME = str.maketrans("/()", "___")
"""What a key of ours may hold and the name of an XML attribute may not."""


def written(one: Trace) -> bytes:
    """Write a case."""
    return "".join(_trace(one)).encode()


def _trace(one: Trace) -> Iterator[str]:
    yield f"<trace>{_texts((('concept:name', one.case), ('catalogue', CATALOGUE)))}\n"
    for event in one.events:
        yield f"<event>{_texts(_told(event))}</event>\n"
    yield "</trace>\n"


def _told(event: Event) -> Iterator[tuple[str, Value]]:
    yield "concept:name", activity(event.data)
    yield "time:timestamp", event.time
    yield from attributes(event.data)


def _texts(told: Iterable[tuple[str, Value]]) -> str:
    return "".join(_element(key, value) for key, value in told)


def _element(key: str, value: Value) -> str:
    tag = next((name for kind, name in _TYPES if isinstance(value, kind)), _TEXT)
    return f'<{tag} key="{key.translate(_NO_NAME)}" value={quoteattr(as_text(value))}/>'
