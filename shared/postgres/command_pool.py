"""A service's own connections, for a command that needs nothing else of the service."""

import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import PermanentError
from shared.postgres.pool import Connection, Login, Pool, open_pool
from shared.security.secrets import SecretStore

Result = TypeVar("Result")
_VARIABLE = "DATABASE_URL"


class DatabaseUnnamed(PermanentError):
    """The environment doesn't say where the database is."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            f"{_VARIABLE} is not set; start the local stack with 'gleichfall up', or see "
            "docs/operations/local.md"
        )


async def on_database(service: str, work: Callable[[Pool], Awaitable[Result]]) -> Result:
    """Do some work as `service`: in its schema, with its role.

    Raises:
        DatabaseUnnamed: `DATABASE_URL` isn't set.
        SecretMissing: The role's password isn't there.
        DatabaseUrlInvalid: `DATABASE_URL` can't be used.
        DatabaseUnreachable: The server doesn't answer or refuses.
    """
    server = os.environ.get(_VARIABLE)
    if not server:
        raise DatabaseUnnamed
    return await on_database_at(server, SecretStore.from_environment(), service, work)


async def in_transaction(service: str, act: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do something as `service` in one transaction; raises what `on_database` does."""

    async def work(pool: Pool) -> Result:
        async with pool.acquire() as connection, connection.transaction():
            return await act(connection)

    return await on_database(service, work)


async def on_database_at(
    server: str, secrets: SecretStore, service: str, work: Callable[[Pool], Awaitable[Result]]
) -> Result:
    """Do the same where somebody else knows where the database and the secrets are.

    Raises:
        SecretMissing: The role's password isn't there.
        DatabaseUrlInvalid: `server` can't be used.
        DatabaseUnreachable: The server doesn't answer or refuses.
    """
    login = Login.of(server, service, secrets)
    async with await open_pool(login, service=service, process="command", size=1) as pool:
        return await work(pool)
