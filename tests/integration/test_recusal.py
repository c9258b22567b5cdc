"""Nobody reviews what they decided, and nobody learns from the workbench who did."""

from contextlib import suppress

import asyncpg
import pytest

from shared.events.catalogue.case import AppealLodged
from tests.integration.controlling_helpers import about, apply, case_events, decision_id, policy
from tests.integration.review_helpers import Desk, Person, by, pseudonym

pytestmark = pytest.mark.stack


async def may(desk: Desk, decision: int, who: Person) -> bool:
    found: bool = await desk.workbench.fetchval(
        "SELECT may_review($1, $2)", decision_id(decision), who.id
    )
    return found


async def test_who_decided_or_signed_may_not_review(desk: Desk) -> None:
    decided, signed, other = [await desk.person(number) for number in (1, 2, 3)]
    await desk.drawn(by(1, 1, co_signer=pseudonym(2)))
    assert [await may(desk, 1, one) for one in (decided, signed, other)] == [False, False, True]


async def test_what_isnt_known_yet_is_refused(desk: Desk) -> None:
    await desk.drawn(by(1, 1))
    late = await desk.person(2)
    assert not await may(desk, 1, late)
    await desk.settle()
    assert await may(desk, 1, late)


async def test_another_staff_number_is_held_against_open_reviews(desk: Desk) -> None:
    who = await desk.person(2)
    await desk.drawn(by(1, 1))
    assert await may(desk, 1, who)
    await desk.owner.execute("UPDATE controlling.account SET staff_number = 'S-4711'")
    await desk.settle()
    assert not await may(desk, 1, who)


async def test_where_the_decider_is_unknown_the_own_unit_doesnt_review(desk: Desk) -> None:
    own, other = await desk.person(2, unit="unit-2"), await desk.person(3, unit="unit-3")
    nothing = policy("0")
    appeal = about(1, AppealLodged(decision_id=decision_id(1)))
    await desk.drawn(by(1, 1, unit="unit-2"), in_force=nothing)
    await apply(desk.controlling, case_events(nothing), appeal)
    await desk.settle()
    assert [await may(desk, 1, one) for one in (own, other)] == [False, True]


async def test_where_the_policy_wants_it_the_own_unit_never_reviews(desk: Desk) -> None:
    own, other = await desk.person(2, unit="unit-2"), await desk.person(3, unit="unit-3")
    strict = policy("1").model_copy(update={"other_unit": True})
    await desk.drawn(by(1, 1, unit="unit-2"), in_force=strict)
    assert [await may(desk, 1, one) for one in (own, other)] == [False, True]


async def test_nothing_that_the_workbench_reads_tells_who_decided(desk: Desk) -> None:
    """Reads every column of every table that it may, and the statistics of those it may not."""
    await desk.person(1)
    await desk.drawn(by(1, 1))
    await desk.owner.execute("ANALYZE")
    secrets = ("S-4711", pseudonym(1))
    assert await desk.owner.fetchval("SELECT decider FROM controlling.draw") in secrets
    columns = await desk.owner.fetch(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'controlling' OR table_name IN ('pg_stats', 'pg_stats_ext')"
    )
    read = 0
    for schema, table, column in columns:
        with suppress(asyncpg.InsufficientPrivilegeError):
            rows = await desk.workbench.fetch(
                f'SELECT "{column}"::text AS text FROM "{schema}"."{table}"'
            )
            read += 1
            text = " ".join(row["text"] or "" for row in rows)
            assert not any(secret in text for secret in secrets), (table, column)
    assert read > 50
    for statement in (
        "SELECT * FROM recusal",
        "SELECT staff_number FROM account",
        "SELECT decider FROM draw",
        "SELECT sealed_seed FROM period",
        "UPDATE account SET name = staff_number",
        "DELETE FROM recusal",
        "SELECT * FROM vetted_account",
        "SELECT value FROM parked",
        "UPDATE account SET role = 'admin'",
        "UPDATE account SET password_hash = 'x'",
        "UPDATE account SET staff_number = 'x'",
        "INSERT INTO account SELECT * FROM account",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.workbench.execute(statement)


REGISTER = {
    "decision": "decision_id",
    "draw": "decision_id",
    "period": "key",
    "register_block": "period",
    "register_head": "period",
    "register_gap": "period",
    "second_decision": "decision_id",
}
"""Tables of the register, each with a column."""


@pytest.mark.parametrize(("table", "column"), REGISTER.items())
async def test_the_workbench_writes_nothing_of_the_register(
    desk: Desk, table: str, column: str
) -> None:
    for statement in (
        f"INSERT INTO {table} DEFAULT VALUES",
        f"UPDATE {table} SET {column} = 'x'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.workbench.execute(statement)


async def test_what_runs_as_its_owner_never_runs_what_its_caller_has_made(desk: Desk) -> None:
    """Names that aren't found where they should be would be looked for among the caller's."""
    for pool in (desk.workbench, desk.controlling):
        for made in ("TABLE recusal (decision_id text)", "VIEW recusal AS SELECT 1 AS one"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(f"CREATE TEMPORARY {made}")
    owned = await desk.owner.fetch(
        "SELECT nspname, proname, proconfig FROM pg_proc"
        " JOIN pg_namespace ON pg_namespace.oid = pronamespace"
        " WHERE prosecdef AND nspname IN ('intake', 'controlling', 'notify')"
    )
    assert len(owned) >= 2
    for schema, name, settings in owned:
        assert settings == [f"search_path={schema}, pg_temp"], name
