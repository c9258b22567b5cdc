"""Migrations beside a running system: nobody waits long, nothing is left half done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from shared.crash_points import EXIT_CODE, VARIABLE, CrashPoint
from shared.postgres import migrations
from shared.postgres.errors import MigrationBlocked, ProcessesRun
from shared.postgres.migrations import (
    LOCK_TIMEOUT,
    Migration,
    Phase,
    Waits,
    migrate,
    migrations_of,
)
from shared.postgres.pool import open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from tests.administered import administered
from tests.integration.spine_helpers import CLI

pytestmark = pytest.mark.stack

MORE = Migration(
    "0009_pre_more", "CREATE TABLE more (); ALTER TABLE outbox ADD COLUMN tenant text;"
)
INDEX = Migration(
    "0010_pre_index",
    "-- concurrently\n"
    "DROP INDEX CONCURRENTLY IF EXISTS outbox_topic;\n"
    "CREATE INDEX CONCURRENTLY outbox_topic ON outbox (topic);\n",
)
HAS_STATE = """
SELECT EXISTS (SELECT FROM pg_attribute
               WHERE attrelid = 'intake.dead_letter'::regclass AND attname = 'state')
"""
INSERT = "INSERT INTO intake.outbox (topic, headers) VALUES ('case-events', '')"


@pytest.fixture
async def empty_database(stack: Addresses) -> str:
    name = f"migrations_{uuid4().hex[:8]}"
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute(f"CREATE DATABASE {name}")
    await owner.close()
    return stack.database_url.rpartition("/")[0] + f"/{name}"


@pytest.fixture
async def database(empty_database: str, secrets: Path) -> str:
    await migrate(empty_database, secrets)
    return empty_database


async def test_a_migration_that_waits_for_a_long_reader_holds_nobody_up(
    database: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, MORE)
    told: list[str] = []
    async with reading(database), writing(database) as written:
        migrating = asyncio.create_task(
            migrate(database, secrets, Phase.PRE, Waits(report=told.append))
        )
        await asyncio.sleep(4)
        assert not migrating.done()
        assert not await exists(database, "intake.more")
    assert await migrating == ["intake/0009_pre_more"]

    assert await exists(database, "intake.more")
    assert "long-report (process" in told[0]
    assert len(written) > 20


async def test_a_migration_gives_up_in_the_end_and_leaves_nothing(
    database: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, MORE)
    async with reading(database):
        with pytest.raises(MigrationBlocked, match=r"long-report .*run the command again"):
            await migrate(database, secrets, Phase.PRE, Waits(timedelta(0)))
        assert not await exists(database, "intake.more")

    assert await migrate(database, secrets, Phase.PRE) == ["intake/0009_pre_more"]


async def test_both_phases_at_once_are_refused_while_a_process_is_connected(
    database: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = SecretStore(secrets).text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    url = service_url(database, "notify", password)
    async with await open_pool(url, service="notify"):
        assert await migrate(database, secrets) == []
        add(monkeypatch, MORE)
        with pytest.raises(ProcessesRun, match=r"connected to the database: .*notify.*; stop"):
            await migrate(database, secrets)
        assert not await exists(database, "intake.more")

    assert await migrate(database, secrets) == ["intake/0009_pre_more"]


async def test_a_command_killed_in_a_migration_leaves_nothing_and_the_next_one_finishes(
    empty_database: str, secrets: Path, tmp_path: Path
) -> None:
    log = tmp_path / "security.log"
    environment = {
        "DATABASE_URL": empty_database,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "GLEICHFALL_SECURITY_LOG": str(log),
    }
    crash = {VARIABLE: f"{CrashPoint.MIGRATION}:2"}

    assert await run(environment | crash) == EXIT_CODE
    assert await exists(empty_database, "intake.outbox")
    assert not await ask(empty_database, HAS_STATE)
    assert await run(environment) == 0
    told = administered(log)
    assert set(told) == {"database migrated"}
    assert await run(environment) == 0
    assert administered(log) == told
    assert await exists(empty_database, "notify.message")


async def test_a_command_killed_while_it_makes_a_database_goes_on_in_both_phases(
    empty_database: str, secrets: Path
) -> None:
    environment = {"DATABASE_URL": empty_database, "GLEICHFALL_SECRETS_DIR": str(secrets)}
    killed_at = len(migrations_of("intake")) + 15

    assert await run(environment | {VARIABLE: f"{CrashPoint.MIGRATION}:{killed_at}"}) == EXIT_CODE
    assert not await exists(empty_database, "notify.message")
    assert await run(environment) == 0
    assert await exists(empty_database, "notify.message")


async def test_an_index_built_beside_the_load_may_be_interrupted_anywhere(
    database: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, INDEX)
    async with writing(database) as written:
        with monkeypatch.context() as crash:
            crash.setattr(migrations, "crash_point", die)
            with pytest.raises(SystemExit):
                await migrate(database, secrets, Phase.PRE)
        assert await migrate(database, secrets, Phase.PRE) == ["intake/0010_pre_index"]

    assert written
    assert await exists(database, "intake.outbox_topic")


def die(_: CrashPoint) -> None:
    raise SystemExit


def add(monkeypatch: pytest.MonkeyPatch, new: Migration) -> None:
    """Let intake have one migration more."""
    released = migrations.migrations_of

    def with_new(service: str) -> Sequence[Migration]:
        return [*released(service), *([new] if service == "intake" else [])]

    monkeypatch.setattr(migrations, "migrations_of", with_new)


@asynccontextmanager
async def reading(database: str) -> AsyncIterator[None]:
    """Keep a report open that reads the outbox."""
    reader = await asyncpg.connect(database, server_settings={"application_name": "long-report"})
    async with reader.transaction():
        await reader.fetchval("SELECT count(*) FROM intake.outbox")
        yield
    await reader.close()


@asynccontextmanager
async def writing(database: str) -> AsyncIterator[list[str]]:
    """Write to the outbox all the time, and give up on a lock that isn't had soon.

    The server measures how long a lock is waited for, so a busy machine changes nothing.
    """
    limit = f"{(LOCK_TIMEOUT + timedelta(seconds=1)).total_seconds():.0f}s"
    writer = await asyncpg.connect(database, server_settings={"lock_timeout": limit})
    written: list[str] = []

    async def write() -> None:
        while True:
            written.append(await writer.execute(INSERT))
            await asyncio.sleep(0.01)

    task = asyncio.create_task(write())
    yield written
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await writer.close()


async def exists(database: str, name: str) -> bool:
    return await ask(database, "SELECT to_regclass($1) IS NOT NULL", name)


async def ask(database: str, query: str, *arguments: object) -> bool:
    connection = await asyncpg.connect(database)
    found: bool = await connection.fetchval(query, *arguments)
    await connection.close()
    return found


async def run(environment: dict[str, str]) -> int | None:
    """Run `gleichfall migrate` as a process of its own; give its exit code."""
    process = await asyncio.create_subprocess_exec(*CLI, "migrate", env=environment)
    return await process.wait()
