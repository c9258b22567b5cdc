"""What every process needs of its database."""

from shared.observe.health import Health
from shared.postgres.pool import Pool, check_connecting


def require_database(
    health: Health, pool: Pool, database_url: str, *, service: str, process: str = "service"
) -> None:
    """Be ready, for requests too, only while the database answers and lets somebody new in."""

    async def check() -> None:
        await pool.fetchval("SELECT 1")
        await check_connecting(database_url, service=service, process=process)

    health.readiness.require("postgresql", check, for_requests=True)
