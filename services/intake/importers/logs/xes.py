"""Reads XES, the XML format of event logs.

Source: IEEE 1849-2016: `log` holds `trace`s (cases), these hold `event`s; values are elements with
`key` and `value`. Those of a trace should stand before its events, but some programs write them
behind. An event may also stand directly in the log; it has no case then.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.log_event import CASE_PREFIX, LogEvent

_LOG, _TRACE, _EVENT = "log", "trace", "event"
_LONGEST_TRACE = 200_000
"""The events of one trace are in memory together."""


def read_xes(stream: BinaryIO) -> Iterator[LogEvent]:
    """Give the events in the order of the file, with the values of their case.

    What has been read is removed from the tree, so memory doesn't grow with the file.
    Nothing is fetched, and a file that declares entities is refused.

    Raises:
        LogBroken: The XML is not well-formed, declares a document type or is no XES.
    """
    parser = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=tuple(f"{{*}}{name}" for name in (_LOG, _TRACE, _EVENT)),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _events(parser)
    except etree.XMLSyntaxError as error:
        raise LogBroken(f"the XML is broken ({error.msg})") from None
    if parser.root is None or _name(parser.root) != _LOG:
        raise LogBroken("it is XML, but no XES: the outermost element is not <log>")


def _events(parser: "etree.iterparse[tuple[str, etree._Element]]") -> Iterator[LogEvent]:
    """Give the events of a case when it has ended, for its values may stand behind them."""
    waiting: list[dict[str, str]] = []
    for action, element in parser:
        name = _name(element)
        if action == "start":
            _refuse_document_type(element)
        elif name == _EVENT and _is_in_a_trace(element):
            if len(waiting) == _LONGEST_TRACE:
                raise LogBroken(f"a trace has more than {_LONGEST_TRACE:,} events")
            waiting.append(_values(element))
            _forget_the_one_before(element)
        else:
            case = {CASE_PREFIX + key: value for key, value in _values(element).items()}
            yield from (LogEvent({**case, **values}) for values in waiting)
            waiting.clear()
            if name == _EVENT:
                yield LogEvent(_values(element))
            _forget(element)


def _is_in_a_trace(event: "etree._Element") -> bool:
    parent = event.getparent()
    return parent is not None and _name(parent) == _TRACE


def _values(element: "etree._Element") -> dict[str, str]:
    values = {}
    for child in element:
        key, value = child.get("key"), child.get("value")
        if key is not None and value is not None:
            values[key] = value
    return values


def _forget(element: "etree._Element") -> None:
    """Empty an element and remove all that stands before it in its parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _forget_the_one_before(event: "etree._Element") -> None:
    """Empty an event and remove the one before it, but not what its trace says of itself."""
    event.clear()
    before = event.getprevious()
    if before is not None and _name(before) == _EVENT:
        parent = event.getparent()
        assert parent is not None
        parent.remove(before)


def _refuse_document_type(element: "etree._Element") -> None:
    if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
        raise LogBroken("it declares a document type, which XES doesn't have and we don't trust")


def _name(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]
