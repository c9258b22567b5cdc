"""A key that isn't the one with which a database was begun stops a service, and buries nothing."""

import asyncio
import os
from collections.abc import Mapping
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


async def test_no_service_starts_with_a_wrong_key(stack: Addresses, tmp_path: Path) -> None:
    create_missing(tmp_path)
    database_url = await new_database(stack, "keys")
    await migrate(database_url, tmp_path)
    await apply_topics(stack.brokers)
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(tmp_path),
        "NOTIFY_URL": "http://127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    owner = await asyncpg.connect(database_url)
    try:
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
    finally:
        await owner.close()
