"""What a release left behind, restored; and today's commands, as its operator calls them."""

import asyncio
import json
import lzma
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from click.testing import CliRunner

from deploy.command_line import gleichfall
from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.configuration.places import SERVICES
from shared.postgres.migrations import GUESTS
from shared.postgres.pool import role_name

HERE = Path(__file__).parent
Call = Callable[..., Awaitable[str]]


def lay_out_secrets(directory: Path, release: str) -> Path:
    """Put the keys that a release sealed with into a folder, and passwords of our own."""
    for name, key in json.loads((HERE / f"{release}.json").read_text()).items():
        (directory / name).write_text(key)
    create_missing(directory)
    return directory


async def restore(stack: Addresses, release: str) -> str:
    """Make a database as the release left it; gives its address."""
    owner = await asyncpg.connect(stack.database_url)
    for process in (*SERVICES, *GUESTS):
        role = role_name(process)
        if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await owner.execute(f"CREATE ROLE {role} LOGIN")
    await owner.execute("DROP DATABASE IF EXISTS upgrade WITH (FORCE)")
    await owner.execute("CREATE DATABASE upgrade")
    await owner.close()
    url = stack.database_url.rpartition("/")[0] + "/upgrade"
    database = await asyncpg.connect(url)
    await database.execute(lzma.decompress((HERE / f"{release}.sql.xz").read_bytes()).decode())
    await database.close()
    return url


async def contents(url: str) -> dict[str, int]:
    """Count the rows of every table."""
    database = await asyncpg.connect(url)
    names = await database.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
        "WHERE schemaname = ANY($1)",
        SERVICES,
    )
    found = {
        row["name"]: await database.fetchval(f"SELECT count(*) FROM {row['name']}") for row in names
    }
    await database.close()
    return found


def calling(url: str, secrets: Path, stack: Addresses) -> Call:
    environment = {
        "DATABASE_URL": url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "SMTP_URL": stack.smtp_url,
    }

    async def command(*words: str) -> str:
        runner = CliRunner(env=environment)
        answer = await asyncio.to_thread(runner.invoke, gleichfall, words)
        if answer.exception is not None:
            raise answer.exception
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    return command
