"""When a message may wake somebody. Pure: the calendar and the time are given.

A phone makes a sound, an inbox doesn't: only SMS keep quiet hours, of whatever lane, unless their
description says why they may wake somebody.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count

from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar
from shared.organisation.model import Span

AWAKE = Span(time(8), time(20))
"""The part of every other day that isn't quiet, in local time."""
_SUNDAY = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nights, Sundays, public holidays and the authority's closing days.

    Attributes:
        calendar: The authority's.
    """

    calendar: Calendar

    def are_at(self, moment: datetime) -> bool:
        """Whether it is quiet at `moment`."""
        local = moment.astimezone(self.calendar.zone)
        if local.weekday() == _SUNDAY or self.calendar.is_day_off(local.date()):
            return True
        return not AWAKE.start <= local.time() < AWAKE.end

    def end_after(self, moment: datetime) -> datetime:
        """Give the first moment from `moment` on that isn't quiet."""
        if not self.are_at(moment):
            return moment
        today = self.calendar.day_of(moment)
        mornings = (self.calendar.moment(today + one * _DAY, AWAKE.start) for one in count())
        return next(one for one in mornings if one >= moment and not self.are_at(one))


def leaves_at(
    moment: datetime, channel: Channel, quiet: QuietHours, *, wakes: bool = False
) -> datetime:
    """Give the first moment from `moment` on at which a message may leave."""
    if channel is not Channel.SMS or wakes:
        return moment
    return quiet.end_after(moment)
