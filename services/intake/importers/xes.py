"""Reads XES, the XML format of event logs.

Source: IEEE 1849-2016: `log` holds `trace`s (cases), these hold `event`s; values are elements with
`key` and `value`, and those of a trace stand before its events. An event may also stand directly
in the log; it has no case then.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from services.intake.importers.errors import LogBroken
from services.intake.importers.log_event import CASE_PREFIX, LogEvent

_LOG, _TRACE, _EVENT = "log", "trace", "event"


def read_xes(stream: BinaryIO) -> Iterator[LogEvent]:
    """Give the events in the order of the file, with the values of their case.

    What has been read is removed from the tree at once, so memory doesn't grow with the file.
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
    case: dict[str, str] | None = None
    for action, element in parser:
        name = _name(element)
        if action == "start":
            _refuse_document_type(element)
            case = None if name == _TRACE else case
            continue
        if name == _EVENT:
            parent = element.getparent()
            assert parent is not None
            if _name(parent) != _TRACE:
                case = {}
            elif case is None:
                case = {CASE_PREFIX + key: value for key, value in _values(parent).items()}
            yield LogEvent({**case, **_values(element)})
        _forget(element)


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


def _refuse_document_type(element: "etree._Element") -> None:
    if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
        raise LogBroken("it declares a document type, which XES doesn't have and we don't trust")


def _name(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]
