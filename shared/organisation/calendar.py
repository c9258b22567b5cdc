"""Working days and opening hours of an authority."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from shared.organisation.model import Office, OpeningHours, Organisation, Weekday

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class OpenTime:
    """A stretch of time in which something is open, in UTC, from `start` to before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked on, and when doors are open.

    Working days are Monday to Friday without the public holidays of `region` (ISO 3166) and
    without the authority's own closing days (month and day, `MM-DD`).
    """

    region: str
    zone: ZoneInfo
    closing_days: frozenset[str] = frozenset()

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Give the calendar that the organisation file describes."""
        place = organisation.jurisdiction
        return cls(place.holidays, place.time_zone, frozenset(place.closing_days))

    def is_working_day(self, day: date) -> bool:
        """Whether the authority works on `day`."""
        return day.weekday() < _SATURDAY and not self.is_day_off(day)

    def is_day_off(self, day: date) -> bool:
        """Whether `day` is a public holiday or a closing day, whatever the day of the week."""
        return day in _closed_days(self.region, self.closing_days, day.year)

    def working_days(self, start: date, end: date) -> Iterator[date]:
        """Give the working days from `start` to before `end`."""
        day = start
        while day < end:
            if self.is_working_day(day):
                yield day
            day += _DAY

    def on_or_after(self, day: date) -> date:
        """Give `day` when it is worked on, else the next working day."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def on_or_before(self, day: date) -> date:
        """Give `day` when it is worked on, else the last working day before it."""
        while not self.is_working_day(day):
            day -= _DAY
        return day

    def working_days_before(self, day: date, count: int) -> date:
        """Give the working day that is `count` working days before `day`."""
        for _ in range(count):
            day = self.on_or_before(day - _DAY)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Give the working day that is `count` working days after `day`.

        Zero gives `day` itself, or the next working day when it is none.
        """
        day = self.on_or_after(day)
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def day_of(self, moment: datetime) -> date:
        """Give the local date of a moment."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, at: time) -> datetime:
        """Give the moment, in UTC, of a local time on `day`."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def open_times(self, day: date, hours: OpeningHours) -> tuple[OpenTime, ...]:
        """Give when something with these opening hours is open on `day`; often never."""
        if not self.is_working_day(day):
            return ()
        return tuple(
            OpenTime(self.moment(day, span.start), self.moment(day, span.end))
            for span in hours.get(Weekday.of(day), ())
        )

    def is_open(self, office: Office, moment: datetime) -> bool:
        """Whether the office is open at `moment`."""
        open_times = self.open_times(self.day_of(moment), office.hours)
        return any(span.start <= moment < span.end for span in open_times)


@lru_cache(maxsize=256)
def _closed_days(region: str, closing_days: frozenset[str], year: int) -> frozenset[date]:
    import holidays

    country, _, subdivision = region.partition("-")
    closed = set(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    for text in closing_days:
        with suppress(ValueError):  # 29 February
            closed.add(date.fromisoformat(f"{year:04}-{text}"))
    return frozenset(closed)
