"""A message that breaks upkeep is held; what follows of the others is done."""

import asyncio

import pytest

from services.notify.follow_up.loop import IDLE, Upkeep
from shared.held_items.holding import hold_items
from shared.observe.health import Health, Missing
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.service.loops import every, run_beside
from tests.integration.delivery.parts import CARRIED, MESSAGES, holding_of, plan
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

LET_GO = """
    UPDATE held_item SET state = 'retrying', settled_at = now(), settled_by = 'ops-7',
                         settled_because = 'mended'
"""


async def test_a_message_that_cannot_be_read_is_held_and_the_others_are_followed(
    pool: Pool,
) -> None:
    await plan(pool, 5)
    await pool.execute(
        "UPDATE message SET state = 'failed', reason = 'content_refused', ended_at = now(),"
        " due_at = NULL"
    )
    at_fault = await pool.fetchval("SELECT id FROM message ORDER BY id LIMIT 1")
    await pool.execute("UPDATE message SET reason = 'nonsense' WHERE id = $1", at_fault)

    await lacking(pool)
    missing = await lacking(pool)  # as a process that was started again

    assert await pool.fetchval("SELECT count(*) FROM message WHERE NOT followed") == 1
    assert missing.name == "held items of the upkeep"
    assert "1 item of the upkeep is held since" in missing.reason
    assert await holding_of(pool, Loop.UPKEEP).look() == {str(at_fault)}
    assert await pool.fetchval("SELECT attempts FROM held_item") == 1

    await pool.execute("UPDATE message SET reason = 'content_refused' WHERE id = $1", at_fault)
    await pool.execute(LET_GO)
    await Upkeep(
        pool, MESSAGES, CARRIED, [], holding_of(pool, Loop.UPKEEP), committed=lambda: None
    ).look()

    assert await pool.fetchval("SELECT count(*) FROM message WHERE NOT followed") == 0
    assert await pool.fetchval("SELECT state FROM held_item") == "done"


async def lacking(pool: Pool) -> Missing:
    """Let upkeep run until readiness lacks something, and live on."""
    health = Health()
    holding = hold_items(pool, Loop.UPKEEP, health)
    upkeep = Upkeep(pool, MESSAGES, CARRIED, [], holding, committed=lambda: None)
    rounds = every(IDLE, upkeep.look, loop=Loop.UPKEEP, health=health, limit=IDLE * 100)
    async with (
        run_beside(health, Loop.UPKEEP, rounds.run(), stop=rounds.stop),
        asyncio.timeout(PATIENCE),
    ):
        while not (missing := await health.readiness.missing()):
            await asyncio.sleep(0.02)
        assert health.liveness.stalled() == []
    return missing[0]
