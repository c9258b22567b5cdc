"""Whose deciders are kept though nothing is drawn yet: what may be topped up at the close.

A decision can be topped up only while its ticket is among the smallest of its stratum, as many as
the minimum. So beyond the last of these tickets, the stratum's bound, no decider is kept; and as
more decisions can only lower it, a bound that was true once is always safe. That is what makes it
cheap: bounds are remembered, and the database is asked again only when a ticket lies below one.
Where the rate alone gives the minimum, that ends soon, and registering costs nothing more.
"""

from collections.abc import Mapping, Sequence

from services.controlling import store
from services.controlling.sampling.draw import PeriodDraw
from services.controlling.store import Registration, StratumBound
from shared.postgres.pool import Connection

_NONE_YET = "1"
"""Above every ticket: all are among the smallest while there are fewer than the minimum."""
_BELOW_ALL = "0"
"""Below every ticket: none is kept where there is no minimum."""


class Candidates:
    """Finds what may be topped up; remembers only bounds that are committed."""

    def __init__(self) -> None:
        self._bounds: dict[tuple[str, str], str] = {}

    async def among(
        self,
        connection: Connection,
        registrations: Sequence[Registration],
        periods: Mapping[str, PeriodDraw],
    ) -> list[Registration]:
        """Give the decisions of a batch that may be topped up.

        Call it before anything is registered in this transaction: later the bounds would hold
        decisions that may be rolled back, and be too low.
        """
        waiting = self._below(registrations, periods)
        if not waiting:
            return []
        strata = {
            (period, stratum): periods[period].rule(stratum).minimum
            for period, stratum in {(one.place.period_key, one.place.stratum) for one in waiting}
        }
        found = await store.tighten_candidates(
            connection, [StratumBound(*key, minimum) for key, minimum in sorted(strata.items())]
        )
        self._bounds |= found
        return self._below(waiting, periods)

    def _below(
        self, registrations: Sequence[Registration], periods: Mapping[str, PeriodDraw]
    ) -> list[Registration]:
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
