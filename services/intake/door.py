"""The door: what happens to events between the request and the receipt."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from services.intake.errors import OutboxFull
from services.intake.keys import Keys
from services.intake.plausibility import Reach
from services.intake.receipts import Receipt, ReceiptStatus
from services.intake.screening import Candidate, Refusal, Rules, screen
from services.intake.store import Ledger
from shared.events.errors import Defect
from shared.events.registry import CATALOGUE, Topic
from shared.observe import way
from shared.observe.metrics import (
    EVENTS_ACCEPTED,
    EVENTS_CONFLICTING,
    EVENTS_DUPLICATE,
    EVENTS_RECEIVED,
    EVENTS_REFUSED,
    EventTypeName,
)
from shared.observe.tracing import current_traceparent
from shared.observe.way import Station, Step
from shared.security.identity import SourceSystem

# Of the worst kind, some 50 ms' work.
_AT_ONCE = 25
_BACKLOG_VALID_FOR = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of each event of a request, both in the order of the request."""

    receipts: Sequence[Receipt]
    refusals: Sequence[Refusal]


class Backlog:
    """How many events wait for Kafka; beyond the limit, senders must wait too."""

    def __init__(self, ledger: Ledger, limit: int) -> None:
        self._ledger = ledger
        self._limit = limit
        self._depth = 0
        self._read_at = float("-inf")

    async def check(self) -> None:
        """Refuse to let the backlog grow without bound; counts at most once a second.

        Raises:
            OutboxFull: too many events wait.
            DatabaseUnreachable: PostgreSQL is away.
        """
        now = time.monotonic()
        if now - self._read_at > _BACKLOG_VALID_FOR.total_seconds():
            self._read_at = now
            self._depth = await self._ledger.backlog(self._limit)
        if self._depth >= self._limit:
            raise OutboxFull(self._limit)


class Door:
    """Takes events in, each exactly once.

    Args:
        ledger: Where accepted events are entered.
        backlog: What waits for Kafka already.
        future_tolerance: How far the clock of a source system may be ahead of ours.
        reach: How far times may lie from now.
        keys: What events may name.
        on_commit: Called when new events wait for Kafka.
    """

    def __init__(
        self,
        ledger: Ledger,
        backlog: Backlog,
        *,
        future_tolerance: timedelta,
        reach: Reach,
        keys: Keys,
        on_commit: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._backlog = backlog
        self._future_tolerance = future_tolerance
        self._reach = reach
        self._keys = keys
        self._on_commit = on_commit

    async def admit(self, documents: Sequence[object], system: SourceSystem) -> Admission:
        """Take the good events of a request; what has a receipt is committed.

        Args:
            documents: Events as parsed documents of the JSON format.
            system: Who sends them.

        Raises:
            OutboxFull: Kafka takes too little; nothing was done.
            DatabaseUnreachable: nothing is known of the outcome; sending again is safe.
            LedgerContended: nothing was done; sending again is safe.
        """
        began = time.time_ns()
        await self._backlog.check()
        rules = Rules(system, datetime.now(UTC), self._future_tolerance, self._reach, self._keys)
        candidates, unfit = await _screened(documents, rules)
        receipts, conflicting = await self._ledger.accept(candidates, system)
        self._on_commit()
        admission = Admission(receipts, sorted((*unfit, *conflicting), key=_place))
        _tell(candidates, admission, began)
        return admission


def expect(topics: Collection[Topic]) -> None:
    """Tell from the start of every event of these topics, and of every refusal."""
    types = (EventTypeName(name) for name, one in CATALOGUE.items() if one.topic in topics)
    EVENTS_ACCEPTED.expect(product(types))
    EVENTS_REFUSED.expect(product(Defect))


async def _screened(
    documents: Sequence[object], rules: Rules
) -> tuple[list[Candidate], list[Refusal]]:
    """Screen a request, and let others have their turn between some events and the next."""
    candidates: list[Candidate] = []
    unfit: list[Refusal] = []
    trace = current_traceparent()
    for first in range(0, len(documents), _AT_ONCE):
        some = screen(documents[first : first + _AT_ONCE], rules, trace, first=first)
        candidates += some[0]
        unfit += some[1]
        await asyncio.sleep(0)
    return candidates, unfit


def _place(refusal: Refusal) -> int:
    return refusal.place


def _tell(candidates: Sequence[Candidate], admission: Admission, began: int) -> None:
    """Tell log, traces and metrics what became of the events of a request."""
    EVENTS_RECEIVED.inc(len(admission.receipts) + len(admission.refusals))
    sent = {candidate.place: candidate.event for candidate in candidates}
    accepted = [
        sent[receipt.place]
        for receipt in admission.receipts
        if receipt.status is ReceiptStatus.ACCEPTED
    ]
    steps = [
        Step(Station.ACCEPTED, one.subject, one.id, one.data.event_type, one.traceparent)
        for one in accepted
    ]
    way.tell(steps, began)
    for name, amount in Counter(one.data.event_type for one in accepted).items():
        EVENTS_ACCEPTED.of(EventTypeName(name)).inc(amount)
    EVENTS_DUPLICATE.inc(len(admission.receipts) - len(accepted))
    for defect, amount in Counter(refusal.defect for refusal in admission.refusals).items():
        if defect is Defect.ID_REUSED:
            EVENTS_CONFLICTING.inc(amount)
        else:
            EVENTS_REFUSED.of(defect).inc(amount)
