"""Reads how messages stand: which live, which lie, which failed without anybody being told."""

from datetime import timedelta
from functools import partial

from services.notify.announcing import expect
from services.notify.gauges import store
from services.notify.gauges.store import Living
from shared.events.vocabulary import Channel
from shared.observe.gauges import (
    MESSAGES_FAR,
    MESSAGES_LIVING,
    MESSAGES_UNFOLLOWED,
    MESSAGES_UNTAKEN,
    TASK_AGE,
    TASKS_OPEN,
)
from shared.postgres.pool import Pool
from shared.service.looking import OFTEN, Look

LATE = timedelta(minutes=15)
_NONE = Living(0, 0)


def looks(pool: Pool) -> list[Look]:
    """Give what notify reads beside what every service does."""
    expect()
    return [Look(OFTEN, partial(tell_messages, pool))]


async def tell_messages(pool: Pool) -> None:
    """Tell of all messages that haven't ended, and of those that ended for nobody."""
    async with pool.acquire() as connection:
        living = await store.living(connection, LATE)
        unfollowed = await store.unfollowed(connection, LATE)
        far = await store.far(connection)
        tasks = await store.tasks(connection)
    for channel in Channel:
        found = living.get(channel, _NONE)
        MESSAGES_LIVING.of(channel).set(found.living)
        MESSAGES_UNTAKEN.of(channel).set(found.untaken)
    MESSAGES_UNFOLLOWED.set(unfollowed)
    MESSAGES_FAR.set(far.messages)
    TASKS_OPEN.set(tasks.amount)
    TASK_AGE.set(tasks.age.total_seconds())
