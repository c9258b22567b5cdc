"""What can stop an import; each message says what, where and what to do."""

from shared.errors import PermanentError

_RERUN = "What came before is done; running the command again is safe"


class LogUnusable(PermanentError):
    """The file isn't there, can't be opened or is of a kind that we don't read."""


class LogBroken(PermanentError):
    """The file can't be read beyond a certain place."""


class LogUnknown(PermanentError):
    """No mapping, or more than one, recognises the log."""


class MappingInvalid(PermanentError):
    """A mapping file says something that can't be meant; the message names the field."""


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
        super().__init__(f"interrupted. {_RERUN}")


def broken_after(path: object, events: int, reason: object) -> LogBroken:
    """Say where reading ended: the file, the events read before and what is wrong there."""
    return LogBroken(f"{path} can't be read beyond event {events:,}: {reason}. {_RERUN}")
