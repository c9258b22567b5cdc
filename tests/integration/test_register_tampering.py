"""Whoever has the database changes a register: the command names it, and all verifiers do."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from click.testing import Result

from deploy.local.infrastructure import Addresses
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.chain.errors import RegisterChanged, RegisterUnchained
from services.controlling.errors import PeriodUnknown
from services.controlling.proof.export import verify_file
from services.controlling.proof.fault import FaultKind as F
from shared.configuration.places import ROOT
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
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

pytestmark = pytest.mark.stack

MARCH = MAY.replace(year=2025, month=3)
PERIOD = "2025-03"
VICTIM = decision_id(3)
INSERTED = decision_id(77)
RARELY = policy("0.1")
VERIFIER = str(ROOT / "docs" / "guide" / "auditors" / "verify.py")


@pytest.fixture
def operator(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path)


async def lived(pool: Pool, operator: Operator) -> None:
    """Let three batches come on three days, with a head of each evening."""
    handler = operator.handler(RARELY)
    for day in range(3):
        at = MARCH + timedelta(days=day)
        await apply(pool, handler, *(decided(number, at) for number in range(day * 8, day * 8 + 8)))
        await chain(pool)
        await HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(at)


async def owner_does(stack: Addresses, statement: str, *values: object) -> None:
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("SET search_path = controlling")
    await owner.execute("SET session_replication_role = replica")  # no key holds the owner back
    await owner.execute(statement, *values)
    await owner.close()


MOVE = "UPDATE decision SET stratum = 'work/neutral/unit-9' WHERE decision_id = $1"
TICKET = "UPDATE decision SET ticket = '0.5' WHERE decision_id = $1"
BACKDATE = (
    "UPDATE decision SET decided_at = decided_at - interval '1 second' WHERE decision_id = $1"
)
A_MICROSECOND = (
    "UPDATE decision SET registered_at = registered_at + interval '1 microsecond' "
    "WHERE decision_id = $1"
)
RETYPE = "UPDATE decision SET type_code = 'AufenthG-9' WHERE decision_id = $1"
DROP = "DELETE FROM decision WHERE decision_id = $1"
INSERT = f"""
    INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,
        inclusion_probability, drawn, policy_version, decided_at, registered_at, facts)
    SELECT '{INSERTED}', case_ref, period, stratum, type_code, ticket,
        inclusion_probability, false, policy_version, decided_at, registered_at, facts
    FROM decision WHERE decision_id = $1
"""
CHANGED = {F.HEAD}
TAMPERINGS: Mapping[str, tuple[str, str, set[F]]] = {
    "move": (MOVE, f"entry 4: {VICTIM} was changed", CHANGED),
    "ticket": (TICKET, f"entry 4: {VICTIM} was changed", {F.HEAD, F.TICKET}),
    "backdate": (BACKDATE, f"entry 4: {VICTIM} was changed", CHANGED),
    "a microsecond": (A_MICROSECOND, f"entry 4: {VICTIM} was changed", CHANGED),
    "retype": (RETYPE, f"entry 4: {VICTIM} was changed", CHANGED),
    "drop": (
        DROP,
        f"entry 4: {VICTIM} is not in the register any more",
        {F.HEAD, F.ENTRIES, F.CLOSED},
    ),
    "insert": (
        INSERT,
        f"{INSERTED} stands in the register and not in its chain",
        {F.CLOSED, F.SIZE},
    ),
}


async def test_a_register_that_nobody_touched_is_what_its_chain_says(
    pool: Pool, operator: Operator
) -> None:
    await lived(pool, operator)
    told = await operator.does("chain", PERIOD)
    assert told.startswith("24 entries, head ")
    assert told.endswith("the register is what its chain says\n")
    found = json.loads(await operator.does("chain", PERIOD, "--json"))
    assert (found["period"], found["entries"], found["faults"]) == (PERIOD, 24, [])
    assert found["head"] in told
    await apply(pool, operator.handler(RARELY), decided(50, MARCH))
    assert "1 more are registered" in await operator.does("chain", PERIOD)


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_what_was_done_in_the_database_is_named_by_all(
    pool: Pool, operator: Operator, stack: Addresses, what: str
) -> None:
    statement, told, kinds = TAMPERINGS[what]
    await lived(pool, operator)
    await owner_does(stack, statement, VICTIM)
    answer = await operator.call("chain", PERIOD)
    assert isinstance(answer.exception, RegisterChanged)
    assert [line for line in answer.stdout.splitlines() if line.startswith(told)]
    assert answer.stdout.count(VICTIM) + answer.stdout.count(INSERTED) == 1
    found = await operator.call("chain", PERIOD, "--json")
    assert len(json.loads(found.stdout)["faults"]) == 1

    await operator.does("close", PERIOD)
    await operator.does("export", PERIOD, "--out", str(operator.file))
    ours, theirs = await both(operator)
    assert ours.exit_code == theirs.returncode == 1
    assert ours.stdout == theirs.stdout
    assert {one.kind for one in verify_file(operator.file).differences} == kinds


async def both(operator: Operator, *words: str) -> tuple[Result, subprocess.CompletedProcess[str]]:
    ours = await operator.call("verify", str(operator.file), *words)
    return ours, second_verifier(str(operator.file), *words)


def second_verifier(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", VERIFIER, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def rewritten(pool: Pool, stack: Addresses) -> None:
    """Exchange a decision and write the chain and all published heads anew, as the owner can."""
    await owner_does(stack, MOVE, VICTIM)
    ids = await pool.fetch("SELECT decision_ids FROM register_block ORDER BY preceding")
    await owner_does(stack, "TRUNCATE register_block, register_head")
    for row in ids:
        await pool.execute(
            "INSERT INTO unchained (period, size, decision_ids) VALUES ($1, $2, $3)",
            PERIOD,
            len(row["decision_ids"]),
            row["decision_ids"],
        )
    await chain(pool)
    await HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(
        MARCH + timedelta(days=5)
    )


async def test_who_writes_all_anew_is_found_by_a_head_that_somebody_kept(
    pool: Pool, operator: Operator, stack: Addresses
) -> None:
    await lived(pool, operator)
    head = await pool.fetchrow("SELECT * FROM register_head ORDER BY day LIMIT 1")
    assert head is not None
    kept = f"{head['day']}:{head['entries']}:{head['hash'].hex()}"
    untold = f"{head['day']}:-:{head['hash'].hex()}"
    for one in (kept, untold):
        await operator.does("chain", PERIOD, "--head", one)

    await rewritten(pool, stack)

    await operator.does("chain", PERIOD)  # nothing in the house tells it any more
    for one in (kept, untold):
        answer = await operator.call("chain", PERIOD, "--head", one)
        assert isinstance(answer.exception, RegisterChanged)
        assert f"the head of {head['day']}" in answer.stdout
    await operator.does("close", PERIOD)
    await operator.does("export", PERIOD, "--out", str(operator.file))
    for one in (kept, untold):
        ours, theirs = await both(operator, "--head", one)
        assert ours.exit_code == theirs.returncode == 1
        assert ours.stdout == theirs.stdout
        assert f"the head that was kept of {head['day']} is not in this register" in ours.stdout


async def test_what_is_no_head_is_refused_with_how_one_looks(operator: Operator) -> None:
    answer = await operator.call("chain", PERIOD, "--head", "1204")
    assert answer.exit_code == 2
    assert "2026-05-03:1204:9f86" in answer.output


async def test_a_period_that_is_not_there_or_has_no_chain_says_so(
    pool: Pool, operator: Operator
) -> None:
    assert isinstance(await operator.fails("chain", PERIOD), PeriodUnknown)
    await lived(pool, operator)
    await operator.does("close", PERIOD)
    await pool.execute("UPDATE period SET closed_entries = NULL")
    assert isinstance(await operator.fails("chain", PERIOD), RegisterUnchained)


async def test_a_period_that_lost_its_chain_in_an_upgrade_is_exported_without_its_heads(
    pool: Pool, operator: Operator
) -> None:
    await lived(pool, operator)
    await operator.does("close", PERIOD)
    await pool.execute("UPDATE period SET closed_entries = NULL")
    assert await pool.fetchval("SELECT count(*) FROM register_head") > 0
    await operator.does("export", PERIOD, "--out", str(operator.file))
    header = json.loads(operator.file.read_bytes().splitlines()[0])
    assert (header["chain"], header["heads"]) == (None, [])
    ours, theirs = await both(operator)
    assert (ours.exit_code, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.exit_code == 0
