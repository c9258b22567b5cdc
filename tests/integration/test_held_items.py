"""One item that breaks a loop is held; the others are done, and an operator settles it."""

import json
from uuid import UUID, uuid4

import pytest

from deploy.local.store import QUERIES as STATUS
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from tests.integration.spine_helpers import System

pytestmark = pytest.mark.stack

BECAUSE = ("--by", "ops-7", "--reason", "mended")


async def test_an_operator_sees_what_is_held_and_lets_it_be_tried_again(system: System) -> None:
    holding, item = holding_of(system), str(uuid4())
    async with holding.item(item):
        raise KeyError("anna@example.org")

    (listed,) = await held(system, "--service", "notify", "--loop", "upkeep")
    assert (listed["item"], listed["state"], listed["attempts"]) == (item, "held", 1)
    assert listed["reason"].startswith("KeyError at ")
    assert item in await system.call("held", "list")

    backlogs = await system.operator.fetch(STATUS["backlogs"])
    assert {row["service"]: row["held"] for row in backlogs} == {
        "intake": 0,
        "controlling": 0,
        "notify": 1,
    }

    told = await system.call("held", "retry", listed["id"], *BECAUSE, "--dry-run")
    assert told == f"{listed['id']} would be retrying now\n"
    assert await holding.look() == {item}
    told = await system.call("held", "retry", listed["id"], *BECAUSE)
    assert told == f"{listed['id']} is retrying now\n"
    assert await holding.look() == set()

    async with holding.item(item):
        raise KeyError
    (again,) = await held(system)
    assert (again["id"], again["attempts"], again["settled_by"]) == (listed["id"], 2, "ops-7")

    await system.call("held", "retry", listed["id"], *BECAUSE)
    await holding.look()
    async with holding.item(item):
        pass
    assert await held(system) == []
    assert [one["state"] for one in await held(system, "--state", "any")] == ["done"]
    assert await system.call("held", "list") == "nothing is held\n"


async def test_what_is_dismissed_is_passed_over_for_ever_unless_that_is_taken_back(
    system: System,
) -> None:
    holding, item = holding_of(system), str(uuid4())
    async with holding.item(item):
        raise KeyError
    ((known),) = await held(system)

    await system.call("held", "dismiss", known["id"], *BECAUSE)

    assert await held(system) == []
    assert await holding.look() == {item}
    await holding.check()
    async with holding.item(item):  # another process had begun
        raise KeyError
    assert await holding.look() == {item}
    again = await system.call("held", "dismiss", known["id"], *BECAUSE)
    assert again == f"{known['id']} is dismissed already\n"
    await system.call("held", "retry", known["id"], *BECAUSE)
    assert await holding.look() == set()
    assert holding.again == {item}


async def test_what_nobody_holds_is_told(system: System) -> None:
    await system.call("held", "retry", str(UUID(int=0)), *BECAUSE, exit_code=1)


async def test_each_service_and_loop_holds_its_own(system: System) -> None:
    item = str(uuid4())
    async with holding_of(system).item(item):
        raise KeyError

    assert item in await holding_of(system).look()
    assert await Holding(HeldItems(system.notify.pool), Loop.DIGEST).look() == set()
    assert await Holding(HeldItems(system.intake.pool), Loop.UPKEEP).look() == set()


@pytest.fixture(autouse=True)
async def _nothing_held(system: System) -> None:
    await system.notify.pool.execute("DELETE FROM held_item")


def holding_of(system: System) -> Holding:
    """Give what a newly started process has."""
    return Holding(HeldItems(system.notify.pool), Loop.UPKEEP)


async def held(system: System, *filters: str) -> list[dict[str, str | int]]:
    found: list[dict[str, str | int]] = json.loads(
        await system.call("held", "list", "--json", *filters)
    )["held_items"]
    return found
