"""What an exchange of keys and passwords reads and writes in the database."""

from collections.abc import Sequence

import asyncpg
from asyncpg import Record

from shared.errors import TransientError
from shared.postgres.queries import load

QUERIES = load(__file__)
BATCH = 1_000
_TURN = 0x726F7461


class ExchangeRuns(TransientError):
    """Another exchange works on the same database."""

    def __init__(self) -> None:
        super().__init__("another exchange of a key runs on this database; let it end first")


async def take_turn(connection: asyncpg.Connection) -> None:
    """Let nobody else exchange anything on this database until the connection ends.

    Raises:
        ExchangeRuns: somebody does.
    """
    if not await connection.fetchval(QUERIES["take_turn"], _TURN):
        raise ExchangeRuns


async def enter(connection: asyncpg.Connection, service: str) -> None:
    """Work in a service's schema until the connection ends."""
    await connection.execute(QUERIES["enter"], service)


async def count(connection: asyncpg.Connection, rows: str) -> int:
    """Count what is encrypted, by the name of its statements."""
    return int(await connection.fetchval(QUERIES[f"count_{rows}"]))


async def some(connection: asyncpg.Connection, rows: str, after: str) -> Sequence[Record]:
    """Give the next owners behind one, each with what is encrypted for it."""
    return await connection.fetch(QUERIES[rows], after, BATCH)


async def keep(
    connection: asyncpg.Connection, rows: str, anew: Sequence[tuple[str, bytes, bytes]]
) -> None:
    """Put what was encrypted anew in the place of what was read, by owner, old and new."""
    await connection.execute(QUERIES[f"keep_{rows}"], *map(list, zip(*anew, strict=True)))


async def hold(connection: asyncpg.Connection, rows: str) -> None:
    """Wait, not for long, until no transaction is open that has written some.

    Raises:
        LockNotAvailableError: one still is.
    """
    async with connection.transaction():
        await connection.execute(QUERIES["wait_shortly"])
        await connection.execute(QUERIES[f"hold_{rows}"])


async def whoever_is_connected(connection: asyncpg.Connection) -> str:
    """Give their role."""
    return str(await connection.fetchval(QUERIES["who"]))


async def change_password(connection: asyncpg.Connection, role: str, fresh: str) -> None:
    """Give a role another password. DDL takes no parameters: the server quotes it for us."""
    await connection.execute(await connection.fetchval(QUERIES["change_password"], role, fresh))
