"""The events of one case as a file of JSON lines."""

from collections.abc import Iterable

from shared.errors import PermanentError
from shared.events.errors import EventError
from shared.events.event import Event, decode
from shared.events.json_format import from_document, parse_document


class CaseLineInvalid(PermanentError):
    """A line isn't an event of the catalogue."""

    def __init__(self, name: str, line: int, error: EventError) -> None:
        super().__init__(f"{name}, line {line}: {error}; write one CloudEvent as JSON on each line")


class CasesMixed(PermanentError):
    """The lines tell of more than one case."""

    def __init__(self, name: str, line: int, first: str, other: str) -> None:
        super().__init__(
            f"{name}, line {line}: is of {other}, the lines before of {first}; bring one case"
        )


def read_case(name: str, lines: Iterable[bytes]) -> list[Event]:
    """Read the events of one case; blank lines are left out.

    Args:
        name: What to call the file when something is wrong.
        lines: A CloudEvent each, in the JSON format.

    Raises:
        CaseLineInvalid: A line can't be read.
        CasesMixed: A line belongs to another case.
    """
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = decode(from_document(parse_document(line)))
        except EventError as error:
            raise CaseLineInvalid(name, number, error) from None
        if events and event.subject != events[0].subject:
            raise CasesMixed(name, number, events[0].subject, event.subject)
        events.append(event)
    return events
