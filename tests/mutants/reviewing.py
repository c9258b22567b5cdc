"""The workbench broken on purpose."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from services.controlling.audit.store import Change
from services.controlling.reviews.form import pages
from shared.postgres.pool import Pool

LATE = timedelta(milliseconds=300)


def told_before_it_is_committed(patch: pytest.MonkeyPatch) -> None:
    """Tell somebody that their answer is saved, and commit a little later."""
    later: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def changing(pool: Pool) -> AsyncIterator[Change]:
        async with AsyncExitStack() as held:
            connection = await held.enter_async_context(pool.acquire())
            await held.enter_async_context(connection.transaction())
            change = Change(connection)
            yield change
            await change.finish()
            task = asyncio.create_task(_commit(held.pop_all()))
            later.add(task)
            task.add_done_callback(later.discard)

    patch.setattr(pages, "changing", changing)


async def _commit(held: AsyncExitStack) -> None:
    await asyncio.sleep(LATE.total_seconds())
    await held.aclose()
