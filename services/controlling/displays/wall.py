"""What a display shows: counter, telephone and lead time of a day, and when that was true. Pure.

Whoever passes by reads it, so nothing of it is about fewer than seven calls, and of the emergency
counter stands how many slots are free, never how many people have booked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.lead_time import LeadTime, lead_times
from services.controlling.service_figures.overview import CounterDay, counter_days
from services.controlling.service_figures.telephone import Telephone, together
from services.controlling.statistics.suppression import MINIMUM
from shared.organisation.calendar import Calendar, OpenTime
from shared.organisation.model import Office, Organisation

QUIET = timedelta(minutes=30)
"""An open office of which nothing is told for so long has no figures of now."""
_LOOKED_BACK = 15
"""Days: no authority is closed for longer."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a wall is put together from.

    Attributes:
        day: Today, or the last day of which anything was told, when that is long ago.
        figures: Those of the day.
        slots: Those of appointments and published slots, also of days around.
        last: When the last thing happened that counters and telephones are counted from.
    """

    day: date
    figures: Sequence[Figure]
    slots: Sequence[Figure]
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Wall:
    """How the service of one office, or of all, stands.

    Attributes:
        read_at: When that was true.
        day: The day that is shown.
        current: Whether that is today.
        calls: The day's; None of fewer than seven.
        lead_times: The longest first.
        told_at: When the last thing happened of which counters and telephones told.
        quiet: Whether that is longer ago than an office that is open, or was, lets expect.
    """

    read_at: datetime
    day: date
    current: bool
    counters: Sequence[CounterDay]
    calls: Telephone | None
    lead_times: Sequence[LeadTime]
    told_at: datetime | None
    quiet: bool


def wall(told: Told, organisation: Organisation, office: str | None, now: datetime) -> Wall:
    """Put together what an office's display shows; without an office, that of all."""
    calendar = Calendar.of(organisation)
    day = told.day
    offices = [one for one in organisation.offices if office in (None, one.key)]
    counters = counter_days(told.figures, organisation, (day, day), now)
    slots = [one for one in told.slots if office in (None, one.place)]
    goal = organisation.goals.service.free_within
    return Wall(
        now,
        day,
        day == calendar.day_of(now),
        [one for one in counters if office in (None, one.office)],
        _calls(told.figures, offices),
        sorted(lead_times(slots, (day, day), calendar, goal, looked_back=0), key=_shortness),
        told.last,
        _is_quiet(told.last, offices, calendar, now),
    )


def _calls(figures: Iterable[Figure], offices: Sequence[Office]) -> Telephone | None:
    lines = {line.key for office in offices for line in office.lines}
    counted = (one for one in figures if one.place in lines)
    calls = together([one.counts for one in counted if isinstance(one.counts, Telephone)])
    return calls if calls.offered >= MINIMUM else None


def _shortness(one: LeadTime) -> tuple[bool, int, str]:
    return one.first_free is not None, -(one.first_free or 0), one.service


def _is_quiet(
    last: datetime | None, offices: Sequence[Office], calendar: Calendar, now: datetime
) -> bool:
    """Whether something should have been told by now: since an office opened, or while it is open.

    What was told before it last opened says nothing of how it stands.
    """
    begun = [span for span in _openings(offices, calendar, now) if span.start <= now]
    if not begun:
        return False
    open_since = min((span.start for span in begun if now < span.end), default=None)
    if open_since is None:
        return last is None or last < min(span.start for span in begun)
    return now - max(open_since, last or open_since) > QUIET


def _openings(offices: Sequence[Office], calendar: Calendar, now: datetime) -> Iterator[OpenTime]:
    """Give the opening times of the last working day up to now, on which an office opens at all."""
    today = calendar.day_of(now)
    for back in range(_LOOKED_BACK):
        day = today - timedelta(days=back)
        spans = [span for one in offices for span in calendar.open_times(day, one.hours)]
        if any(span.start <= now for span in spans):
            yield from spans
            return
