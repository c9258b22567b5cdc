"""What every process needs of its database."""

from shared.observe.health import Health
from shared.postgres.pool import Pool


def require_database(health: Health, pool: Pool) -> None:
    """Be ready, for requests too, only while the database answers."""
    health.readiness.require("postgresql", lambda: pool.fetchval("SELECT 1"), for_requests=True)
