"""Invented people review what waits by the product's own rules, once, and always the same."""

from collections.abc import Mapping

import asyncpg
import pytest

from deploy.demo import agreeing, replying
from deploy.demo.fate import Oracle
from deploy.demo.people import let_in
from deploy.demo.reviewers import load_reviewers
from deploy.demo.reviewing import Crew, Played, play
from deploy.summary.ledgers import read_reviews
from services.controlling.accounts import store as accounts
from services.controlling.practice.practice import Practice
from services.intake.simulation.assumptions import Gravity
from services.intake.simulation.truth import Finding, Grade, Truth
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from tests.integration.controlling_helpers import decision_id
from tests.integration.review_helpers import CALENDAR, NOW, TODAY, Desk, by
from tests.integration.test_reviews import TWICE

pytestmark = pytest.mark.stack

PRACTICE = Practice.of(load_organisation(ORGANISATION))
_TOLD = ("review", "answer", "audit", "outbox", "finding", "finding_step", "measure")
WRONG = Truth({"S1": Finding(Grade.MINOR, Gravity.NONE, 0.1)})
"""Something that may be found of every decision."""


async def lived(desk: Desk, truths: Mapping[str, Truth]) -> Played:
    await let_in(desk.controlling, "correct horse")
    await desk.settle()
    async with desk.controlling.acquire() as connection:
        everybody = await accounts.every(connection)
    oracle = Oracle.of(1, load_reviewers(), CALENDAR, TODAY)
    crew = Crew(desk.controlling, PRACTICE, oracle, truths, everybody)
    played = await play(crew, lambda *_: None)
    played.replies = await replying.reply(desk.controlling, oracle, crew.people)
    played.measures = await agreeing.agree(desk.controlling, oracle, crew, NOW)
    return played


async def whole(desk: Desk) -> list[list[asyncpg.Record]]:
    return [await desk.owner.fetch(f"SELECT * FROM controlling.{one} ORDER BY 1") for one in _TOLD]


async def test_everything_is_done_once_and_the_books_agree(desk: Desk) -> None:
    await desk.drawn(*(by(50, number) for number in range(30)), in_force=TWICE)
    truths = {decision_id(number): WRONG for number in range(30)}
    first = await lived(desk, truths)
    assert first.fates.total() > 30
    assert first.replies > 3
    assert first.measures == 1
    before = await whole(desk)
    again = await lived(desk, truths)
    assert (again.fates.total(), again.replies, again.measures) == (0, 0, 0)
    assert await whole(desk) == before
    found, told = await read_reviews(desk.owner), await desk.published()
    rounds = [
        sum(amount for (at, _), amount in found.states.items() if at == number)
        for number in (1, 2, 3)
    ]
    assert rounds == [found.drawn, found.twice, found.differing]
    assert told.count("review.assigned") == found.assigned
    final = told.count("review.completed") - told.count("review.reopened")
    assert final == found.final


async def test_real_people_are_left_alone(desk: Desk) -> None:
    real = await desk.person(1)
    await desk.drawn(*(by(50, number) for number in range(10)))
    await lived(desk, {})
    assert real.id not in {one["account"] for one in await desk.reviews()}
