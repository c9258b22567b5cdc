"""Real processes die at every named crash point, and what they were at is finished by others."""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import asyncpg
import pytest

from deploy.local.services import Worker
from shared.crash_points import EXIT_CODE
from tests.chaos.faults import CONSUMER_POINTS, RELAY_POINTS
from tests.chaos.load import GAP_KIND, Load
from tests.chaos.sender import Sender
from tests.chaos.town import Town
from tests.chaos.watcher import Watcher
from tests.conftest import TEST_STACKS

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(180)]

PLACES = dict(zip([f"controlling-{n}" for n in range(2, 8)], CONSUMER_POINTS, strict=True))
WORKERS = [
    Worker("intake", 1),
    *(Worker("controlling", n) for n in range(2, 8)),
    Worker("notify", 1),
]


def test_every_point_of_consumer_and_relay_is_reached_and_harmless() -> None:
    first, *others = RELAY_POINTS
    orders = {name: f"{point}:1" for name, point in PLACES.items()} | {"intake": f"{first}:1"}
    load = Load(1, 5_000)
    with ExitStack() as undo:
        directory = TEST_STACKS / f"crash-{uuid.uuid4().hex[:8]}"
        town = undo.enter_context(Town(directory, WORKERS, orders))
        sender = Sender(
            load, town, ledger=directory / "ledger.jsonl", duration=timedelta(seconds=5)
        )
        watcher = undo.enter_context(Watcher(town, sender))
        sender.start()
        for point in others:
            town.keepers["intake"].order = f"{point}:1"
            wait(lambda: not town.keepers["intake"].order, lambda: town.keep(["intake"]))
        wait(lambda: not sender.is_alive(), lambda: town.keep(["intake"]))
        wait(lambda: all(town.ended(name) == EXIT_CODE for name in PLACES))

        wait(watcher.caught_up, town.keep)

        poison = [record for record in load.poison() if record.kind != GAP_KIND]
        assert sender.error is None
        assert town.surprises == []
        assert asyncio.run(ask(town, _BURIED_POISON)) == len(poison)


_BURIED_POISON = "SELECT count(*) FROM controlling.dead_letter WHERE defect <> 'handler_refused'"


async def ask(town: Town, query: str) -> int:
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


def wait(reached: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        meanwhile()
        time.sleep(0.2)
