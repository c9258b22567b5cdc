"""Until an upgrade is finished, nothing is done that processes of before couldn't follow."""

import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.app import SERVICE, _loops
from services.controlling.periods.opening import Periods
from services.controlling.settings import Settings
from shared.clock.clock import Clock
from shared.configuration.places import ORGANISATION
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.errors import ReleaseUnfinished
from shared.postgres.pool import Pool
from shared.service.loops import Work
from shared.service.spine import Spine
from tests.integration.controlling_helpers import (
    SEED_KEY,
    Operator,
    apply,
    case_events,
    chain,
    decided,
    policy,
)

pytestmark = pytest.mark.stack

PERIOD = "2026-05"
HALF = policy("0.5")
HELD = (Loop.PERIOD_OPENER, Loop.PERIOD_CLOSER, Loop.REGISTER_HEADS)
STANDS = """
SELECT (SELECT count(*) FROM period WHERE first_day > now()),
       (SELECT count(*) FROM period WHERE closed_at IS NOT NULL),
       (SELECT count(*) FROM register_head)
"""


class Upgrade:
    """One in which new processes run, and old ones perhaps, too."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self._owner = owner
        self._unfinished: list[asyncpg.Record] = []

    async def begin(self) -> None:
        self._unfinished = await self._owner.fetch(
            r"DELETE FROM controlling.migration WHERE name LIKE '%\_post\_%' RETURNING *"
        )

    async def finish(self) -> None:
        """Do what `gleichfall migrate --post` does in the end."""
        await self._owner.executemany(
            "INSERT INTO controlling.migration VALUES ($1, $2, $3)",
            [tuple(row) for row in self._unfinished],
        )
        self._unfinished = []


@pytest.fixture
async def upgrade(pool: Pool, stack: Addresses) -> AsyncIterator[Upgrade]:
    owner = await asyncpg.connect(stack.database_url)
    one = Upgrade(owner)
    await one.begin()
    yield one
    await one.finish()
    await owner.close()


def loops(pool: Pool, stack: Addresses, secrets: Path) -> Mapping[Loop, Work]:
    """What a process that has just started does every so often."""
    settings = Settings(
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        secrets_directory=secrets,
    )
    spine = Spine(SERVICE, pool, lambda: None, Health(), Clock(pool))
    organisation = load_organisation(ORGANISATION)
    found = _loops(settings, organisation, spine, SEED_KEY, Periods(SEED_KEY, HALF))
    return {name: work for name, (_, work) in found.items()}


async def stands(pool: Pool) -> tuple[int, int, int]:
    """Count what was opened ahead, closed and published."""
    row = await pool.fetchrow(STANDS)
    assert row is not None
    opened, closed, heads = row
    return opened, closed, heads


async def test_nothing_is_opened_ahead_closed_or_published_until_it_is_finished(
    pool: Pool,
    stack: Addresses,
    secrets: Path,
    upgrade: Upgrade,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await apply(pool, case_events(HALF), decided(1))
    await pool.execute("UPDATE period SET opened_at = '2026-04-01'")
    await chain(pool)
    process = loops(pool, stack, secrets)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            for loop in HELD:
                assert not await process[loop]()
    assert await stands(pool) == (0, 0, 0)
    told = [one.getMessage() for one in caplog.records if "waits" in one.getMessage()]
    assert len(told) == len(HELD)
    assert all("migrate --post" in one for one in told)

    await upgrade.finish()
    for loop in HELD:
        await process[loop]()
    opened, closed, heads = await stands(pool)
    assert opened > 0
    assert (closed, heads) == (1, 1)


async def test_an_operator_is_told_to_finish_it_first(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path, upgrade: Upgrade
) -> None:
    operator = Operator(stack, secrets, tmp_path)
    await apply(pool, operator.handler(HALF), decided(1))
    thrown = ("--value", "35126416235152364423", "--role", "staff_council", "--role", "auditor")
    for words in (("close", PERIOD), ("witness", PERIOD, *thrown)):
        assert isinstance(await operator.fails(*words), ReleaseUnfinished)
    await upgrade.finish()
    await operator.does("close", PERIOD)
