"""The desk with notify's pages, the accounts of all roles, and messages of cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.desk.app import create_app
from deploy.desk.settings import Settings
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from tests.integration.delivery.parts import plan
from tests.integration.workbench_helpers import Workbench, add

BOUNCED = """
    UPDATE message SET state = 'bounced', reason = 'undeliverable', due_at = NULL,
        accepted_at = now(), ended_at = now()
    WHERE id = $1
"""
TASK = """
    INSERT INTO task (thread, message, case_ref, name, reason)
    SELECT thread, id, case_ref, name, reason FROM message WHERE id = $1
"""


@dataclass(frozen=True)
class MessageLog:
    """The running desk, and notify's own connections."""

    desk: Workbench
    notify: Pool

    async def told(self) -> tuple[str, UUID]:
        """Plan a message to an applicant of unit-1; gives the case and the message."""
        [event] = await plan(self.notify)
        message = await self.notify.fetchval(
            "SELECT id FROM message WHERE case_ref = $1", event.subject
        )
        return event.subject, message

    async def missed(self) -> tuple[str, UUID]:
        """Let a message come back, so that a person must tell what it said."""
        case_ref, message = await self.told()
        await self.notify.execute(BOUNCED, message)
        await self.notify.execute(TASK, message)
        return case_ref, message

    async def noted(self) -> list[tuple[str, str]]:
        """Give what stands in the audit log beside signing in."""
        rows = await self.desk.pool.fetch(
            "SELECT act, object FROM audit WHERE act <> 'signed_in' ORDER BY number"
        )
        return [(row["act"], row["object"]) for row in rows]


@asynccontextmanager
async def prepared(stack: Addresses, secrets: Path, name: str) -> AsyncIterator[MessageLog]:
    """Make the desk on a database of its own; it doesn't run yet."""
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await owner.execute(f"CREATE DATABASE {name}")
    await owner.close()
    database_url = stack.database_url.rpartition("/")[0] + f"/{name}"
    await migrate(database_url, secrets)
    async with (
        await _pool(database_url, secrets, "controlling") as controlling,
        await _pool(database_url, secrets, "notify") as notify,
    ):
        accounts = {role: await add(controlling, role.value, role) for role in Role}
        app = create_app(Settings(database_url=database_url, secrets_directory=secrets))
        yield MessageLog(Workbench(app, controlling, accounts), notify)


@asynccontextmanager
async def message_log(stack: Addresses, secrets: Path, name: str) -> AsyncIterator[MessageLog]:
    """Run the desk on a database of its own."""
    async with prepared(stack, secrets, name) as made:
        app = made.desk.app
        async with app.router.lifespan_context(app):
            yield made


async def _pool(database_url: str, secrets: Path, service: str) -> Pool:
    password = SecretStore(secrets).text(SecretName(f"{service}_database_password"))
    url = service_url(database_url, service, password.get_secret_value())
    return await open_pool(url, service=service)
