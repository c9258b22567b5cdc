"""Which units there ever were, so that none vanishes without a successor."""

from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.postgres.queries import load

QUERIES = load(__file__)


async def require_successors(pool: Pool, organisation: Organisation) -> None:
    """Take the units of the organisation file with which a service starts.

    Raises:
        UnitVanished: the file doesn't say what became of units that there were.
    """
    async with pool.acquire() as connection, connection.transaction():
        known = await connection.fetch(QUERIES["known_units"])
        organisation.require_successors(row["key"] for row in known)
        keys = sorted(unit.key for unit in organisation.units)
        await connection.execute(QUERIES["remember_units"], keys)
