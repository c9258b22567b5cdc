"""Connections: each service as its own role, in its own schema."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from urllib.parse import quote, urlunsplit

import asyncpg
from asyncpg.connection import LoggedQuery

from shared.configuration.database_url import DatabaseUrlInvalid, read, server_of
from shared.observe.metrics import SLOW_STATEMENTS
from shared.postgres.errors import TRANSIENT, DatabaseUnreachable
from shared.postgres.queries import load
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName, SecretStore

QUERIES = load(__file__)
SLOW = timedelta(seconds=1)
Pool = asyncpg.Pool
Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


def role_name(service: str) -> str:
    """Give the database role of a service."""
    return f"gleichfall_{service}"


def service_url(database_url: str, service: str, password: str) -> str:
    """Give the URL with which a service connects: same server and database, its own role.

    Raises:
        DatabaseUrlInvalid: not a PostgreSQL URL with a host and a database.
    """
    parts = read(database_url)
    credentials = f"{role_name(service)}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{credentials}@{server_of(parts)}"))


@dataclass(frozen=True, slots=True)
class Login:
    """With what a process signs in.

    Attributes:
        url: Server, database and role, without a password.
        passwords: Those that may be the role's: while one is exchanged there are two.
    """

    url: str
    passwords: KeyRing

    @classmethod
    def of(cls, database_url: str, process: str, secrets: SecretStore) -> Self:
        """Give the login of a process: the server's, its own role, its own passwords.

        Raises:
            SecretMissing, SecretMalformed: the role's password is not there.
            DatabaseUrlInvalid: not a PostgreSQL URL with a host and a database.
        """
        passwords = KeyRing(secrets, SecretName(f"{process}_database_password"))
        return cls(service_url(database_url, process, ""), passwords)


def address(database_url: str) -> str:
    """Give host, port and database without credentials, for messages and logs.

    Raises:
        DatabaseUrlInvalid: not a PostgreSQL URL with a host and a database.
    """
    parts = read(database_url)
    return f"{server_of(parts)}{parts.path}"


async def connect(login: str | Login, **options: Any) -> asyncpg.Connection:
    """Sign in, with whichever password fits; `options` are those of `asyncpg.connect`.

    What goes wrong is raised as it is.
    """
    if isinstance(login, str):
        return await asyncpg.connect(login, **options)
    refused: asyncpg.InvalidPasswordError | None = None
    for password in login.passwords.candidates():
        try:
            return await asyncpg.connect(login.url, password=password.decode(), **options)
        except asyncpg.InvalidPasswordError as error:
            refused = refused or error
    assert refused is not None
    raise refused


@contextmanager
def reaching(login: str | Login) -> Iterator[None]:
    """Say of what is asked of the database in the block that it doesn't answer, if it doesn't.

    Raises:
        DatabaseUnreachable: it does not answer, refuses, or goes away meanwhile.
        DatabaseUrlInvalid: its URL can't be read, or wishes for what nobody can grant.
    """
    where = address(login if isinstance(login, str) else login.url)
    try:
        yield
    except asyncpg.ClientConfigurationError as error:
        raise DatabaseUrlInvalid(f"can't be used ({error})") from error
    except (*TRANSIENT, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise DatabaseUnreachable(where, error) from error


async def open_pool(
    login: str | Login, *, service: str, process: str = "service", size: int = 10
) -> Pool:
    """Open a pool whose connections see the service's schema only, and keeps those it has opened.

    Raises:
        DatabaseUnreachable: the server does not answer or refuses.
    """
    with reaching(login):

        async def sign_in(_: str | None, **options: Any) -> asyncpg.Connection:
            connection = await connect(login, **options)
            connection.add_query_logger(_note_slow)
            return connection

        # It takes what asyncpg's own takes.
        pool: Pool = await asyncpg.create_pool(  # type: ignore[call-overload]
            connect=sign_in,
            init=_learn_types,
            min_size=1,
            max_size=size,
            max_inactive_connection_lifetime=0,  # whoever comes after a quiet hour doesn't sign in
            timeout=10,
            command_timeout=60,
            server_settings=_session(service, process),
        )
        return pool


async def check_connecting(login: str | Login, *, service: str, process: str = "service") -> None:
    """Open a connection as a pool would, and close it.

    A server that shuts down goes on answering those that it has, and takes no new ones.

    Raises:
        DatabaseUnreachable: the server does not answer or refuses.
    """
    with reaching(login):
        connection = await connect(login, timeout=10, server_settings=_session(service, process))
        await connection.close()


@asynccontextmanager
async def operator_connection(login: str | Login) -> AsyncIterator[asyncpg.Connection]:
    """Connect as the operator, who sees the schemas of all services.

    Raises:
        DatabaseUnreachable: the server does not answer, refuses, or goes away meanwhile.
    """
    with reaching(login):
        connection = await connect(login, timeout=10, command_timeout=60)
        try:
            yield connection
        finally:
            await connection.close()


async def enter_schema(connection: Connection, service: str) -> None:
    """Let an operator's open transaction see one service's tables."""
    await connection.execute(QUERIES["enter_schema"], service)


async def _learn_types(connection: Connection) -> None:
    """Meet the types of lists before somebody waits."""
    await connection.fetch(QUERIES["learn_types"])


def _note_slow(statement: LoggedQuery) -> None:
    """Count a statement that took long; what it said is nobody's business."""
    if statement.elapsed > SLOW.total_seconds():
        SLOW_STATEMENTS.inc()


def _session(service: str, process: str) -> dict[str, str]:
    return {
        "application_name": f"gleichfall-{service}-{process}",
        "search_path": service,
        "jit": "off",
    }
