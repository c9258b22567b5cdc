"""Tells how many decisions came through the door, so that others can see whether one got lost.

Counted where an event is accepted, in its transaction, and published like any other event: who
compares needs no look into intake's tables.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.intake.errors import LedgerContended
from services.intake.fingerprint import fingerprint
from services.intake.screening import Candidate
from services.intake.store import Ledger
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import encode, new_event
from shared.postgres.errors import DatabaseUnreachable

logger = logging.getLogger(__name__)

SOURCE = "urn:gleichfall:intake"
LOOK = timedelta(minutes=5)


class DecisionCounter:
    """Publishes the count of each unit and week that has changed."""

    def __init__(self, ledger: Ledger, zone: ZoneInfo, committed: Callable[[], None]) -> None:
        """Wire it.

        Args:
            ledger: Where accepted decisions are noted.
            zone: Where the authority's weeks begin.
            committed: Wakes the relay.
        """
        self._ledger = ledger
        self._zone = zone
        self._committed = committed

    async def publish(self) -> int:
        """Publish what has changed since the last time; gives how many counts.

        Raises:
            DatabaseUnreachable: nothing was done, or nothing is known of the outcome.
        """
        counts = await self._ledger.add_up_decisions(self._zone, _candidate)
        self._committed()
        return counts

    async def run(self, progressed: Callable[[], None]) -> None:
        """Publish now and then, until cancelled."""
        while True:
            try:
                await self.publish()
            except (DatabaseUnreachable, LedgerContended) as error:
                logger.warning("decisions can't be counted now", exc_info=error)
            progressed()
            await asyncio.sleep(LOOK.total_seconds())


def _candidate(place: int, facts: DecisionsCounted) -> Candidate:
    event = new_event(SOURCE, facts.unit, facts, time=datetime.now(UTC))
    return Candidate(place, event, fingerprint(encode(event), facts.model_dump(mode="json")))
