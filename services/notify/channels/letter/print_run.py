"""When letters go to the printer. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.organisation.calendar import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PrintRun:
    """The hand-over of a batch of letters, at one time of the day.

    Attributes:
        at: Local time; a setting, for every printer has its own.
        calendar: The authority's, for its time zone.
        runs_on: Whether there is a run on a day; `calendar.is_working_day` for most printers.
    """

    at: time
    calendar: Calendar
    runs_on: Callable[[date], bool]

    def taking(self, planned_at: datetime) -> datetime:
        """Give the run that takes a letter: the first one that isn't before it was planned."""
        day = self.calendar.day_of(planned_at)
        while not self.runs_on(day) or self.calendar.moment(day, self.at) < planned_at:
            day += _DAY
        return self.calendar.moment(day, self.at)
