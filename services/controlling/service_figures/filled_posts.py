"""Load: what comes and what waits for each post that somebody works on. Pure.

Only of the whole authority: of a unit of nine it would be a figure about persons (BAG 1 ABR 6/94).
A vacant post does no work, so the load is one of filled posts: of 41 posts with 3.95 vacant 37.05.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.controlling.service_figures.fact import Fact
from services.controlling.statistics.suppression import MINIMUM
from shared.events.catalogue.office import StaffingChanged

AUTHORITY = ""
"""The place of what is counted of the whole authority."""
_WEEK = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Staffing:
    """Posts of the authority, in full-time equivalents, as last said on a day."""

    posts: float
    vacant: float

    @property
    def filled(self) -> float:
        """Posts that somebody works on."""
        return round(max(0.0, self.posts - self.vacant), 2)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Applications that came on a day."""

    received: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """What the authority has to do with whom it has.

    Attributes:
        filled: Posts that somebody works on, at the end of the days; None while nobody said it.
        received: Applications that came, for each filled post and week; None where that isn't
            known, or is about fewer than seven.
        waiting: Applications that wait now, for each filled post; None likewise.
    """

    filled: float | None = None
    received: float | None = None
    waiting: float | None = None


def count_arrivals(facts: Iterable[Fact]) -> Mapping[str, Arrivals]:
    """Count a day's applications."""
    received = sum(1 for _ in facts)
    return {AUTHORITY: Arrivals(received)} if received else {}


def count_staffing(facts: Iterable[Fact]) -> Mapping[str, Staffing]:
    """Give what was last said of a day, in whatever order the facts are given."""
    said = [
        (one.at, one.data.posts, one.data.vacant)
        for one in facts
        if isinstance(one.data, StaffingChanged)
    ]
    return {AUTHORITY: Staffing(*max(said)[1:])} if said else {}


def load(
    arrivals: Mapping[date, int],
    staffing: Mapping[date, Staffing],
    waiting: int | None,
    days: tuple[date, date],
) -> Load:
    """Give the load of some days.

    Days on which nobody had said yet how many posts are filled count for nothing, with what came
    on them.

    Args:
        arrivals: Applications by day.
        staffing: What was said, by the day from which it holds; also before the days.
        waiting: Applications that wait; None where that may not be shown, or isn't asked for.
        days: The first and the last of them.
    """
    filled: float | None = None
    post_days, received = 0.0, 0
    said = sorted(staffing.items())
    for number in range((days[1] - days[0]).days + 1):
        day = days[0] + number * _DAY
        known = [one.filled for since, one in said if since <= day]
        if known:
            filled = known[-1]
            post_days += filled
            received += arrivals.get(day, 0)
    return Load(
        filled,
        _WEEK * received / post_days if post_days and received >= MINIMUM else None,
        waiting / filled if waiting is not None and filled else None,
    )
