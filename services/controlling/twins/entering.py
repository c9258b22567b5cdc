"""Draws pairs of twins once a week, and puts both halves of each into the queue as one task."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.controlling.periods.deadlines import start_of
from services.controlling.periods.draw import Sampler
from services.controlling.periods.witness import mixed
from services.controlling.policy.policy import Policy, Twins
from services.controlling.queue.announcing import enter_wanted
from services.controlling.queue.reason import Wanted
from services.controlling.twins import store
from services.controlling.twins.pairs import TWIN, Candidate, Drawn, draw_pairs
from services.controlling.twins.store import Period, Round, Waiting
from shared.events.vocabulary import DrawReason
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt
from shared.security.key_ring import Key

LOOK = timedelta(minutes=1)
_WEEK = timedelta(days=7)


class TwinRounds:
    """Draws from what was found since the last time."""

    def __init__(
        self, pool: Pool, key: Key, zone: ZoneInfo, committed: Callable[[], None] = lambda: None
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            key: Under which seeds are stored.
            zone: Where the authority's weeks begin.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._key = key
        self._zone = zone
        self._committed = committed

    async def draw_due(self, now: datetime, holding: Holding) -> None:
        """Draw for the week that is over, if pairs were found until its end."""
        passed_over = await holding.look()
        monday = _monday(now.astimezone(self._zone).date())
        end, week = start_of(monday, self._zone), monday - _WEEK
        async with self._pool.acquire() as connection:
            due = await store.undrawn_before(connection, end)
        if due and f"{week}" not in passed_over:
            async with holding.item(f"{week}"):
                await self._draw(end, week, now)

    async def draw_now(self, now: datetime) -> None:
        """Draw for the running week before it is over; what is drawn is taken off its budget."""
        await self._draw(now, _monday(now.astimezone(self._zone).date()), now)

    async def _draw(self, before: datetime, week: date, now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await store.hold_rounds(connection)
            waiting = await store.candidates(connection, before)
            if not waiting:  # another process was quicker
                return
            periods = await store.periods(connection, sorted({one.period for one in waiting}))
            policy = Policy.model_validate_json(periods[-1].policy)
            held = await _round(connection, week, policy)
            found = draw_pairs(self._candidates(waiting, periods), held.budget, held.among)
            await store.enter_round(connection, held, found, now)
            tx = Transaction(connection)
            if policy.twins is not None:
                await enter_wanted(_wanted(found, policy.twins), tx, now)
            await tx.flush()
        self._committed()

    def _candidates(
        self, waiting: Sequence[Waiting], periods: Sequence[Period]
    ) -> Iterator[Candidate]:
        samplers: Mapping[str, Sampler] = {
            one.key: Sampler(mixed(decrypt(self._key, one.sealed_seed, one.key), one.witness))
            for one in periods
        }
        for one in waiting:
            ticket = samplers[one.period].ticket(one.decision_id + TWIN)
            yield Candidate(one.decision_id, one.twin, one.distance, ticket)


async def _round(connection: Connection, week: date, policy: Policy) -> Round:
    """Give what a round is drawn by: the latest policy's rule, and what is left of its budget."""
    rule = policy.twins if policy.twins is not None and policy.twins.enabled else None
    if rule is None:  # pairs of before wait, and nobody wants them any more
        return Round(week, policy.version, 0, 1)
    left = max(0, rule.per_week - await store.drawn_in_week(connection, week))
    return Round(week, policy.version, left, rule.among)


def _wanted(found: Sequence[Drawn], rule: Twins) -> Iterator[Wanted]:
    for one in found:
        if one.drawn:
            pair = one.candidate
            for half, other in ((pair.decision_id, pair.twin), (pair.twin, pair.decision_id)):
                yield Wanted(
                    half,
                    DrawReason.TWIN,
                    rule.priority,
                    chance=float(one.chance),
                    ticket=pair.ticket,
                    twin=other,
                )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
