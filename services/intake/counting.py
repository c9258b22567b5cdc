"""Tells how many decisions came through the door, so that others can see whether one got lost.

Counted where an event is accepted, in its transaction, and published like any other event: who
compares needs no look into intake's tables.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.intake.fingerprint import fingerprint
from services.intake.screening import Candidate
from services.intake.store import Ledger
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import new_event
from shared.held_items.holding import Holding

SOURCE = "urn:gleichfall:intake"
LOOK = timedelta(minutes=5)


class DecisionCounter:
    """Publishes the count of each unit and week that has changed."""

    def __init__(
        self, ledger: Ledger, zone: ZoneInfo, holding: Holding, committed: Callable[[], None]
    ) -> None:
        """Wire it.

        Args:
            ledger: Where accepted decisions are noted.
            zone: Where the authority's weeks begin.
            holding: Sets units aside whose decisions can't be counted.
            committed: Wakes the relay.
        """
        self._ledger = ledger
        self._zone = zone
        self._holding = holding
        self._committed = committed

    async def publish(self) -> None:
        """Publish what has changed since the last time, in one transaction; at fault is a unit.

        Raises:
            DatabaseUnreachable: nothing was done, or nothing is known of the outcome.
        """
        passed_over = await self._holding.look()
        units = [unit for unit in await self._ledger.noted_units() if unit not in passed_over]
        await self._holding.each(units, self._add_up)
        self._committed()

    async def _add_up(self, units: Sequence[str]) -> None:
        await self._ledger.add_up_decisions(units, self._zone, _candidate)


def _candidate(place: int, facts: DecisionsCounted) -> Candidate:
    event = new_event(SOURCE, facts.unit, facts, time=datetime.now(UTC))
    return Candidate(place, event, fingerprint(event))
