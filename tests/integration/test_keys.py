"""A key that isn't the one with which a database was begun stops a service, and buries nothing."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretBytes

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.kafka.topics import apply_topics
from shared.postgres.keys import KeyDiffers, prove_keys
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName
from tests.integration.notify.service import new_database
from tests.integration.spine_helpers import CLI

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

ONE, OTHER = SecretBytes(bytes(32)), SecretBytes(bytes([1]) * 32)
WAITING = """
SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE NOT granted AND datname = current_database()
"""
KEYS = {
    "intake": [SecretName.CONTACT_SEALING_PUBLIC_KEY],
    "controlling": [SecretName.SEED_ENCRYPTION_KEY, SecretName.PSEUDONYM_KEY],
    "notify": [SecretName.CONTACT_MASTER_KEY, SecretName.CONTACT_SEALING_PRIVATE_KEY],
}


async def test_a_key_proves_itself_by_having_been_there_before(pool: Pool) -> None:
    a, b, c = SecretName.SEED_ENCRYPTION_KEY, SecretName.PSEUDONYM_KEY, SecretName.DRAW_SIGNING_KEY
    await prove_keys(pool, "controlling", {a: ONE, b: OTHER})
    await prove_keys(pool, "controlling", {b: OTHER, a: ONE, c: ONE})
    with pytest.raises(KeyDiffers, match=f"{c} and {a} of controlling is not what it was"):
        await prove_keys(pool, "controlling", {a: OTHER, b: OTHER, c: OTHER})
    assert ONE.get_secret_value() not in {
        row["proof"] for row in await pool.fetch("SELECT proof FROM key_proof")
    }


async def started(environment: Mapping[str, str], service: str) -> tuple[int | None, str]:
    """Start a service; gives its exit code and what it says last, or None once it reads."""
    process = await asyncio.create_subprocess_exec(
        *CLI, "serve", service, env=environment, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        told, _ = await asyncio.wait_for(process.communicate(), 60)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None, ""
    lines = told.decode().strip().splitlines()
    return process.returncode, lines[-1] if lines else ""


@asynccontextmanager
async def of_their_own(
    stack: Addresses, secrets: Path, name: str
) -> AsyncIterator[tuple[dict[str, str], asyncpg.Connection]]:
    """Give services a database of their own: the environment they start in, and its owner."""
    create_missing(secrets)
    database_url = await new_database(stack, name)
    await migrate(database_url, secrets)
    await apply_topics(stack.brokers)
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "NOTIFY_URL": "http://127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    owner = await asyncpg.connect(database_url)
    try:
        yield environment, owner
    finally:
        await owner.close()


@pytest.mark.parametrize(
    ("service", "asked"),
    [
        ("intake", "key_proof"),
        ("controlling", "key_proof"),
        ("notify", "key_proof"),
        ("intake", "source_token"),
        ("controlling", "policy"),
        ("notify", "edition"),
    ],
)
async def test_a_database_that_goes_away_while_a_service_starts_is_named(
    stack: Addresses, tmp_path: Path, service: str, asked: str
) -> None:
    async with of_their_own(stack, tmp_path, "starting") as (environment, owner):
        async with owner.transaction():
            await owner.execute(f"LOCK TABLE {service}.{asked} IN ACCESS EXCLUSIVE MODE")
            starting = asyncio.create_task(started(environment, service))
            while not (waiting := await owner.fetchval(WAITING)):
                await asyncio.sleep(0.1)
                assert not starting.done(), starting.result()
            await owner.execute("SELECT pg_terminate_backend($1)", waiting)
        code, told = await starting
        assert code == 1, told
        assert "PostgreSQL at 127.0.0.1" in told
        assert "does not answer" in told


async def test_no_service_starts_with_a_wrong_key(stack: Addresses, tmp_path: Path) -> None:
    async with of_their_own(stack, tmp_path, "keys") as (environment, owner):
        for service, names in KEYS.items():
            for name in names:
                await owner.execute(
                    f"INSERT INTO {service}.key_proof (name, proof) VALUES ($1, $2)",
                    name.value, b"of another key",
                )  # fmt: skip
            code, told = await started(environment, service)
            assert code == 1, told
            assert all(name.value in told for name in names), told
            assert not await owner.fetchval(f"SELECT count(*) FROM {service}.dead_letter")

        every = [name.value for names in KEYS.values() for name in names]
        process = await asyncio.create_subprocess_exec(
            *CLI, "secrets", "accept", *every, env=environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        assert process.returncode == 0
        assert said.decode().count("at its next start") == len(every)
