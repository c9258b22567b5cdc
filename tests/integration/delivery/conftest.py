"""A database for notify's loops, emptied before each test, and what operators call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from deploy.local.infrastructure import Addresses
from services.notify.commands import messages as group
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from tests.mail_host import MailHost


@pytest.fixture(scope="module")
async def database(stack: Addresses, secrets: Path) -> tuple[str, Path]:
    """A database of its own, and where the passwords are."""
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("DROP DATABASE IF EXISTS notify_delivery WITH (FORCE)")
    await connection.execute("CREATE DATABASE notify_delivery")
    await connection.close()
    database_url = stack.database_url.rpartition("/")[0] + "/notify_delivery"
    await migrate(database_url, secrets)
    return database_url, secrets


@pytest.fixture(scope="module")
async def pool(database: tuple[str, Path]) -> AsyncIterator[Pool]:
    database_url, secrets = database
    password = SecretStore(secrets).text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    pool = await open_pool(service_url(database_url, "notify", password), service="notify")
    yield pool
    await pool.close()


@pytest.fixture(autouse=True)
async def no_messages(pool: Pool) -> None:
    for table in ("message", "task", "intervention", "outbox", "held_item"):
        await pool.execute(f"DELETE FROM {table}")


@pytest.fixture
def environment(database: tuple[str, Path]) -> dict[str, str]:
    """An operator's, who needs neither Kafka nor a mail server."""
    database_url, secrets = database
    return {
        "DATABASE_URL": database_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }


@pytest.fixture
def messages(environment: dict[str, str]) -> Callable[..., Awaitable[Result]]:
    """Gives `gleichfall messages` as an operator calls it."""

    async def call(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, group, words)

    return call


@pytest.fixture
async def host() -> AsyncIterator[MailHost]:
    host = MailHost()
    await host.start()
    yield host
    host.stop()
