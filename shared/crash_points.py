"""Named places at which a test ends a process as a power cut would: no `finally`, no goodbye.

`GLEICHFALL_CRASH_AT=after_commit:3` in the environment ends the process at the third pass of that
place. Without it every place is an empty function; none is passed per event, only per batch.
"""

import os
from collections.abc import Callable
from enum import StrEnum
from itertools import count

from shared.errors import PermanentError

VARIABLE = "GLEICHFALL_CRASH_AT"
EXIT_CODE = 137
"""What a shell says of a process that was killed (128 + SIGKILL)."""


class CrashPoint(StrEnum):
    """Where a crash would hurt most: between two steps that only together are right."""

    AFTER_POLL = "after_poll"
    AFTER_INBOX = "after_inbox"
    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    AFTER_OFFSETS = "after_offsets"
    DEAD_LETTER = "dead_letter"
    RELAY_AFTER_SEND = "relay_after_send"
    RELAY_AFTER_ACK = "relay_after_ack"
    RELAY_BEFORE_DELETE = "relay_before_delete"
    MIGRATION = "migration"


class CrashOrderInvalid(PermanentError):
    """The variable names no place or no number."""

    def __init__(self, order: str) -> None:
        super().__init__(
            f"{VARIABLE}={order!r} is not NAME:K with K from 1 and NAME one of "
            f"{', '.join(CrashPoint)}; outside tests it must not be set at all"
        )


def armed(order: str | None) -> Callable[[CrashPoint], None]:
    """Give what every place calls.

    Args:
        order: `NAME:K`, or nothing to crash nowhere.

    Raises:
        CrashOrderInvalid: the order can't be understood.
    """
    if not order:
        return _pass_by
    name, _, number = order.partition(":")
    if name not in list(CrashPoint) or not number.isdecimal() or int(number) == 0:
        raise CrashOrderInvalid(order)
    passes = count(1)

    def crash(point: CrashPoint) -> None:
        if point == name and next(passes) == int(number):
            os._exit(EXIT_CODE)

    return crash


def _pass_by(_: CrashPoint) -> None:
    """Go on."""


crash_point = armed(os.environ.get(VARIABLE))
