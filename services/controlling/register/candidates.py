"""Whose deciders are kept though nothing is drawn yet: what may be topped up at the close.

A decision can be topped up only while its ticket is among the smallest of its stratum, as many as
the minimum. So beyond the last of these tickets, the stratum's bound, no decider is kept; and as
more decisions can only lower it, a bound that was true once is always safe. That is what makes it
cheap: bounds are remembered, and the database is asked again only when a ticket lies below one.
Where the rate alone gives the minimum, that ends soon, and registering costs nothing more.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.controlling.periods.draw import PeriodDraw
from services.controlling.register.registration import Registration

_NONE_YET = "1"
"""Above every ticket: all are among the smallest while there are fewer than the minimum."""
_BELOW_ALL = "0"
"""Below every ticket: none is kept where there is no minimum."""


class StratumBound(NamedTuple):
    """A stratum whose bound is asked for: the ticket of the decision that is `minimum`-th."""

    period: str
    stratum: str
    minimum: int


class Candidates:
    """Tells what may be topped up, by the bounds it has learned."""

    def __init__(self) -> None:
        self._bounds: dict[tuple[str, str], str] = {}

    def among(
        self, registrations: Sequence[Registration], periods: Mapping[str, PeriodDraw]
    ) -> list[Registration]:
        """Give what may be topped up, as far as is known."""
        places = {one.place for one in registrations}
        bounds = {
            place: self._bounds.get((place.period_key, place.stratum), _NONE_YET)
            for place in places
            if periods[place.period_key].rule(place.stratum).minimum
        }
        return [
            one
            for one in registrations
            if not one.outcome.drawn and one.outcome.ticket <= bounds.get(one.place, _BELOW_ALL)
        ]

    def learn(self, bounds: Mapping[tuple[str, str], str]) -> None:
        """Remember bounds by period and stratum; they must be those of committed decisions."""
        self._bounds |= bounds


def asked_of(
    waiting: Sequence[Registration], periods: Mapping[str, PeriodDraw]
) -> list[StratumBound]:
    """Give the strata of decisions whose bounds are worth asking for."""
    strata = {(one.place.period_key, one.place.stratum) for one in waiting}
    return [
        StratumBound(period, stratum, periods[period].rule(stratum).minimum)
        for period, stratum in sorted(strata)
    ]
