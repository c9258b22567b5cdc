"""What every process needs of its database."""

from shared.observe.health import Health
from shared.postgres.pool import Login, Pool, check_connecting


def require_database(
    health: Health, pool: Pool, login: Login, *, service: str, process: str = "service"
) -> None:
    """Be ready, for requests too, only while the database answers and lets somebody new in."""

    async def check() -> None:
        await pool.fetchval("SELECT 1")
        await check_connecting(login, service=service, process=process)

    health.readiness.require("postgresql", check, for_requests=True)
