"""The books of reviews, read from a database in which people have reviewed, agree."""

from collections import Counter

import pytest

from deploy.summary.ledgers import Reviews, read_reviews
from services.controlling.reviews import answering, assigning
from services.controlling.reviews.store import Begun, NewAnswer
from services.controlling.reviews.verdict import VERDICTS
from tests.integration.controlling_helpers import decision_id
from tests.integration.review_helpers import CALENDAR, NOW, Desk, Person, by
from tests.integration.test_reviews import TWICE, V1

pytestmark = pytest.mark.stack

FORM = Begun("criteria-1", "ab" * 32, 3)


async def review(desk: Desk, who: Person, decision: int, *grades: str, signs: bool = True) -> None:
    """Somebody takes a review, answers and perhaps signs."""
    waiting = next(
        one["id"]
        for one in await desk.reviews()
        if one["decision_id"] == decision_id(decision) and one["state"] == "waiting"
    )
    async with desk.change() as change:
        await assigning.assign(
            change, who, who.id, {waiting: None}, now=NOW, today=CALENDAR.day_of(NOW)
        )
        await answering.take(change, who, waiting, FORM, NOW)
        for question, grade in zip(("V1", *VERDICTS), grades, strict=True):
            answer = NewAnswer(question, 0, grade, "why", {}, "human")
            await answering.save(change, who, waiting, answer, NOW)
        if signs:
            await answering.sign(change, who, waiting, questions=[V1], now=NOW, calendar=CALENDAR)


async def books(desk: Desk) -> tuple[Reviews, Counter[str]]:
    return await read_reviews(desk.owner), Counter(await desk.published())


async def test_books_of_reviews_under_way_agree(desk: Desk) -> None:
    one, other, third = [await desk.person(number) for number in (1, 2, 3)]
    await desk.drawn(*(by(50, number) for number in range(5)), in_force=TWICE)
    await review(desk, one, 0, "correct", "correct", "correct")
    await review(desk, other, 0, "not_applicable", "correct", "correct")
    await review(desk, one, 1, "correct", "correct", "correct")
    await review(desk, other, 1, "minor_error", "correct", "correct")
    await review(desk, one, 2, "correct", "wrong", "wrong")
    await review(desk, other, 2, "correct", "correct", "correct")
    await review(desk, third, 2, "correct", "disputable", "disputable")
    await review(desk, one, 3, "correct", "correct", "correct", signs=False)
    found, told = await books(desk)
    assert (found.drawn, found.twice, found.differing, found.final, found.unvetted) == (
        5,
        5,
        2,
        2,
        0,
    )
    rounds = Counter[int]()
    for (number, _), amount in found.states.items():
        rounds[number] += amount
    assert rounds == {1: found.drawn, 2: found.twice, 3: found.differing}
    assert (told["review.assigned"], told["review.completed"]) == (found.assigned, found.final)


async def test_what_is_taken_back_is_final_no_more(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(50, 1))
    await review(desk, who, 1, "correct", "correct", "correct")
    assert (await read_reviews(desk.owner)).final == 1
    [signed] = await desk.reviews()
    async with desk.change() as change:
        await answering.reopen(change, who, signed["id"], "a slip", NOW)
    found, told = await books(desk)
    assert found.final == told["review.completed"] - told["review.reopened"] == 0
