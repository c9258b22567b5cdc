"""How each part of the service is counted, by days, and how the counts are kept. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from services.controlling.service_figures.emergency_counter import EmergencyCounter, count_windows
from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.telephone import Telephone, count_calls

Counts = Telephone | EmergencyCounter
DayOf = Callable[[datetime], date]
"""Gives the authority's day of a moment."""


class Figure(NamedTuple):
    """What was counted of a part of the service on a day, at a place: a line or an office."""

    part: Part
    day: date
    place: str
    counts: Counts


_KEPT: Mapping[Part, TypeAdapter[Any]] = {
    Part.TELEPHONE: TypeAdapter(Telephone),
    Part.EMERGENCY_COUNTER: TypeAdapter(EmergencyCounter),
}


def count_days(part: Part, facts: Iterable[Fact], day_of: DayOf) -> list[Figure]:
    """Count a part of the service, each of its days from all that is known of it.

    So in whatever order facts come, and however late, the figures are the same.
    """
    days: dict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        days[fact.day].append(fact)
    return [
        Figure(part, day, place, counts)
        for day, happened in sorted(days.items())
        for place, counts in sorted(_count(part, happened, day_of).items())
    ]


def _count(part: Part, happened: Sequence[Fact], day_of: DayOf) -> Mapping[str, Counts]:
    match part:
        case Part.TELEPHONE:
            return count_calls(happened)
        case Part.EMERGENCY_COUNTER:
            return count_windows(happened, day_of)


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
