"""Reviews that rest: they are no load, and go on by themselves; and how long reviews take."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.controlling.reviews import answering, assigning, holding, store
from services.controlling.reviews.board import store as board_store
from services.controlling.reviews.board.store import BOARD, Shown
from services.controlling.reviews.errors import ActUnfit, ReviewUnknown
from services.controlling.reviews.holding import Hold
from services.controlling.reviews.mine import store as mine_store
from services.controlling.reviews.mine.store import MINE
from services.controlling.reviews.store import Begun
from services.controlling.reviews.time_needed import DEFAULT
from shared.postgres.pool import Connection
from tests.integration.review_helpers import CONTROLLER, EVERYTHING, NOW, TODAY, Desk, Person, by

pytestmark = pytest.mark.stack

DAY = timedelta(days=1)
HOLD = Hold(TODAY, "the file is at the court")
WORK = "work/adverse/unit-2"


async def rest(desk: Desk, who: Person, review: UUID, hold: Hold | None = HOLD) -> None:
    async with desk.change() as change:
        await holding.set_hold_of_mine(change, who, review, hold)


async def held(desk: Desk) -> list[tuple[object, object]]:
    return [(one["on_hold_until"], one["hold_reason"]) for one in await desk.reviews()]


async def test_what_rests_is_no_load_until_its_day_is_over(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(50, 1), by(50, 2))
    given = await desk.next_for(who)
    await rest(desk, who, given.id)

    async with desk.workbench.acquire() as connection:
        [today] = await store.loads(connection, TODAY)
        [tomorrow] = await store.loads(connection, TODAY + DAY)
        [task] = (await mine_store.mine(connection, who.id, None, EVERYTHING, MINE.usual)).lines
        board = await board_store.board(connection, Shown.ON_HOLD, EVERYTHING, BOARD.usual)
    assert (today.reviewer.open, today.on_hold) == (0, 1)
    assert (tomorrow.reviewer.open, tomorrow.on_hold) == (1, 0)
    mine = task.first
    assert (mine.on_hold_until, mine.hold_reason, mine.due) == (TODAY, HOLD.reason, given.due)
    assert [one.on_hold_until for one in board.lines] == [TODAY]


async def test_who_cant_go_on_with_one_gets_another_and_later_that_one_again(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(50, 1), by(50, 2))
    first = await desk.next_for(who)
    await rest(desk, who, first.id)

    second = await desk.next_for(who)
    await rest(desk, who, second.id, Hold(TODAY + DAY, "as well"))
    async with desk.change() as change:
        again = await assigning.take_next(change, who, NOW + DAY, TODAY + DAY)

    assert (second.id != first.id, again.id, again.changed) == (True, first.id, False)


async def test_a_hold_is_written_down_once_and_so_is_its_end(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(50, 1))
    given = await desk.next_for(who)
    for hold in (HOLD, HOLD, None, None):
        await rest(desk, who, given.id, hold)

    assert await held(desk) == [(None, None)]
    assert await desk.acts() == ["assigned", "put_on_hold", "resumed"]
    assert await desk.published() == ["review.assigned"], "nobody outside is told"


async def test_whoever_gets_a_review_next_begins_without_the_hold(desk: Desk) -> None:
    who, other = await desk.person(1), await desk.person(2)
    await desk.drawn(by(50, 1))
    given = await desk.next_for(who)
    await rest(desk, who, given.id)
    async with desk.change() as change:
        await assigning.assign(
            change, CONTROLLER, other.id, {given.id: who.id}, now=NOW, today=TODAY
        )
    assert await held(desk) == [(None, None)]

    await rest(desk, other, given.id)
    async with desk.change() as change:
        await assigning.hand_back(change, other, given.id, "ill")
    assert await held(desk) == [(None, None)]


async def test_only_who_has_a_review_and_who_assigns_let_it_rest(desk: Desk) -> None:
    who, other = await desk.person(1), await desk.person(2)
    await desk.drawn(by(50, 1), by(50, 2))
    given = await desk.next_for(who)
    with pytest.raises(ReviewUnknown):
        await rest(desk, other, given.id)
    async with desk.change() as change:
        assert await holding.set_hold(change, CONTROLLER, {given.id: other.id}, HOLD) == []
    assert await held(desk) == [(None, None)] * 2

    async with desk.change() as change:
        assert await holding.set_hold(change, CONTROLLER, {given.id: who.id}, HOLD) == [given.id]
    await desk.owner.execute("UPDATE controlling.review SET state = 'signed'")
    with pytest.raises(ActUnfit):
        await rest(desk, who, given.id)


async def signed(desk: Desk, people: list[Person], amount: int) -> None:
    """So many of the reviews that wait are done, the first in a minute, the next in two …"""
    ids = [one["id"] for one in await desk.reviews()][:amount]
    for number, review in enumerate(ids, start=1):
        await desk.owner.execute(
            "UPDATE controlling.review SET state = 'signed', account = $2, seconds = $3,"
            " signed_at = $4 WHERE id = $1",
            review, people[number % len(people)].id, 60 * number, NOW,
        )  # fmt: skip
        for question, origin in (("B1", "auto"), ("Z1", "human"), ("on_the_file", "human")):
            await desk.owner.execute(
                "INSERT INTO controlling.answer (review, question, version, grade, comment, origin,"
                " saved_at) VALUES ($1, $2, 1, 'correct', '', $3, $4) ON CONFLICT DO NOTHING",
                review, question, origin, NOW,
            )  # fmt: skip


async def seconds(connection: Connection) -> float:
    """How long one question takes."""
    found = (await store.durations(connection, ["work", "work"])).by_group
    return found.get("work", DEFAULT).total_seconds()


async def test_how_long_a_review_takes_is_measured_on_seven_of_several_people(desk: Desk) -> None:
    people = [await desk.person(1), await desk.person(2)]
    await desk.drawn(*(by(50, number) for number in range(9)))
    async with desk.workbench.acquire() as connection:
        assumed = DEFAULT.total_seconds()
        assert await seconds(connection) == assumed
        await signed(desk, people, 6)
        assert await seconds(connection) == assumed
        await signed(desk, people[:1], 9)
        assert await seconds(connection) == assumed, "one person's time is nobody's to see"
        await signed(desk, people, 9)
        assert await seconds(connection) == 5 * 60 / 2


async def test_a_signature_ends_a_hold(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(50, 1))
    given = await desk.next_for(who)
    async with desk.change() as change:
        await answering.take(change, who, given.id, Begun("1", "ab" * 32, 2), NOW)
    await rest(desk, who, given.id)
    async with desk.change() as change:
        await store.sign(change.connection, given.id, NOW)
    assert await held(desk) == [(None, None)]
