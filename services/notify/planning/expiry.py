"""Until when a message is of use, and when one leaves that time asks for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Self

from services.notify.messages.description import Description
from shared.events.event import Event
from shared.events.vocabulary import Channel
from shared.law.time_limits import INACTION, TimeLimits
from shared.organisation.calendar import Calendar

MORNING = time(9)
"""When messages leave that time asks for, where the authority is."""


TRAVEL: Mapping[Channel, timedelta] = MappingProxyType(
    {
        Channel.EMAIL: timedelta(),
        Channel.SMS: timedelta(),
        Channel.MAILBOX: timedelta(),
        # § 41(2) VwVfG takes a letter to arrive on the fourth day.
        Channel.LETTER: timedelta(days=4),
    }
)
"""How long a message is on its way: one that would arrive too late isn't sent."""


@dataclass(frozen=True, slots=True)
class Times:
    """What the times of messages depend on.

    Attributes:
        calendar: The authority's: a day that is the last one ends where the authority is.
        limits: The law's.
        tell_history: Whether also that is told which is no news any more.
        patience: How long a message waits for contact data that come after its cause.
    """

    calendar: Calendar
    limits: TimeLimits
    tell_history: bool = False
    patience: timedelta = timedelta()

    @classmethod
    def of(
        cls,
        calendar: Calendar,
        *,
        tell_history: bool = False,
        patience: timedelta = timedelta(),
    ) -> Self:
        """Give the times of an authority under the law that comes with the system."""
        return cls(calendar, TimeLimits.load(), tell_history, patience)

    def expires_at(self, kind: Description, cause: Event) -> datetime | None:
        """Give the moment from which on a message must not leave; None if there is none."""
        if kind.of_use_until is None:
            return None
        end = self._end(kind.of_use_until, cause)
        if end is None or isinstance(end, datetime):
            return end
        return self.calendar.moment(end + timedelta(days=1), time())

    def leaves_at(self, kind: Description, cause: Event, channel: Channel) -> datetime | None:
        """Give the moment that a message waits for; None for one that leaves at once.

        It is a morning on which somebody answers, and as much earlier as the way takes.
        """
        if kind.leaves is None:
            return None
        end = self._end(kind.leaves.before, cause)
        if end is None:
            return None
        day = self.calendar.day_of(end) if isinstance(end, datetime) else end
        day -= TRAVEL[channel]
        if kind.leaves.working_days is not None:
            day = self.calendar.working_days_before(day, kind.leaves.working_days)
        else:
            day = self.calendar.on_or_before(day - timedelta(days=kind.leaves.days or 0))
        return self.calendar.moment(day, MORNING)

    def waits_until(self, now: datetime, expires_at: datetime | None) -> datetime:
        """Give until when a message waits for contact data, so that a person can still act."""
        patience = self.patience
        if expires_at is not None:
            patience = max(timedelta(), min(patience, (expires_at - now) / 2))
        return now + patience

    def _end(self, name: str, cause: Event) -> date | datetime | None:
        """Give a time that the cause names, or the last day that the law gives for deciding."""
        if name == INACTION:
            return self.limits.last_day(INACTION, self.calendar.day_of(cause.time))
        end: date | datetime | None = getattr(cause.data, name)
        return end
