"""Old rows lose their content, and nothing that others rely on."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from services.notify.cases.store import QUERIES as CASES
from services.notify.operation.store import QUERIES as NOTIFY
from shared.postgres.pool import Pool
from shared.postgres.retention import BATCH, SPINE_STATEMENTS, Janitor, declared_retention
from tests.integration.spine_helpers import System

pytestmark = pytest.mark.stack

RULES = declared_retention().of("notify")
STATEMENTS = {
    **SPINE_STATEMENTS,
    "message": NOTIFY["empty_messages"],
    "case_standing": CASES["empty_standings"],
}
AGE = RULES["message"].after


async def test_every_table_is_declared_with_a_reason(system: System) -> None:
    await system.operator.execute("DROP TABLE intake.effect, controlling.effect, notify.effect")
    try:
        shown = json.loads(await system.call("retention", "show", "--json"))["tables"]
    finally:
        for name in ("intake", "controlling", "notify"):
            await system.operator.execute(
                f"CREATE TABLE {name}.effect (id text PRIMARY KEY, subject text)"
            )

    assert {("intake", "ledger"), ("notify", "message"), ("controlling", "draw")} <= {
        (one["service"], one["table"]) for one in shown
    }
    assert all(one["reason"] for one in shown)
    told = await system.call("retention", "show", exit_code=1)  # the tests' own tables are back
    assert "not declared" in told


async def test_ended_messages_lose_recipient_and_facts_at_their_age(system: System) -> None:
    assert AGE is not None
    pool = system.notify.pool
    old = [await message(pool, AGE + timedelta(hours=1)) for _ in range(BATCH + 10)]
    young = await message(pool, AGE - timedelta(hours=1))
    waiting = await message(pool, None)
    janitor = Janitor(pool, RULES, STATEMENTS)
    held = await pool.acquire()
    transaction = held.transaction()
    await transaction.start()
    await held.execute("SELECT FROM message WHERE id = $1 FOR UPDATE", old[0])

    assert await janitor.enforce("message") == len(old) - 1  # never waits for a lock
    await transaction.rollback()
    await pool.release(held)
    assert await janitor.enforce("message") == 1
    assert await janitor.enforce("message") == 0

    emptied = await pool.fetchrow("SELECT * FROM message WHERE id = $1", old[0])
    assert emptied is not None
    assert (emptied["facts"], emptied["contact_ref"], emptied["why"]) == ("null", None, None)
    assert (emptied["state"], emptied["cause"]) == ("accepted", "cause")
    untouched = await pool.fetch("SELECT facts FROM message WHERE id = ANY($1)", [young, waiting])
    assert [row["facts"] for row in untouched] == ['{"due": "soon"}'] * 2


async def test_settled_dead_letters_lose_their_record_and_open_ones_keep_it(
    system: System,
) -> None:
    age = RULES["dead_letter"].after
    assert age is not None
    pool = system.notify.pool
    settled, open_one = await letter(pool, age * 2, settled=True), await letter(pool, age * 2)

    assert await Janitor(pool, RULES, STATEMENTS).enforce("dead_letter") == 1

    rows = {row["id"]: row for row in await pool.fetch("SELECT * FROM dead_letter")}
    assert rows[settled]["value"] is None
    assert rows[settled]["headers"] == b"[]"
    assert (rows[settled]["settled_by"], rows[settled]["sequence"]) == ("ops-7", 2)
    assert rows[open_one]["value"] == b"{"


async def message(pool: Pool, ended: timedelta | None) -> object:
    return await pool.fetchval(
        """
        INSERT INTO message (id, name, cause, case_ref, contact_ref, channel, language, facts,
                             traceparent, state, due_at, ended_at, why)
        SELECT $1, 'name', 'cause', 'case', 'contact', 'email', 'de', '{"due": "soon"}', 'trace',
               CASE WHEN $2::interval IS NULL THEN 'planned' ELSE 'accepted' END,
               CASE WHEN $2 IS NULL THEN now() END, now() - $2, 'no office'
        RETURNING id
        """,
        uuid4(),
        ended,
    )


async def letter(pool: Pool, age: timedelta, *, settled: bool = False) -> object:
    return await pool.fetchval(
        """
        INSERT INTO dead_letter (id, topic, partition, "offset", recorded_at, headers, value,
                                 defect, reason, attempts, failed_at, subject, sequence, state,
                                 settled_at, settled_by, settled_because)
        SELECT $1, 'case-events', 0, 0, now(), '[["ce_id","x"]]', '{', 'body_not_json', 'broken', 1,
               now() - $2::interval, 'case', 2,
               CASE WHEN $3 THEN 'discarded' ELSE 'open' END,
               CASE WHEN $3 THEN now() - $2 END, CASE WHEN $3 THEN 'ops-7' END,
               CASE WHEN $3 THEN 'a test' END
        RETURNING id
        """,
        uuid4(),
        age,
        settled,
    )
