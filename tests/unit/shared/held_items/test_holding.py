"""One item at fault is set aside, the others go through, and what passes is nobody's fault."""

from collections.abc import Sequence

import asyncpg
import pytest

from shared.errors import TransientError
from shared.held_items.holding import Holding, ItemsHeld, TooManyItemsHeld
from shared.held_items.store import State
from shared.observe.metrics import HELD_ITEMS, Loop
from tests.shelf import Shelf

LOOP = Loop.TWIN_FINDER


class Works:
    """Work on batches that fails as a whole when one of its items is at fault."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.done: list[str] = []
        self.batches = 0

    async def __call__(self, items: Sequence[str]) -> None:
        self.batches += 1
        for item in items:
            if item in self.faults:
                raise self.faults[item]
        self.done += items


def held_now() -> float:
    gauge: float = HELD_ITEMS.of(LOOP)._value.get()
    return gauge


async def test_what_fails_is_held_and_the_next_item_has_its_turn() -> None:
    shelf, seen = Shelf(), []
    holding = Holding(shelf, LOOP)

    for item in ("a", "b", "c"):
        async with holding.item(item):
            if item == "b":
                raise KeyError("anna@example.org")
            seen.append(item)

    assert seen == ["a", "c"]
    assert shelf.states == {"b": State.HELD}
    assert shelf.reasons["b"].startswith("KeyError at ")
    assert "anna" not in shelf.reasons["b"]
    assert await holding.look() == {"b"}


@pytest.mark.parametrize(
    "error",
    [
        TransientError("the server is away"),
        OSError("no route"),
        TimeoutError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.InterfaceError("the connection is closed"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_passes_holds_nothing(error: Exception) -> None:
    shelf = Shelf()
    holding = Holding(shelf, LOOP)

    with pytest.raises(type(error)):
        async with holding.item("a"):
            raise error
    with pytest.raises(type(error)):
        await holding.each(["a", "b"], Works(b=error))

    assert shelf.states == {}


async def test_a_value_that_the_database_s_client_refuses_does_not_pass() -> None:
    from asyncpg.exceptions._base import DataError  # noqa: PLC0415 - it has no public name

    shelf = Shelf()

    async with Holding(shelf, LOOP).item("a"):
        raise DataError("invalid input for query argument $1")

    assert shelf.states == {"a": State.HELD}


@pytest.mark.parametrize(
    "at_fault", [[], ["a"], ["c"], ["h"], ["a", "b"], ["c", "g"], [*"abcdefgh"]]
)
async def test_of_a_batch_only_the_items_at_fault_are_held(at_fault: list[str]) -> None:
    shelf, works = Shelf(), Works(**{item: ValueError() for item in at_fault})

    await Holding(shelf, LOOP).each([*"abcdefgh"], works)

    assert sorted(shelf.states) == at_fault
    assert works.done == [item for item in "abcdefgh" if item not in at_fault]


async def test_a_batch_in_order_is_one_piece_of_work_and_an_empty_one_none() -> None:
    works = Works()
    holding = Holding(Shelf(), LOOP)

    await holding.each([*"abcdefgh"], works)
    await holding.each([], works)

    assert works.batches == 1


async def test_one_at_fault_among_many_is_found_by_halves() -> None:
    works = Works(**{"700": ValueError()})

    await Holding(Shelf(), LOOP).each([str(number) for number in range(1024)], works)

    assert works.batches == 1 + 2 * 10
    assert len(works.done) == 1023


async def test_held_and_dismissed_items_are_passed_over_and_others_not() -> None:
    states = {"a": State.HELD, "b": State.RETRYING, "c": State.DISMISSED, "d": State.DONE}
    holding = Holding(Shelf(**states), LOOP)

    assert await holding.look() == {"a", "c"}
    assert holding.again == {"b"}


async def test_what_goes_through_when_tried_again_is_done_and_what_fails_is_held_again() -> None:
    shelf = Shelf(a=State.RETRYING, b=State.RETRYING, c=State.RETRYING)
    holding = Holding(shelf, LOOP)
    await holding.look()

    async with holding.item("a"):
        pass
    await holding.each(["b", "c"], Works(c=ValueError()))

    assert shelf.states == {"a": State.DONE, "b": State.DONE, "c": State.HELD}


async def test_readiness_tells_how_many_are_held_since_when_and_what_to_do() -> None:
    holding = Holding(Shelf(a=State.HELD, b=State.HELD, c=State.DISMISSED), LOOP)
    await holding.check()

    await holding.look()

    with pytest.raises(ItemsHeld, match=r"^2 items of the twin finder are held since 2026-05-04 "):
        await holding.check()
    assert held_now() == 2


async def test_it_is_ready_again_once_everything_is_settled() -> None:
    shelf = Shelf(a=State.HELD)
    holding = Holding(shelf, LOOP)
    await holding.look()

    shelf.states["a"] = State.DISMISSED
    await holding.look()

    await holding.check()
    assert held_now() == 0


async def test_an_item_that_is_held_now_is_told_of_at_once() -> None:
    holding = Holding(Shelf(), LOOP)
    assert held_now() == 0

    async with holding.item("a"):
        raise ValueError

    with pytest.raises(ItemsHeld, match=r"^1 item of the twin finder is held"):
        await holding.check()
    assert held_now() == 1


async def test_where_everything_fails_it_is_not_the_items() -> None:
    shelf = Shelf(a=State.HELD)
    holding = Holding(shelf, LOOP, most=3)
    await holding.look()
    works = Works(**{item: ValueError() for item in "bcdefgh"})

    with pytest.raises(TooManyItemsHeld, match=r"3 items .* the next one fails, too \(ValueError"):
        await holding.each([*"bcdefgh"], works)

    assert len(shelf.states) == 3


async def test_it_says_that_it_is_not_the_items_until_some_are_settled() -> None:
    shelf = Shelf(a=State.HELD)
    holding = Holding(shelf, LOOP, most=1)
    await holding.look()
    with pytest.raises(TooManyItemsHeld):
        await holding.hold("b", ValueError())

    with pytest.raises(TooManyItemsHeld, match=r"the next one fails, too \(ValueError"):
        await holding.check()

    shelf.states["a"] = State.DISMISSED
    await holding.look()
    await holding.check()
