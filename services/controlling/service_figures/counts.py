"""How each part of the service is counted, by days, and how the counts are kept. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from services.controlling.service_figures.customer_flow import Flow, count_appointments
from services.controlling.service_figures.emergency_counter import EmergencyCounter, count_windows
from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.filled_posts import (
    Arrivals,
    Staffing,
    count_arrivals,
    count_staffing,
)
from services.controlling.service_figures.offers import Offers, count_offers
from services.controlling.service_figures.process import Cases
from services.controlling.service_figures.telephone import Telephone, count_calls
from services.controlling.service_figures.visits import Visits, count_visits

Counts = Telephone | EmergencyCounter | Flow | Offers | Visits | Arrivals | Staffing | Cases
DayOf = Callable[[datetime], date]
"""Gives the authority's day of a moment."""


class Figure(NamedTuple):
    """What was counted of a part of the service on a day, at a place.

    That is a line, an office, or nothing where the whole authority is counted.
    """

    part: Part
    day: date
    place: str
    counts: Counts


_KEPT: Mapping[Part, TypeAdapter[Any]] = {
    Part.TELEPHONE: TypeAdapter(Telephone),
    Part.EMERGENCY_COUNTER: TypeAdapter(EmergencyCounter),
    Part.APPOINTMENTS: TypeAdapter(Flow),
    Part.CAPACITY: TypeAdapter(Offers),
    Part.VISITS: TypeAdapter(Visits),
    Part.ARRIVALS: TypeAdapter(Arrivals),
    Part.STAFFING: TypeAdapter(Staffing),
    Part.PROCESS: TypeAdapter(Cases),
}
_BY_DAY: Mapping[Part, Callable[[Iterable[Fact], DayOf], Mapping[str, Counts]]] = {
    Part.TELEPHONE: lambda facts, _: count_calls(facts),
    Part.EMERGENCY_COUNTER: count_windows,
    Part.CAPACITY: count_offers,
    Part.VISITS: lambda facts, _: count_visits(facts),
    Part.ARRIVALS: lambda facts, _: count_arrivals(facts),
    Part.STAFFING: lambda facts, _: count_staffing(facts),
}
"""The rule of each part whose days are counted alone: from a day's facts to places."""


def count_days(
    part: Part, facts: Iterable[Fact], days: Collection[date], day_of: DayOf
) -> list[Figure]:
    """Count some days of a part of the service, each from all that is known of it.

    So in whatever order facts come, and however late, the figures are the same.

    Args:
        part: The part.
        facts: All that is known of the days, and of the appointments that touch them.
        days: Those that are counted.
        day_of: Gives the authority's day of a moment.
    """
    return [
        Figure(part, day, place, counts)
        for (day, place), counts in sorted(_count(part, facts, day_of), key=itemgetter(0))
        if day in days
    ]


def _count(
    part: Part, facts: Iterable[Fact], day_of: DayOf
) -> Iterator[tuple[tuple[date, str], Counts]]:
    if part is Part.APPOINTMENTS:
        yield from count_appointments(facts, day_of).items()
        return
    if (count := _BY_DAY.get(part)) is None:
        return
    by_day: dict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_day[fact.day].append(fact)
    for day, happened in by_day.items():
        for place, counts in count(happened, day_of).items():
            yield (day, place), counts


def written(figure: Figure) -> Mapping[str, object]:
    """Write counts as they are kept."""
    document: Mapping[str, object] = _KEPT[figure.part].dump_python(
        figure.counts, mode="json", exclude_defaults=True
    )
    return document


def read(part: str, day: date, place: str, document: str) -> Figure:
    """Read counts that were kept."""
    kept = Part(part)
    return Figure(kept, day, place, _KEPT[kept].validate_json(document))
