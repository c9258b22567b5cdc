"""When a message is tried again, and when it is given up. Pure: time and chance are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from services.notify.lanes import Lane
from services.notify.sending.chance import Purpose, chance
from shared.events.vocabulary import FailureReason

_MOST_DOUBLINGS = 64


@dataclass(frozen=True, slots=True)
class BackOff:
    """Pauses that grow.

    Attributes:
        first: The longest pause after the first attempt.
        longest: No pause is longer.
        base: How many times longer each pause is than the one before.
    """

    first: timedelta
    longest: timedelta
    base: int = 2

    def ceiling(self, attempt: int) -> timedelta:
        """Give the longest pause after an attempt; attempts count from 1."""
        growth: int = self.base ** min(attempt - 1, _MOST_DOUBLINGS)
        if growth > self.longest // self.first:
            return self.longest
        return self.first * growth


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how often a message is tried.

    Attributes:
        back_off: The pauses between attempts.
        give_up_after: Counted from when the message was planned.
    """

    back_off: BackOff
    give_up_after: timedelta


SCHEDULES: Mapping[Lane, Schedule] = MappingProxyType(
    {
        # Half a day: then there is still time for another way, or for a call.
        Lane.URGENT: Schedule(
            BackOff(timedelta(seconds=5), timedelta(minutes=5)), timedelta(hours=12)
        ),
        # RFC 5321, 4.5.4.1: a sender tries for at least 4 to 5 days.
        Lane.BULK: Schedule(BackOff(timedelta(seconds=30), timedelta(hours=1)), timedelta(days=4)),
    }
)


def next_attempt(
    message: UUID,
    number: int,
    schedule: Schedule,
    now: datetime,
    *,
    planned_at: datetime,
    expires_at: datetime | None,
) -> datetime | FailureReason:
    """Decide when to try again after an attempt that may succeed later.

    The pause is drawn evenly from nothing up to its ceiling ("full jitter"), so that messages
    deferred together don't return together. It never reaches beyond the end, so that no message is
    given up while there is time for another try.

    Args:
        message: Its id; the pause is a function of it and of `number`.
        number: The attempt that was made, from 1.
        schedule: Of the message's lane.
        now: When the attempt ended.
        planned_at: When the message was planned.
        expires_at: From when on it is of no use.

    Returns:
        The moment of the next attempt. Otherwise why there is none: `TOO_LATE`, and the message is
        expired, or `PROVIDER_UNREACHABLE`, and it failed.
    """
    given_up_at = planned_at + schedule.give_up_after
    end = given_up_at if expires_at is None else min(given_up_at, expires_at)
    left = end - now
    if left < schedule.back_off.first:
        return _reason(given_up_at, expires_at)
    ceiling = min(schedule.back_off.ceiling(number), left)
    return now + ceiling * chance(Purpose.PAUSE, message, number)


def _reason(given_up_at: datetime, expires_at: datetime | None) -> FailureReason:
    if expires_at is not None and expires_at <= given_up_at:
        return FailureReason.TOO_LATE
    return FailureReason.PROVIDER_UNREACHABLE
