"""Reviews of like cases with different outcomes are one task, as long as one person may have it."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from services.controlling.practice.practice import Practice
from services.controlling.reviews import answering, assigning, holding
from services.controlling.reviews.holding import Hold
from services.controlling.reviews.life import State
from services.controlling.reviews.mine import store as mine_store
from services.controlling.reviews.mine.store import MINE
from services.controlling.reviews.opening import LARGEST_TASK
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import Direction
from shared.organisation.file import load_organisation
from tests.integration.controlling_helpers import decision_id
from tests.integration.review_helpers import CONTROLLER, EVERYTHING, NOW, TODAY, Desk, Person
from tests.integration.twin_helpers import ALIKE, half, pair

pytestmark = pytest.mark.stack


async def held_by(desk: Desk, who: Person) -> set[str]:
    return {one["decision_id"] for one in await desk.reviews() if one["account"] == who.id}


async def list_of(desk: Desk, who: Person) -> list[int]:
    async with desk.workbench.acquire() as connection:
        found = await mine_store.mine(connection, who.id, None, EVERYTHING, MINE.usual)
    return [len(one.reviews) for one in found.lines]


def both(number: int) -> set[str]:
    return {decision_id(number), decision_id(number + 100)}


async def test_whoever_takes_one_gets_its_twin_with_it_as_one_line_of_the_list(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(*pair(1), *pair(2), in_force=ALIKE)
    first = await desk.next_for(who)
    again = await desk.next_for(who)
    assert (first.changed, again.changed, again.id) == (True, False, first.id)
    held = await held_by(desk, who)
    assert held in (both(1), both(2))
    assert await list_of(desk, who) == [2]
    assert await desk.acts() == ["assigned", "assigned"]
    assert await desk.published() == ["review.assigned", "review.assigned"]


async def test_two_who_ask_at_once_dont_part_a_pair(desk: Desk) -> None:
    people = [await desk.person(number) for number in range(1, 5)]
    await desk.drawn(*(one for number in (1, 2, 3, 4) for one in pair(number)), in_force=ALIKE)
    await asyncio.gather(*(desk.next_for(who) for who in people))
    held = [await held_by(desk, who) for who in people]
    assert sorted(map(sorted, held)) == sorted(sorted(both(number)) for number in (1, 2, 3, 4))


async def test_who_may_not_review_one_of_them_is_given_what_is_whole_first(desk: Desk) -> None:
    colleague = await desk.person(1, unit="unit-1")
    await desk.drawn(*pair(1, "unit-1", "unit-2"), *pair(2), in_force=ALIKE)
    await desk.next_for(colleague)
    assert await held_by(desk, colleague) == both(2)
    await desk.owner.execute("UPDATE controlling.review SET state = 'taken' WHERE account = $1",
                             colleague.id)  # fmt: skip
    alone = await desk.next_for(colleague)
    assert alone.decision_id == decision_id(101)
    assert sorted(await list_of(desk, colleague)) == [1, 2]
    other = await desk.person(2)
    await desk.settle()
    assert (await desk.next_for(other)).decision_id == decision_id(1)
    assert (await desk.next_for(colleague)).id == alone.id


async def test_a_pair_is_spread_assigned_and_moved_together(desk: Desk) -> None:
    one, other = await desk.person(1), await desk.person(2)
    await desk.drawn(*pair(1), *pair(2), *pair(3), in_force=ALIKE)
    async with desk.change() as change:
        assert await assigning.spread_waiting(change, CONTROLLER, NOW, TODAY) == 6
    held = await held_by(desk, one)
    assert len(held) in (2, 4)
    assert all(both(number) <= held or not both(number) & held for number in (1, 2, 3))
    moved = next(each for each in await desk.reviews() if each["account"] == one.id)
    async with desk.change() as change:
        given = await assigning.assign(
            change, CONTROLLER, other.id, {moved["id"]: one.id}, now=NOW, today=TODAY
        )
    assert [each.changed for each in given] == [True, True]
    assert len(await held_by(desk, one)) == len(held) - 2


async def test_a_pair_of_which_nobody_may_do_both_is_spread_in_parts(desk: Desk) -> None:
    one, other = await desk.person(1, unit="unit-1"), await desk.person(2, unit="unit-2")
    await desk.drawn(*pair(1, "unit-1", "unit-2"), in_force=ALIKE)
    async with desk.change() as change:
        assert await assigning.spread_waiting(change, CONTROLLER, NOW, TODAY) == 2
    assert await held_by(desk, one) == {decision_id(101)}
    assert await held_by(desk, other) == {decision_id(1)}
    assert await list_of(desk, one) == [1]


async def test_a_pair_is_begun_rests_and_goes_back_together(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(*pair(1), in_force=ALIKE)
    review = (await desk.next_for(who)).id
    async with desk.change() as change:
        await answering.begin(
            change, who, review, Practice.of(load_organisation(ORGANISATION)), NOW
        )
    assert {one["state"] for one in await desk.reviews()} == {State.TAKEN}
    async with desk.change() as change:
        await holding.set_hold_of_mine(change, who, review, Hold(TODAY, "at court"))
    assert {one["on_hold_until"] for one in await desk.reviews()} == {TODAY}
    async with desk.change() as change:
        await assigning.hand_back(change, who, review, "no time")
    assert {one["state"] for one in await desk.reviews()} == {State.WAITING}
    acts = await desk.acts()
    assert [acts.count(act) for act in ("taken", "put_on_hold", "handed_back")] == [2, 2, 2]


async def test_a_conflict_is_about_one_case(desk: Desk) -> None:
    who, other = await desk.person(1), await desk.person(2)
    await desk.drawn(*pair(1), in_force=ALIKE)
    given = await desk.next_for(who)
    async with desk.change() as change:
        await assigning.decline(change, who, given.id, "my sister")
    assert await held_by(desk, who) == both(1) - {given.decision_id}
    assert await list_of(desk, who) == [1]
    assert (await desk.next_for(other)).id == given.id


async def test_what_two_review_blindly_is_nobodys_task_with_others(desk: Desk) -> None:
    people = [await desk.person(number) for number in (1, 2, 3)]
    twice = ALIKE.model_copy(
        update={"default_rate": Decimal(1), "double_reviews": Decimal(1), "version": "twice"}
    )
    await desk.drawn(*pair(1), in_force=twice)
    rows = await desk.reviews()
    assert [one["round"] for one in rows] == [1, 2, 1, 2]
    assert {one["task"] for one in rows} == {None}
    for who in people[:2]:
        await desk.next_for(who)
        assert await list_of(desk, who) == [1]


async def test_a_second_review_asked_for_later_parts_what_nobody_has_and_tells_nobody(
    desk: Desk,
) -> None:
    who, second = await desk.person(1), await desk.person(2)
    await desk.drawn(*pair(1), *pair(2), in_force=ALIKE)
    await desk.next_for(who)
    [(_, kept), *_] = [(one, one["task"]) for one in await desk.reviews() if one["account"]]
    await desk.owner.execute("UPDATE controlling.draw SET twice = true, opened = false")
    await desk.settle()
    assert await list_of(desk, who) == [2], "who has it isn't told that a second one reviews it"
    rows = await desk.reviews()
    assert {one["task"] for one in rows if one["account"] is None} == {None}
    assert {one["task"] for one in rows if one["account"] is not None} == {kept}
    await desk.next_for(second)
    assert await list_of(desk, second) == [1]


async def test_one_that_is_the_twin_of_many_doesnt_flood_anybody(desk: Desk) -> None:
    who = await desk.person(1)
    refusals = [half(number, Direction.ADVERSE) for number in range(1, 9)]
    await desk.drawn(half(100, Direction.FAVOURABLE), *refusals, in_force=ALIKE)
    rows = await desk.reviews()
    middle = next(one for one in rows if one["decision_id"] == decision_id(100))
    assert middle["task"] == decision_id(100)
    assert sum(one["task"] == decision_id(100) for one in rows) == LARGEST_TASK
    await desk.next_for(who)
    assert len(await held_by(desk, who)) in (1, LARGEST_TASK)


async def test_a_list_goes_on_behind_a_pair(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(*pair(1), *pair(2), in_force=ALIKE)
    waiting: dict[UUID, UUID | None] = dict.fromkeys(one["id"] for one in await desk.reviews())
    async with desk.change() as change:
        await assigning.assign(change, CONTROLLER, who.id, waiting, now=NOW, today=TODAY)
    async with desk.workbench.acquire() as connection:
        one = MINE.usual.whole(1)
        begin = await mine_store.mine(connection, who.id, None, EVERYTHING, one)
        assert begin.further is not None
        end = await mine_store.mine(connection, who.id, None, EVERYTHING, one.behind(begin.further))
    assert end.further is None
    [first], [second] = begin.lines, end.lines
    assert len({one.id for one in (*first.reviews, *second.reviews)}) == 4
