"""Periods of the invented authority, opened and witnessed by a clock of its own."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)


async def set_back(connection: Connection, periods: Sequence[str], opened_at: datetime) -> None:
    """Let periods have been opened at a moment of that clock, and mark them for good."""
    await connection.execute(QUERIES["set_back"], periods, opened_at)


async def unwitnessed(pool: Pool) -> Sequence[Record]:
    """Give the simulated periods that can still be witnessed."""
    return await pool.fetch(QUERIES["unwitnessed"])
