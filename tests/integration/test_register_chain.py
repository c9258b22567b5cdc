"""The register of a period is chained beside its handlers: nothing twice, nothing lost."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.infrastructure import Addresses
from services.controlling.chain import entering, store
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.chain.entering import Chainer
from services.controlling.chain.errors import RegisterIncomplete
from services.controlling.chain.faults import Block, Following
from services.controlling.chain.head import DailyHead
from services.controlling.periods.errors import PeriodClosed
from shared.configuration.places import ROOT
from shared.events.catalogue.review import RegisterChained, ReviewPeriodClosed
from shared.observe.metrics import Loop
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    ZONE,
    apply,
    case_events,
    chain,
    closer,
    decided,
    decision_id,
    empty,
    holding_of,
    policy,
)
from tests.integration.spine_helpers import until

pytestmark = pytest.mark.stack

PERIOD = "2026-05"
MIGRATIONS = ROOT / "services" / "controlling" / "migrations"
NOON = datetime(2026, 5, 12, 10, tzinfo=UTC)
RARELY = policy("0.1")


def chainer(pool: Pool) -> Chainer:
    return Chainer(pool, holding_of(pool, Loop.REGISTER_CHAIN))


async def register(pool: Pool, *numbers: int, at: datetime = MAY) -> None:
    await apply(pool, case_events(RARELY), *(decided(number, at) for number in numbers))


async def followed(
    pool: Pool, period: str = PERIOD, kept: Sequence[DailyHead] = ()
) -> tuple[int, list[str]]:
    """Follow a chain; gives how many entries it has, and what is wrong."""
    async with pool.acquire() as connection, connection.transaction():
        following = Following(period, [*await store.heads(connection, period), *kept])
        faults = [
            fault
            async for block in store.blocks(connection, period)
            for fault in following.take(
                block, await store.registered(connection, period, block.decisions)
            )
        ]
        faults += following.end(await store.outside(connection, period), None)
    return following.head.entries, [fault.said for fault in faults]


async def test_what_is_registered_waits_and_is_chained_once_in_its_order(pool: Pool) -> None:
    await register(pool, *range(5))
    await register(pool, *range(5, 8))
    assert await followed(pool) == (0, [])
    assert not await chainer(pool).look(), "there is no more"
    assert await followed(pool) == (8, [])
    assert not await chainer(pool).look()
    [names] = await pool.fetch("SELECT decision_ids FROM register_block")
    assert names["decision_ids"] == [decision_id(number) for number in range(8)]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones()))
async def test_moments_are_hashed_with_all_microseconds_that_are_kept(
    pool: Pool, stack: Addresses, moment: datetime
) -> None:
    await empty(stack.database_url)
    await register(pool, 1)
    await pool.execute("UPDATE decision SET decided_at = $1, registered_at = $1", moment)
    async with pool.acquire() as connection:
        found = await store.registered(connection, PERIOD, [decision_id(1)])
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    assert (found[decision_id(1)].decided, found[decision_id(1)].registered) == (text, text)


async def test_each_period_has_a_chain_of_its_own(pool: Pool) -> None:
    june = MAY + timedelta(days=31)
    handler = case_events(RARELY)
    await apply(pool, handler, decided(1), decided(2, june), decided(3), decided(4, june))
    await chain(pool)
    assert await followed(pool) == (2, [])
    assert await followed(pool, "2026-06") == (2, [])


async def test_a_batch_that_is_rolled_back_leaves_nothing_to_chain(pool: Pool) -> None:
    await register(pool, 1)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await register_and_fail(pool, 2)
    await chain(pool)
    assert await followed(pool) == (1, [])


async def register_and_fail(pool: Pool, number: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await case_events(RARELY)([decided(number)], Transaction(connection))
        await connection.execute("SELECT 1 / 0")


async def test_many_who_register_and_chain_at_once_make_one_chain(pool: Pool) -> None:
    handler = case_events(RARELY)
    await apply(pool, handler, decided(0))
    await asyncio.gather(
        *(apply(pool, case_events(RARELY), decided(number)) for number in range(1, 40)),
        *(chainer(pool).look() for _ in range(8)),
    )
    await asyncio.gather(*(chain(pool) for _ in range(4)))
    assert await followed(pool) == (40, [])
    assert await pool.fetchval("SELECT count(*) FROM unchained") == 0


async def test_who_chains_at_the_same_time_waits_and_finds_it_done(pool: Pool) -> None:
    await register(pool, 1, 2)
    async with pool.acquire() as connection, connection.transaction():
        await store.hold(connection, PERIOD)
        await entering.append_block(connection, PERIOD)
        rival = asyncio.create_task(chainer(pool).look())
        await until(lambda: waits_for_a_lock(pool))
    await rival
    assert await holding_of(pool, Loop.REGISTER_CHAIN).look() == set()
    assert await followed(pool) == (2, [])


async def waits_for_a_lock(pool: Pool) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return bool(await pool.fetchval(waiting))


async def test_who_registers_never_waits_for_who_chains(pool: Pool) -> None:
    await register(pool, 1)
    async with pool.acquire() as connection, connection.transaction():
        await store.hold(connection, PERIOD)
        await asyncio.wait_for(register(pool, 2), 20)
        await entering.append_block(connection, PERIOD)
    await chain(pool)
    assert await followed(pool) == (2, [])


@pytest.mark.parametrize("when", ["before", "after"])
async def test_who_dies_while_chaining_leaves_all_to_the_next_one(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, stack: Addresses, when: str
) -> None:
    await register(pool, *range(5))
    append = store.append

    async def dying(connection: Connection, *rest: Any) -> None:
        if when == "after":
            await append(connection, *rest)
        owner = await asyncpg.connect(stack.database_url)
        mine = await connection.fetchval("SELECT pg_backend_pid()")
        await owner.fetchval("SELECT pg_terminate_backend($1, 5000)", mine)
        await owner.close()
        await append(connection, *rest)

    monkeypatch.setattr(store, "append", dying)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await chainer(pool).look()
    monkeypatch.undo()
    assert await followed(pool) == (0, [])
    await chain(pool)
    assert await followed(pool) == (5, [])


async def test_a_long_queue_is_chained_in_blocks(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "BATCH", 4)
    for first in range(0, 12, 3):
        await register(pool, *range(first, first + 3))
    assert await chainer(pool).look()
    assert await followed(pool) == (6, [])
    await chain(pool)
    assert await followed(pool) == (12, [])


async def test_the_close_chains_what_still_waits(pool: Pool) -> None:
    await register(pool, *range(5))
    await chain(pool)
    await register(pool, *range(5, 9))
    await closer(pool).close(PERIOD, JUNE)
    assert await followed(pool) == (9, [])
    assert await pool.fetchval("SELECT closed_entries FROM period") == 9
    assert await pool.fetchval("SELECT count(*) FROM unchained") == 0


async def test_closers_chainers_and_registrations_at_once_lose_nothing(pool: Pool) -> None:
    await register(pool, *range(20))
    results = await asyncio.gather(
        *(closer(pool).close(PERIOD, JUNE) for _ in range(3)),
        *(register(pool, number) for number in range(20, 26)),
        *(chainer(pool).look() for _ in range(4)),
        return_exceptions=True,
    )
    closed = [one for one in results if isinstance(one, ReviewPeriodClosed)]
    assert len(closed) == 1
    assert [one for one in results if isinstance(one, Exception)] == [
        one for one in results if isinstance(one, PeriodClosed)
    ]
    entries = await pool.fetchval("SELECT closed_entries FROM period WHERE key = $1", PERIOD)
    assert entries == sum(count.size for count in closed[0].strata)
    await chain(pool)
    periods = await pool.fetch("SELECT DISTINCT period FROM decision")
    found = [await followed(pool, row["period"]) for row in periods]
    assert sum(chained for chained, _ in found) == 26
    assert [faults for _, faults in found if faults] == []


async def test_a_decision_that_is_gone_before_it_was_chained_holds_its_period(
    pool: Pool,
) -> None:
    june = MAY + timedelta(days=31)
    await register(pool, 1, 2)
    await register(pool, 3, at=june)
    await pool.execute("DELETE FROM draw WHERE decision_id = $1", decision_id(2))
    await pool.execute("DELETE FROM decision WHERE decision_id = $1", decision_id(2))
    one = chainer(pool)
    await one.look()
    assert await holding_of(pool, Loop.REGISTER_CHAIN).look() == {PERIOD}
    assert await followed(pool, "2026-06") == (1, [])
    with pytest.raises(RegisterIncomplete, match="1 decision is gone from the register of 2026-05"):
        await closer(pool).close(PERIOD, JUNE)


async def test_the_service_can_only_append(pool: Pool) -> None:
    await register(pool, 1)
    await chain(pool)
    await announce(pool, NOON)
    for table in ("register_block", "register_head"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET period = period"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(f"TRUNCATE {table}")


async def test_two_blocks_never_follow_on_one_entry(pool: Pool) -> None:
    await register(pool, 1)
    await chain(pool)
    async with pool.acquire() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await store.append(connection, PERIOD, Block(0, [decision_id(1)], bytes(32)), [])


async def announce(pool: Pool, now: datetime) -> list[RegisterChained]:
    """Publish what is due; gives what leaves."""
    before = await pool.fetchval("SELECT coalesce(max(id), 0) FROM outbox")
    await HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(now)
    rows = await pool.fetch("SELECT value FROM outbox WHERE id > $1 ORDER BY id", before)
    return [RegisterChained.model_validate_json(row["value"]) for row in rows]


async def test_a_head_is_published_once_a_day_and_only_if_the_chain_went_on(pool: Pool) -> None:
    await register(pool, 1, 2)
    assert await announce(pool, NOON) == []
    await chain(pool)
    [first] = await announce(pool, NOON)
    assert (first.period, first.day, first.entries) == (PERIOD, date(2026, 5, 12), 2)
    await register(pool, 3)
    await chain(pool)
    assert await announce(pool, NOON + timedelta(hours=11)) == []
    [second] = await announce(pool, NOON + timedelta(hours=12, minutes=1))  # it is the 13th here
    assert (second.day, second.entries) == (date(2026, 5, 13), 3)
    assert second.head != first.head
    assert await announce(pool, NOON + timedelta(days=2)) == []
    assert await followed(pool) == (3, [])


async def test_no_head_is_published_that_would_make_what_still_waits_seem_backdated(
    pool: Pool,
) -> None:
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    await register(pool, 1)
    await chain(pool)
    await register(pool, 2)
    assert await announce(pool, in_two_days) == []
    await chain(pool)
    assert [one.entries for one in await announce(pool, in_two_days)] == [2]


async def test_of_many_who_publish_a_head_one_does(pool: Pool) -> None:
    await register(pool, 1, 2)
    await chain(pool)
    await asyncio.gather(
        *(
            HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(NOON)
            for _ in range(4)
        )
    )
    assert await pool.fetchval("SELECT count(*) FROM register_head") == 1
    told = await pool.fetchval(
        "SELECT count(*) FROM outbox WHERE headers LIKE '%register.chained%'"
    )
    assert told == 1


async def test_after_an_upgrade_open_periods_are_chained_and_closed_ones_are_not(
    pool: Pool, stack: Addresses
) -> None:
    await register(pool, *range(6))
    april = MAY - timedelta(days=30)
    await register(pool, 6, 7, at=april)
    await closer(pool).close("2026-04", JUNE)
    await as_the_release_before(pool, stack)
    await pool.execute((MIGRATIONS / "0040_pre_queue_open_registers.sql").read_text())
    await register(pool, 8)
    await chain(pool)
    await register(pool, 9)
    await pool.execute("DELETE FROM unchained")  # a process of the release before registered it
    await pool.execute((MIGRATIONS / "0099_post_queue_open_registers.sql").read_text())
    await chain(pool)
    assert await followed(pool) == (8, [])
    names = await pool.fetchval(
        "SELECT decision_ids FROM register_block ORDER BY preceding LIMIT 1"
    )
    assert set(names[:6]) == {decision_id(number) for number in range(6)}
    assert await pool.fetchval("SELECT closed_entries FROM period WHERE key = '2026-04'") is None
    assert await followed(pool, "2026-04") == (
        0,
        [
            f"{name} stands in the register and not in its chain: it was put in"
            for name in sorted(map(decision_id, (6, 7)))
        ],
    )


async def test_a_period_that_closed_in_the_midst_of_an_upgrade_has_no_chain(
    pool: Pool, stack: Addresses
) -> None:
    await register(pool, 1)
    await pool.execute("DELETE FROM unchained")  # a process of the release before registered it
    await register(pool, 2)
    await closer(pool).close(PERIOD, JUNE)
    assert await pool.fetchval("SELECT closed_entries FROM period") == 1
    await pool.execute((MIGRATIONS / "0099_post_queue_open_registers.sql").read_text())
    assert await pool.fetchval("SELECT closed_entries FROM period") is None


async def as_the_release_before(pool: Pool, stack: Addresses) -> None:
    """Leave a database as it was before registers were chained."""
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("TRUNCATE controlling.register_block, controlling.register_head")
    await owner.close()
    await pool.execute("DELETE FROM unchained")
    await pool.execute("UPDATE period SET closed_entries = NULL")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(["register", "chain", "both"]), max_size=8))
async def test_whatever_comes_in_whatever_order_is_chained_once(
    pool: Pool, stack: Addresses, steps: list[str]
) -> None:
    await empty(stack.database_url)
    await register(pool, 0)
    amount = 1
    for step in steps:
        work = []
        if step != "chain":
            work.append(register(pool, amount, amount + 1))
            amount += 2
        if step != "register":
            work.append(chain(pool))
        await asyncio.gather(*work)
    await chain(pool)
    assert await followed(pool) == (amount, [])
