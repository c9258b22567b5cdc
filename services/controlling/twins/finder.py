"""Finds twins among registered decisions and puts both of each pair into the queue.

A loop of its own and not the handlers' transaction: two decisions that are registered at the same
moment don't see each other there. Here each is compared once, after its commit, by one finder at
a time; so of any two the later one meets the other, in whatever order they arrived.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from services.controlling.policy.policy import Policy, Twins
from services.controlling.queue.announcing import enter_wanted
from services.controlling.queue.reason import Wanted
from services.controlling.twins import store
from services.controlling.twins.distance import Case, Neighbours, Pair
from services.controlling.twins.store import Uncompared
from shared.events.vocabulary import DrawReason
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction

LOOK = timedelta(seconds=5)
BATCH = 2_000
PERIOD = "period:"
"""Before the key of a period that is held because its policy can't be read."""
Blocks = Mapping[str, Sequence[Case]]
"""Cases by what must be the same in them."""


class TwinFinder:
    """Compares decisions that were not yet compared."""

    def __init__(
        self, pool: Pool, holding: Holding, committed: Callable[[], None] = lambda: None
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            holding: Sets decisions aside that can't be compared, and periods that have no readable
                rule for it.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._holding = holding
        self._committed = committed
        self._twins: dict[str, Twins | None] = {}

    async def look(self) -> bool:
        """Compare what waits; tells whether there may be more."""
        async with self._pool.acquire() as connection:
            waiting = await store.uncompared(connection, BATCH)
        # After it: what waits again since it was let go mustn't be passed over, and forgotten.
        passed_over = await self._holding.look()
        let_go = [one for one in sorted(self._holding.again) if one.startswith(PERIOD)]
        decisions = dict.fromkeys(
            chain(*waiting.values(), sorted(self._holding.again.difference(let_go)))
        )
        async with self._pool.acquire() as connection:
            periods = await store.periods_of(connection, list(decisions))
        known = {PERIOD + one for one in self._twins} | passed_over
        if new := {PERIOD + one for one in periods.values()} - known | {*let_go}:
            await self._learn(new, let_go)
            passed_over = await self._holding.look()
        await self._holding.each(
            [one for one in decisions if not passed_over & {one, PERIOD + periods.get(one, "")}],
            self._compare,
        )
        async with self._pool.acquire() as connection:
            await store.forget_uncompared(connection, waiting.keys())
        return bool(waiting or let_go)

    async def _learn(self, new: Collection[str], let_go: Collection[str]) -> None:
        """Read the policies of periods that are new here; a period keeps its policy.

        One that can't be read holds its period. Once that is let go, its decisions wait again.
        """
        async with self._pool.acquire() as connection:
            found = await store.policies(connection, [one.removeprefix(PERIOD) for one in new])
        for item in sorted(new):
            period = item.removeprefix(PERIOD)
            async with self._holding.item(item):
                if (document := found.get(period)) is not None:
                    self._twins[period] = Policy.model_validate_json(document).twins
                if item in let_go:
                    async with self._pool.acquire() as connection:
                        await store.await_again(connection, period, BATCH)

    async def _compare(self, decisions: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            await store.hold_twins(connection)
            await self._enter(await store.take_uncompared(connection, decisions), tx)
            await tx.flush()
        self._committed()

    async def _enter(self, taken: Sequence[Uncompared], tx: Transaction) -> None:
        by_rule: dict[Twins, list[Uncompared]] = defaultdict(list)
        for one in taken:
            rule = self._twins.get(one.period)
            if rule is not None and rule.enabled and one.direction in rule.directions:
                by_rule[rule].append(one)
        for rule, new in by_rule.items():
            pairs = await _pair(tx.connection, rule, new)
            both = dict.fromkeys(chain.from_iterable((one.decision_id, one.twin) for one in pairs))
            reviews = [Wanted(one, DrawReason.TWIN, rule.priority) for one in both]
            await enter_wanted(reviews, tx, datetime.now(UTC))


async def _pair(connection: Connection, rule: Twins, new: Sequence[Uncompared]) -> list[Pair]:
    """Enter new decisions and find their twins.

    Every decision of the second direction gets one twin of the first: a new one the nearest of
    all, an older one that has none yet the nearest of the new ones.
    """
    first, second = (_blocks(rule, new, direction) for direction in rule.directions)
    old_first = await store.twin_cases(connection, rule, rule.directions[0], second, new)
    lonely = await store.twin_cases(connection, rule, rule.directions[1], first, new, lonely=True)
    await store.enter_twin_cases(connection, rule, new)
    pairs = [
        *_nearest(rule, lonely, [first]),
        *_nearest(rule, second, [first, old_first]),
    ]
    await store.pair_twins(connection, pairs)
    return pairs


def _nearest(rule: Twins, seeking: Blocks, others: Sequence[Blocks]) -> list[Pair]:
    pairs = []
    for block, cases in seeking.items():
        neighbours = Neighbours(rule)
        for other in chain.from_iterable(blocks.get(block, ()) for blocks in others):
            neighbours.add(other)
        pairs += [pair for case in cases if (pair := neighbours.nearest(case))]
    return pairs


def _blocks(rule: Twins, new: Sequence[Uncompared], direction: str) -> Blocks:
    found: dict[str, list[Case]] = defaultdict(list)
    for one in new:
        if one.direction == direction:
            found[one.block(rule)].append(one.case(rule))
    return found
