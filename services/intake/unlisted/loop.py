"""Reads how many keys wait for a list, for whoever watches."""

from functools import partial

from services.intake.unlisted import store
from shared.observe.gauges import UNLISTED_KEYS
from shared.postgres.pool import Pool
from shared.service.looking import OFTEN, Look


def looks(pool: Pool) -> list[Look]:
    """Give what intake reads of them."""
    return [Look(OFTEN, partial(tell_unlisted, pool))]


async def tell_unlisted(pool: Pool) -> None:
    """Tell how many there are."""
    async with pool.acquire() as connection:
        UNLISTED_KEYS.set(len(await store.every(connection)))
