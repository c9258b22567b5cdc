"""What can stop an import; each message says what, where and what to do."""

from collections.abc import Sequence
from typing import Self

from shared.errors import PermanentError


class LogUnusable(PermanentError):
    """The file isn't there, can't be opened or is of a kind that we don't read."""


class LogBroken(PermanentError):
    """The file can't be read beyond a certain place."""


class LogUnknown(PermanentError):
    """No mapping, or more than one, recognises the log."""


class MappingInvalid(PermanentError):
    """A mapping file says something that can't be meant; the message names the field."""


class MappingUnfit(PermanentError):
    """A mapping doesn't fit the log; nothing was sent."""


class DatesUnclear(PermanentError):
    """A log's days can be read in more than one way; nothing was sent."""

    @classmethod
    def order(cls, column: str, example: str, possible: Sequence[str]) -> Self:
        """No row proves how days are written."""
        ways = " or ".join(f"'dates: {order}'" for order in possible)
        return cls(
            f"{example!r} in {column} can be read in more than one way, and no row of the log "
            f"proves which. Nothing was sent. Say in the mapping, under 'log': {ways}"
        )

    @classmethod
    def contradiction(cls, column: str, one: str, other: str) -> Self:
        """Rows prove different ways."""
        return cls(
            f"{column} holds {one!r} and {other!r}, which no one way of writing days reads. "
            "Nothing was sent. Say in the mapping, under 'log', 'dates: day-first' or "
            "'dates: month-first'; rows that it doesn't read are refused"
        )

    @classmethod
    def hour(cls, column: str, example: str) -> Self:
        """The clock was put back or forward then."""
        return cls(
            f"{example!r} in {column} is in an hour that the clock has twice, or not at all. "
            "Nothing was sent. Say in the mapping 'clock_change: first' (summer time goes on) or "
            "'clock_change: second' (winter time has begun)"
        )


class OrderUnclear(PermanentError):
    """Cases of a log run backwards; nothing was sent."""


class EventsRefused(PermanentError):
    """Intake refused events that the mapping took for good."""


class MappingChanged(PermanentError):
    """Under another mapping than the last time, events say something else than what was sent."""

    def __init__(self, events: int) -> None:
        super().__init__(
            f"the mapping is another one than at the last import, and {events:,} events would say "
            "something else than when they were sent; they stand as they were sent"
        )


class ImportInterrupted(PermanentError):
    """Somebody pressed Ctrl-C."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("interrupted. What came before is done; running the command again is safe")


def broken_after(path: object, events: int, reason: object) -> LogBroken:
    """Say where reading ended: the file, the events read before and what is wrong there."""
    return LogBroken(
        f"{path} can't be read beyond event {events:,}: {reason}. Mend it and run the command "
        "again; nothing is sent twice"
    )
