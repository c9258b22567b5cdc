"""Articles on norms for the workbench of the local stack."""

from datetime import datetime
from pathlib import Path

from services.controlling.audit.store import changing
from services.controlling.guidance import store
from services.controlling.guidance.entering import enter, read_articles
from shared.postgres.pool import Pool

PACKAGED = Path(__file__).with_name("guidance.yaml")


async def write_articles(pool: Pool, now: datetime) -> None:
    """Bring them in, unless there are any already: what people wrote is left alone."""
    async with changing(pool) as change:
        if not await store.any_articles(change.connection):
            await enter(change, read_articles(PACKAGED), now)
