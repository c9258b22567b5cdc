"""A message that can't be read, written or recorded is held; the others leave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from services.notify.channels.email.writing import Mail
from services.notify.message import Claim
from services.notify.sending.opening import Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    WRITER,
    holding_of,
    make_due,
    plan,
    sending,
    states,
    until,
)
from tests.mail_host import MailHost
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

LET_GO = """
    UPDATE held_item SET state = 'retrying', settled_at = now(), settled_by = 'ops-7',
                         settled_because = 'mended'
"""
OTHERS = 4


@pytest.fixture
async def at_fault(pool: Pool) -> UUID:
    """One of some messages that are due."""
    await plan(pool, OTHERS + 1)
    found: UUID = await pool.fetchval("SELECT id FROM message ORDER BY due_at, id LIMIT 1")
    return found


@asynccontextmanager
async def _refusing(database: tuple[str, Path], message: UUID) -> AsyncIterator[None]:
    """Let the database refuse to write down that a message was accepted."""
    url, _ = database
    owner = await asyncpg.connect(url, server_settings={"search_path": "notify"})
    await owner.execute(
        f"ALTER TABLE message ADD CONSTRAINT refusing"
        f" CHECK (id <> '{message}' OR state <> 'accepted') NOT VALID"
    )
    try:
        yield
    finally:
        await owner.execute("ALTER TABLE message DROP CONSTRAINT refusing")
        await owner.close()


def writing(
    at_fault: UUID, error: Exception
) -> Callable[[Claim], Awaitable[Prepared[Mail] | Outcome]]:
    """Give what writes mails and fails on one."""

    async def prepare(claim: Claim) -> Prepared[Mail] | Outcome:
        if claim.attempt.id == at_fault:
            raise error
        return await WRITER.prepare(claim)

    return prepare


async def test_a_message_that_cannot_be_read_is_held_and_leaves_once_it_can(
    pool: Pool, host: MailHost, at_fault: UUID
) -> None:
    await pool.execute("UPDATE message SET lane = 'zzz' WHERE id = $1", at_fault)

    for _ in range(2):  # the second time as a process that was started again
        async with sending(pool, host, health=(health := Health())):
            await until(pool, lambda found: found.get(State.ACCEPTED) == OTHERS)
            await held(pool, at_fault)
            assert await told(health) == ["held items of the delivery"]

    assert await states(pool) == {State.ACCEPTED: OTHERS, State.PLANNED: 1}
    [reason] = await reasons(pool)
    assert reason.startswith("ValueError at services/notify/sending/store.py:")

    await pool.execute("UPDATE message SET lane = 'bulk' WHERE id = $1", at_fault)
    await leaves_when_let_go(pool, host)


async def test_a_message_that_cannot_be_written_is_held_and_leaves_once_it_can(
    pool: Pool, host: MailHost, at_fault: UUID
) -> None:
    broken = writing(at_fault, KeyError("anna@example.org"))

    async with sending(pool, host, prepare=broken, health=(health := Health())):
        await until(pool, lambda found: found == {State.ACCEPTED: OTHERS, State.PLANNED: 1})
        await held(pool, at_fault)
        assert await told(health) == ["held items of the delivery"]

    assert await pool.fetchval("SELECT attempts FROM message WHERE id = $1", at_fault) == 1
    assert "anna" not in "".join(await reasons(pool))
    await leaves_when_let_go(pool, host)


async def test_a_message_whose_writing_fails_for_what_passes_is_tried_again_later(
    pool: Pool, host: MailHost, at_fault: UUID
) -> None:
    broken = writing(at_fault, TimeoutError())

    async with sending(pool, host, prepare=broken):
        await until(pool, lambda found: found == {State.ACCEPTED: OTHERS, State.PLANNED: 1})

    assert await reasons(pool) == []
    assert await pool.fetchval("SELECT due_at > planned_at FROM message WHERE id = $1", at_fault)


async def test_a_message_whose_outcome_cannot_be_written_is_held_and_sending_goes_on(
    pool: Pool, host: MailHost, at_fault: UUID, database: tuple[str, Path]
) -> None:
    async with (
        _refusing(database, at_fault),
        sending(pool, host, health=(health := Health())) as dispatcher,
    ):
        await until(pool, lambda found: found == {State.ACCEPTED: OTHERS, State.SENDING: 1})
        await held(pool, at_fault)
        assert await told(health) == ["held items of the delivery"]
        await dispatcher.check()
        await plan(pool, 2)
        await until(pool, lambda found: found.get(State.ACCEPTED) == OTHERS + 2)

    [reason] = await reasons(pool)
    assert (
        reason
        == "what became of it (accepted) can't be written down: CheckViolationError"
        + (reason[reason.index(" at services/notify/") :])
    )
    assert len(host.received) == len(set(host.received)) == OTHERS + 3

    await make_due(pool)
    await leaves_when_let_go(pool, host, OTHERS + 3)
    assert len(host.received) == OTHERS + 4
    assert len(set(host.received)) == OTHERS + 3


async def test_what_is_dismissed_never_leaves_and_nothing_tells_of_it(
    pool: Pool, host: MailHost, at_fault: UUID
) -> None:
    await pool.execute("UPDATE message SET lane = 'zzz' WHERE id = $1", at_fault)
    async with sending(pool, host):
        await held(pool, at_fault)
    await pool.execute("UPDATE message SET lane = 'bulk' WHERE id = $1", at_fault)
    await pool.execute(LET_GO.replace("retrying", "dismissed"))

    async with sending(pool, host, health=(health := Health())):
        await until(pool, lambda found: found == {State.ACCEPTED: OTHERS, State.PLANNED: 1})
        await asyncio.sleep(0.5)
        assert await told(health) == []

    assert await states(pool) == {State.ACCEPTED: OTHERS, State.PLANNED: 1}


async def test_one_that_ended_while_it_was_held_is_settled_when_it_is_let_go(
    pool: Pool, host: MailHost, at_fault: UUID
) -> None:
    await pool.execute("UPDATE message SET lane = 'zzz' WHERE id = $1", at_fault)
    async with sending(pool, host):
        await held(pool, at_fault)
        await pool.execute(
            "UPDATE message SET state = 'superseded', reason = 'replaced', due_at = NULL,"
            " ended_at = now() WHERE id = $1",
            at_fault,
        )
        await pool.execute(LET_GO)
        await settled(pool)


async def held(pool: Pool, message: UUID) -> None:
    """Wait until one message is held, and see that it is the only one."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await holding_of(pool, Loop.DELIVERY).look()):
            await asyncio.sleep(0.02)
    assert found == {str(message)}
    assert await pool.fetchval("SELECT attempts FROM held_item") == 1


async def told(health: Health) -> list[str]:
    """Give what readiness lacks once the loops have looked."""
    await asyncio.sleep(0.5)
    return [one.name for one in await health.readiness.missing()]


async def reasons(pool: Pool) -> list[str]:
    return [row["reason"] for row in await pool.fetch("SELECT reason FROM held_item")]


async def settled(pool: Pool) -> None:
    """Wait until nothing is held or to be tried again."""
    async with asyncio.timeout(PATIENCE):
        while await pool.fetchval("SELECT count(*) FROM held_item WHERE state <> 'done'"):
            await asyncio.sleep(0.02)


async def leaves_when_let_go(pool: Pool, host: MailHost, all_of_them: int = OTHERS + 1) -> None:
    """See that everything leaves once an operator lets go what is held."""
    await pool.execute(LET_GO)
    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: all_of_them})
        await settled(pool)
