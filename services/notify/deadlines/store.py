"""Until when reviews and measures are due, and which are done."""

from collections.abc import Collection, Mapping
from datetime import date

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def put_due(connection: Connection, due: Mapping[bytes, date]) -> None:
    """Note the last days of some reviews; of two days of one review the later one counts."""
    if due:
        await connection.execute(QUERIES["put_due"], list(due.keys()), list(due.values()))


async def put_done(connection: Connection, done: Mapping[bytes, bool]) -> None:
    """Note which reviews are done, or aren't any more."""
    if done:
        await connection.execute(QUERIES["put_done"], list(done.keys()), list(done.values()))


async def put_measures(connection: Connection, due: Mapping[str, date]) -> None:
    """Note until when measures are to be carried out."""
    if due:
        await connection.execute(QUERIES["put_measures"], list(due.keys()), list(due.values()))


async def end_measures(connection: Connection, ended: Collection[str]) -> None:
    """Note which measures were carried out or given up."""
    if ended:
        await connection.execute(QUERIES["end_measures"], list(ended))
