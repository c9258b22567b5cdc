"""A decision that is gone before it was chained holds its period until somebody notes that."""

import json
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.audit.store import verify as verify_audit
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.chain.entering import Chainer
from services.controlling.chain.errors import NothingGone, RegisterChanged, RegisterIncomplete
from services.controlling.errors import PeriodUnknown
from services.controlling.periods.closing import Closer
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName, SecretStore
from tests.integration.controlling_helpers import (
    MAY,
    ZONE,
    Operator,
    apply,
    chain,
    decided,
    decision_id,
    holding_of,
    policy,
)
from tests.integration.test_register_tampering import INSERT, INSERTED, both, owner_does

pytestmark = pytest.mark.stack

MARCH = MAY.replace(year=2025, month=3)
PERIOD = "2025-03"
HALF = policy("0.5")
GONE = decision_id(2)
NOTE = (PERIOD, "--by", "ops-7", "--reason", "disk restored")
LESS = "the draw proves less: decisions are gone that were registered"


@pytest.fixture
def operator(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path)


async def register(pool: Pool, operator: Operator, *numbers: int) -> None:
    await apply(pool, operator.handler(HALF), *(decided(number, MARCH) for number in numbers))


async def lost(pool: Pool, operator: Operator) -> None:
    """Let the second of four be gone, of a period that is due to close, and the loops find that."""
    await register(pool, operator, *range(1, 5))
    await pool.execute("UPDATE period SET opened_at = '2025-02-01'")
    for table in ("draw", "decision"):
        await pool.execute(f"DELETE FROM {table} WHERE decision_id = $1", GONE)
    await Chainer(pool, holding_of(pool, Loop.REGISTER_CHAIN)).look()
    await close_due(pool, operator)


async def close_due(pool: Pool, operator: Operator) -> None:
    key = SecretStore(operator.secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    holding = holding_of(pool, Loop.PERIOD_CLOSER)
    await Closer(pool, key, ZONE).close_due(datetime.now(UTC), holding)


async def held(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT loop FROM held_item WHERE state = 'held' ORDER BY loop")
    return [row["loop"] for row in rows]


async def test_who_notes_it_lets_the_register_go_on_and_the_period_close(
    pool: Pool, operator: Operator
) -> None:
    await lost(pool, operator)
    assert await held(pool) == [Loop.PERIOD_CLOSER, Loop.REGISTER_CHAIN]
    refused = await operator.fails("close", PERIOD)
    assert isinstance(refused, RegisterIncomplete)
    assert f"gleichfall draw note-gap {PERIOD}" in str(refused)

    told = await operator.does("note-gap", *NOTE)
    assert told.startswith(f"entry 2: {GONE} was registered and is gone; noted ")
    assert await held(pool) == []
    await register(pool, operator, 5)
    await chain(pool)
    followed = await operator.does("chain", PERIOD)
    assert followed.startswith(told)
    assert "5 entries, head " in followed
    assert followed.endswith("the register is what its chain says\n")
    [gap] = json.loads(await operator.does("chain", PERIOD, "--json"))["gaps"]
    assert (gap["entry"], gap["decision"]) == (2, GONE)

    await close_due(pool, operator)
    assert await held(pool) == []
    await operator.does("export", PERIOD, "--out", str(operator.file))
    ours, theirs = await both(operator)
    assert ours.exit_code == theirs.returncode == 0
    assert ours.stdout == theirs.stdout
    assert f"{told}{LESS}\nthe draw is what seed and policy give\n" in ours.stdout
    assert "period 2025-03: 4 decisions" in ours.stdout


async def test_the_audit_log_tells_who_noted_it_and_why(pool: Pool, operator: Operator) -> None:
    await lost(pool, operator)
    await operator.does("note-gap", *NOTE)
    entry = await pool.fetchrow("SELECT * FROM audit ORDER BY number DESC LIMIT 1")
    assert entry is not None
    assert (entry["act"], entry["object"]) == ("gap_noted", f"register:{PERIOD}")
    assert json.loads(entry["detail"]) == {"by": "ops-7", "reason": "disk restored", "decisions": 1}
    async with pool.acquire() as connection:
        assert (await verify_audit(connection)).breaks == ()


async def test_a_dry_run_names_what_is_gone_and_changes_nothing(
    pool: Pool, operator: Operator
) -> None:
    await lost(pool, operator)
    assert await operator.does("note-gap", *NOTE, "--dry-run") == f"would be noted: {GONE}\n"
    assert await pool.fetchval("SELECT count(*) FROM register_gap") == 0
    assert await pool.fetchval("SELECT count(*) FROM register_block") == 0
    assert len(await held(pool)) == 2


async def test_where_nothing_is_gone_nothing_can_be_noted(pool: Pool, operator: Operator) -> None:
    await register(pool, operator, 1, 2)
    assert isinstance(await operator.fails("note-gap", *NOTE), NothingGone)
    unknown = await operator.fails("note-gap", "2031-01", *NOTE[1:])
    assert isinstance(unknown, PeriodUnknown)
    await chain(pool)
    assert (await operator.does("chain", PERIOD)).startswith("2 entries")


async def test_what_is_sent_again_afterwards_is_registered_and_drawn_as_any_other(
    pool: Pool, operator: Operator
) -> None:
    await lost(pool, operator)
    told = await operator.does("note-gap", *NOTE)
    await register(pool, operator, 2)
    await chain(pool)
    assert "5 entries, head " in await operator.does("chain", PERIOD)
    await verified(operator, told)


async def test_of_what_was_sent_again_before_the_first_registration_is_gone(
    pool: Pool, operator: Operator
) -> None:
    await lost(pool, operator)
    await register(pool, operator, 2)
    told = await operator.does("note-gap", *NOTE)
    assert told.startswith(f"entry 2: {GONE} was registered and is gone")
    await verified(operator, told)


async def verified(operator: Operator, told: str) -> None:
    """Close, export and verify: four decisions, and one registration that is gone."""
    await operator.does("close", PERIOD)
    await operator.does("export", PERIOD, "--out", str(operator.file))
    assert operator.file.read_text().count(f'{{"decision":"{GONE}"') == 1
    ours, theirs = await both(operator)
    assert ours.stdout == theirs.stdout
    assert "period 2025-03: 4 decisions" in ours.stdout
    assert f"{told}{LESS}\nthe draw is what seed and policy give\n" in ours.stdout


async def test_a_head_that_was_published_afterwards_holds_the_note(
    pool: Pool, operator: Operator, stack: Addresses
) -> None:
    """Whoever takes it back later is found, also with database and signing key."""
    await lost(pool, operator)
    await operator.does("note-gap", *NOTE)
    await HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(
        datetime.now(UTC)
    )
    kept = await pool.fetchrow("SELECT * FROM register_head")
    assert kept is not None
    head = f"{kept['day']}:{kept['entries']}:{kept['hash'].hex()}"
    await owner_does(stack, "DELETE FROM register_gap")
    answer = await operator.call("chain", PERIOD)
    assert isinstance(answer.exception, RegisterChanged)
    assert f"entry 2: {GONE} is not in the register any more" in answer.stdout

    await owner_does(stack, "TRUNCATE register_block, register_head")
    await owner_does(
        stack,
        "INSERT INTO unchained (period, size, decision_ids)"
        " SELECT period, count(*), array_agg(decision_id) FROM decision GROUP BY period",
    )
    await operator.does("close", PERIOD)
    await operator.does("export", PERIOD, "--out", str(operator.file))
    ours, theirs = await both(operator, "--head", head)
    assert ours.exit_code == theirs.returncode == 1
    assert f"the head that was kept of {kept['day']} is not in this register" in ours.stdout


async def test_what_is_put_in_under_the_id_of_what_is_gone_is_named(
    pool: Pool, operator: Operator, stack: Addresses
) -> None:
    await lost(pool, operator)
    await operator.does("note-gap", *NOTE)
    await owner_does(stack, INSERT.replace(INSERTED, GONE), decision_id(3))
    answer = await operator.call("chain", PERIOD)
    assert isinstance(answer.exception, RegisterChanged)
    assert f"{GONE} stands in the register and not in its chain: it was put in" in answer.stdout


async def test_what_was_noted_is_changed_by_nobody_of_the_service(
    pool: Pool, operator: Operator
) -> None:
    await lost(pool, operator)
    await operator.does("note-gap", *NOTE)
    for statement in ("DELETE FROM register_gap", "UPDATE register_gap SET entry = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
