"""Which slots offices published for a day, and since when that is known. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from services.controlling.service_figures.fact import Fact
from shared.events.catalogue.appointment import AppointmentCapacityPublished


class Offer(NamedTuple):
    """So many slots of a service, as last said on a day."""

    service: str
    said: date
    slots: int


@dataclass(frozen=True, slots=True)
class Offers:
    """What an office published for a day, by service and by the day on which it was said."""

    said: tuple[Offer, ...] = ()


def count_offers(facts: Iterable[Fact], day_of: Callable[[datetime], date]) -> Mapping[str, Offers]:
    """Give what each office published for a day, in whatever order the facts are given.

    Args:
        facts: Those of one day.
        day_of: Gives the authority's day of a moment.
    """
    offices: dict[str, dict[tuple[str, date], tuple[datetime, int]]] = {}
    for fact in facts:
        one = fact.data
        assert isinstance(one, AppointmentCapacityPublished)  # no other is of this part
        said = offices.setdefault(one.office, {})
        place = one.service_key, day_of(fact.at)
        said[place] = max((fact.at, one.slots), said.get(place, (fact.at, one.slots)))
    return {
        office: Offers(tuple(sorted(Offer(*place, slots) for place, (_, slots) in said.items())))
        for office, said in offices.items()
    }
