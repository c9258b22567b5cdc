"""Deciders of undrawn decisions are kept only while they may be topped up.

And the sample is the same whatever the order, the batches and the restarts.
"""

import random
from typing import Any

import pytest

from shared.events.vocabulary import Direction
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction
from tests.integration.controlling_helpers import (
    JUNE,
    apply,
    case_events,
    closer,
    decided,
    decider,
    decision_id,
    policy,
)

pytestmark = pytest.mark.stack

MINIMUM = 4
SPARSE = policy("0.02", minimum=MINIMUM)
ONE_STRATUM: dict[str, Any] = {"direction": Direction.ADVERSE, "unit": "unit-1"}


async def kept(pool: Pool | Connection) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM candidate"))


async def test_of_many_decisions_few_deciders_are_kept(pool: Pool) -> None:
    handler = case_events(SPARSE)
    for start in range(0, 600, 30):
        batch = (decided(number, **ONE_STRATUM) for number in range(start, start + 30))
        await apply(pool, handler, *batch)
    assert await kept(pool) <= 2 * MINIMUM


async def test_where_the_rate_gives_the_minimum_nobody_is_kept_after_a_while(pool: Pool) -> None:
    handler = case_events(policy("0.5", minimum=MINIMUM))
    for start in range(0, 300, 30):
        batch = (decided(number, **ONE_STRATUM) for number in range(start, start + 30))
        await apply(pool, handler, *batch)
    assert await kept(pool) == 0


async def test_what_was_rolled_back_never_hides_who_decided(pool: Pool) -> None:
    """A bound that was lowered by decisions that came to nothing would forget deciders."""
    handler = case_events(policy("0", minimum=MINIMUM))
    await apply(pool, handler, *(decided(number, **ONE_STRATUM) for number in range(5)))
    for start in (100, 600):
        async with pool.acquire() as connection:
            undone = connection.transaction()
            await undone.start()
            many = [decided(number, **ONE_STRATUM) for number in range(start, start + 500)]
            await handler(many, Transaction(connection))
            await undone.rollback()
    for number in range(5, 60):
        await apply(pool, handler, decided(number, **ONE_STRATUM))
    await closer(pool).close("2026-05", JUNE)
    rows = await pool.fetch("SELECT decision_id, decider FROM draw")
    assert {row["decider"] for row in rows} <= {decider(number) for number in range(60)}
    assert len(rows) == MINIMUM


async def test_the_sample_is_the_same_in_any_order_and_any_batches(pool: Pool) -> None:
    """The same seed each time; a new process for about every third batch."""
    found = []
    for seed in range(4):
        chance = random.Random(seed)
        await pool.execute("UPDATE period SET closed_at = NULL, closing = NULL")
        for table in ("candidate", "draw", "decision"):
            await pool.execute(f"DELETE FROM {table}")
        order = list(range(150))
        chance.shuffle(order)
        handler = case_events(SPARSE)
        while order:
            size = chance.randint(1, 40)
            batch, order = order[:size], order[size:]
            await apply(pool, handler, *(decided(number) for number in batch))
            if chance.random() < 1 / 3:
                handler = case_events(SPARSE)
        closed = await closer(pool).close("2026-05", JUNE)
        rows = await pool.fetch("SELECT decision_id, reasons, decider FROM draw")
        deciders = {decision_id(number): decider(number) for number in range(150)}
        assert all(row["decider"] == deciders[row["decision_id"]] for row in rows)
        drawn = {row["decision_id"]: tuple(row["reasons"]) for row in rows}
        found.append((closed.seed, closed.strata, drawn))
    assert all(one == found[0] for one in found)
    assert ("top_up",) in found[0][2].values()
