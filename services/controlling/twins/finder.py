"""Finds twins among registered decisions.

A loop of its own and not the handlers' transaction: two decisions that are registered at the same
moment don't see each other there. Here each is first entered among those that can have twins, and
looked for after that commit; so of any two the later one meets the other, in whatever order they
arrived and however many look. The search itself runs beside the loop, and holds no lock.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from services.controlling.policy.policy import Policy, Twins
from services.controlling.twins import store
from services.controlling.twins.distance import Pair, nearest
from services.controlling.twins.likeness import Uncompared
from services.controlling.twins.store import Known
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(seconds=5)
BATCH = 2_000
PERIOD = "period:"
"""Before the key of a period that is held because its policy can't be read."""


class TwinFinder:
    """Compares decisions that were not yet compared."""

    def __init__(self, pool: Pool, holding: Holding) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            holding: Sets decisions aside that can't be compared, and periods that have no readable
                rule for it.
        """
        self._pool = pool
        self._holding = holding
        self._twins: dict[str, Twins | None] = {}

    async def look(self) -> bool:
        """Compare what waits; tells whether there may be more."""
        async with self._pool.acquire() as connection:
            waiting = await store.uncompared(connection, BATCH)
            unsought = await store.unsought(connection, BATCH)
        # After it: what waits again since it was let go mustn't be passed over, and forgotten.
        passed_over = await self._holding.look()
        let_go = [one for one in sorted(self._holding.again) if one.startswith(PERIOD)]
        decisions = dict.fromkeys(
            chain(*waiting.values(), unsought, sorted(self._holding.again.difference(let_go)))
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
            periods = await store.periods(connection, [one.removeprefix(PERIOD) for one in new])
        found = {one.key: one.policy for one in periods}
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
            await self._enter(connection, decisions)
        async with self._pool.acquire() as connection:
            new = await store.seeking(connection, decisions)
            pairs: list[Pair] = []
            for rule, seeking in self._by_rule(new).items():
                pairs += await _seek(connection, rule, seeking)
        async with self._pool.acquire() as connection, connection.transaction():
            sought = [one.decision_id for one in new]
            await store.hold_twin_cases(connection, {*sought, *(one.decision_id for one in pairs)})
            await store.pair_twins(connection, pairs, datetime.now(UTC))
            await store.note_sought(connection, sought)

    async def _enter(self, connection: Connection, decisions: Sequence[str]) -> None:
        """Enter those that are new and can have twins."""
        by_rule: dict[Twins, list[Uncompared]] = defaultdict(list)
        for one in await store.take_uncompared(connection, decisions):
            rule = self._twins.get(one.period)
            if rule is not None and rule.enabled and one.direction in rule.directions:
                by_rule[rule].append(one)
        for rule, new in by_rule.items():
            await store.enter_twin_cases(connection, rule, new)

    def _by_rule(self, new: Sequence[Known]) -> Mapping[Twins, Sequence[Known]]:
        found: dict[Twins, list[Known]] = defaultdict(list)
        for one in new:
            if rule := self._twins.get(one.period):
                found[rule].append(one)
        return found


async def _seek(connection: Connection, rule: Twins, new: Sequence[Known]) -> list[Pair]:
    """Find the twins of new decisions.

    Every decision of the second direction gets one twin of the first: a new one the nearest of
    all, an older one that has none yet the nearest of the new ones.
    """
    first, second = rule.directions
    granted = [one for one in new if one.direction == first]
    refused = [one for one in new if one.direction == second]
    lonely = await store.twin_cases(connection, rule, second, granted, lonely=True)
    known = await store.twin_cases(connection, rule, first, refused)
    fresh = {one.decision_id for one in refused}
    older = [one for one in lonely if one.decision_id not in fresh]
    return await asyncio.to_thread(
        lambda: [*_nearest(rule, older, granted), *_nearest(rule, refused, known)]
    )


def _nearest(rule: Twins, seeking: Sequence[Known], others: Sequence[Known]) -> list[Pair]:
    blocks: dict[str, tuple[list[Known], list[Known]]] = defaultdict(lambda: ([], []))
    for side, cases in enumerate((seeking, others)):
        for one in cases:
            blocks[one.block][side].append(one)
    return [
        pair
        for ours, theirs in blocks.values()
        if ours and theirs
        for pair in nearest(
            rule, [one.case(rule) for one in ours], [one.case(rule) for one in theirs]
        )
    ]
