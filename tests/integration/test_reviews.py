"""A review's way on the real database: who gets it, what is kept, what two at once come to."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic_core import from_json

from services.controlling.audit.store import changing
from services.controlling.forms.catalogue import Criteria
from services.controlling.reviews import answering, assigning, store
from services.controlling.reviews.board import store as board_store
from services.controlling.reviews.board.store import BOARD, Shown
from services.controlling.reviews.errors import (
    ActUnfit,
    AnswersMissing,
    AnswerStale,
    BothSigned,
    NothingWaits,
    ReasonMissing,
    ReviewerUnfit,
    ReviewUnknown,
)
from services.controlling.reviews.mine import store as mine_store
from services.controlling.reviews.mine.store import MINE
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.reviews.store import Begun, NewAnswer, SavedAnswer
from services.controlling.reviews.verdict import VERDICTS
from shared.events.catalogue.case import AppealLodged
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import (
    about,
    apply,
    case_events,
    decision_id,
    holding_of,
    policy,
)
from tests.integration.review_helpers import (
    CALENDAR,
    CONTROLLER,
    EVERYTHING,
    NOW,
    TODAY,
    Desk,
    Person,
    by,
)

pytestmark = pytest.mark.stack

FORM = Begun("criteria-1", "ab" * 32, 3)
CRITERIA = Criteria.load(DecisionTypes.load())
V1 = next(one for one in CRITERIA.criteria if one.code == "V1")
TWICE = policy("1").model_copy(update={"double_reviews": Decimal(1)})
SOMEBODY = 50


def new(question: str, grade: str = "correct", based_on: int = 0, comment: str = "") -> NewAnswer:
    return NewAnswer(question, based_on, grade, comment, {}, "human")


async def assign(desk: Desk, who: Person, seen: dict[UUID, UUID | None]) -> list[bool]:
    async with desk.change() as change:
        given = await assigning.assign(change, CONTROLLER, who.id, seen, now=NOW, today=TODAY)
    return [one.changed for one in given]


async def take(desk: Desk, who: Person, review: UUID) -> None:
    async with desk.change() as change:
        await answering.take(change, who, review, FORM, NOW)


async def save(desk: Desk, who: Person, review: UUID, answer: NewAnswer) -> SavedAnswer:
    async with desk.change() as change:
        return await answering.save(change, who, review, answer, NOW, seconds=60)


async def sign(desk: Desk, who: Person, review: UUID) -> tuple[str, ...]:
    async with desk.change() as change:
        signed = await answering.sign(
            change, who, review, questions=[V1], now=NOW, calendar=CALENDAR
        )
    return signed.differs


async def finish(
    desk: Desk, who: Person, review: UUID, verdict: str = "correct"
) -> tuple[str, ...]:
    await take(desk, who, review)
    await save(desk, who, review, new("V1"))
    for question in VERDICTS:
        await save(desk, who, review, new(question, verdict, comment="why"))
    return await sign(desk, who, review)


async def test_each_entry_of_the_queue_gets_its_reviews_once(desk: Desk) -> None:
    await desk.drawn(by(SOMEBODY, 1, unit="unit-2"), in_force=TWICE)
    await desk.settle()
    first, second = await desk.reviews()
    assert (first["round"], second["round"], first["state"]) == (1, 2, "waiting")
    assert (first["unit"], first["decision_group"], first["priority"]) == ("unit-2", "work", 9)
    appeal = about(1, AppealLodged(decision_id=decision_id(1)))
    await apply(desk.controlling, case_events(TWICE), appeal)
    await desk.settle()
    assert [one["priority"] for one in await desk.reviews()] == [5, 5]


async def test_the_most_urgent_one_comes_first_and_asking_again_gives_the_same(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1), by(SOMEBODY, 2), by(SOMEBODY, 3))
    appeal = about(2, AppealLodged(decision_id=decision_id(2)))
    await apply(desk.controlling, case_events(policy("1")), appeal)
    await desk.settle()
    given = await desk.next_for(who)
    again = await desk.next_for(who)
    assert given.decision_id == decision_id(2)
    assert (given.changed, again.changed, given.id) == (True, False, again.id)
    assert await desk.acts() == ["assigned"]
    assert await desk.published() == ["review.assigned"]


async def test_many_who_ask_at_once_get_one_each(desk: Desk) -> None:
    people = [await desk.person(number) for number in range(1, 7)]
    await desk.drawn(*(by(SOMEBODY, number) for number in range(8)))
    given = await asyncio.gather(*(desk.next_for(who) for who in people for _ in range(3)))
    held = Counter(one.account for one in given)
    assert set(held.values()) == {3}
    assert len({one.id for one in given}) == len(people)


async def test_nobody_gets_what_they_decided_dont_know_or_review_already(desk: Desk) -> None:
    decider = await desk.person(1)
    stranger = await desk.person(2, groups=["family"])
    twice = await desk.person(3)
    await desk.drawn(by(1, 1), in_force=TWICE)
    for who in (decider, stranger):
        with pytest.raises(NothingWaits):
            await desk.next_for(who)
    given = await desk.next_for(twice)
    await take(desk, twice, given.id)
    with pytest.raises(NothingWaits):
        await desk.next_for(twice)
    assert await assign(
        desk, twice, {one["id"]: one["account"] for one in await desk.reviews()}
    ) == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    "facts",
    [{"role": "auditor"}, {"locked_at": NOW}, {"absent_from": TODAY, "absent_until": TODAY}],
)
async def test_who_isnt_there_gets_nothing(desk: Desk, facts: dict[str, object]) -> None:
    who = await desk.person(1, **facts)
    await desk.drawn(by(SOMEBODY, 1))
    with pytest.raises(ReviewerUnfit):
        await desk.next_for(who)


async def test_many_are_assigned_in_one_go_and_never_both_of_a_decision(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(*(by(SOMEBODY, number) for number in range(3)), in_force=TWICE)
    waiting: dict[UUID, UUID | None] = dict.fromkeys(one["id"] for one in await desk.reviews())
    assert Counter(await assign(desk, who, waiting)) == {True: 3, False: 3}
    assert Counter(await assign(desk, who, waiting)) == {False: 6}
    mine = [one["decision_id"] for one in await desk.reviews() if one["account"] == who.id]
    assert len(set(mine)) == 3


async def test_a_review_is_moved_only_from_the_holder_that_was_seen(desk: Desk) -> None:
    one, other, third = [await desk.person(number) for number in (1, 2, 3)]
    await desk.drawn(by(SOMEBODY, 1))
    given = await desk.next_for(one)
    assert await assign(desk, other, {given.id: None}) == [False]
    assert await assign(desk, other, {given.id: one.id}) == [True]
    assert await assign(desk, third, {given.id: one.id}) == [False]
    with pytest.raises(ReviewUnknown):
        await take(desk, one, given.id)


async def test_of_two_who_move_it_at_once_one_does(desk: Desk) -> None:
    one, other, third = [await desk.person(number) for number in (1, 2, 3)]
    await desk.drawn(by(SOMEBODY, 1))
    given = await desk.next_for(one)
    moved = await asyncio.gather(*(assign(desk, who, {given.id: one.id}) for who in (other, third)))
    assert sorted(moved) == [[False], [True]]


async def test_what_waits_is_spread_by_load(desk: Desk) -> None:
    await desk.person(1)
    await desk.person(2, share=0.5)
    await desk.drawn(*(by(SOMEBODY, number) for number in range(9)))
    async with desk.change() as change:
        assert await assigning.spread_waiting(change, CONTROLLER, NOW, TODAY) == 9
    held = Counter(one["account"].int for one in await desk.reviews())
    assert held == {1: 6, 2: 3}


async def test_what_is_handed_back_waits_and_what_is_declined_never_comes_back(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    given = await desk.next_for(who)
    async with desk.change() as change:
        await assigning.hand_back(change, who, given.id, "no time")
    again = await desk.next_for(who)
    assert (again.id, again.changed) == (given.id, True)
    async with desk.change() as change:
        await assigning.decline(change, who, given.id, "my sister")
    with pytest.raises(NothingWaits):
        await desk.next_for(who)
    await desk.settle()
    with pytest.raises(NothingWaits):
        await desk.next_for(who)
    assert await desk.acts() == ["assigned", "handed_back", "assigned", "conflict_declared"]


async def test_declining_needs_a_reason_and_the_own_review(desk: Desk) -> None:
    who, other = await desk.person(1), await desk.person(2)
    await desk.drawn(by(SOMEBODY, 1))
    given = await desk.next_for(who)
    for person, review, error in (
        (who, given.id, ReasonMissing),
        (other, given.id, ReviewUnknown),
        (who, uuid4(), ReviewUnknown),
    ):
        with pytest.raises(error):
            await _decline_without_reason(desk, person, review)
    assert await desk.acts() == ["assigned"]


async def _decline_without_reason(desk: Desk, who: Person, review: UUID) -> None:
    async with desk.change() as change:
        await assigning.decline(change, who, review, " ")


async def test_an_answer_is_kept_once_and_a_stale_one_is_refused(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    with pytest.raises(ActUnfit):
        await save(desk, who, review, new("V1"))
    await take(desk, who, review)
    first = await save(desk, who, review, new("V1"))
    repeated = await save(desk, who, review, new("V1"))
    assert (first.version, repeated.version) == (1, 1)
    with pytest.raises(AnswerStale) as stale:
        await save(desk, who, review, new("V1", "minor_error", comment="late"))
    assert stale.value.version == 1
    assert (await save(desk, who, review, new("V1", "minor_error", 1))).version == 2
    versions = await desk.owner.fetch("SELECT version, grade FROM controlling.answer")
    assert [tuple(one) for one in versions] == [(1, "correct"), (2, "minor_error")]
    assert await desk.acts() == ["assigned", "taken", "answered", "answered"]


async def test_of_two_tabs_one_is_told(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await take(desk, who, review)
    said = await asyncio.gather(
        *(save(desk, who, review, new("V1", grade)) for grade in ("correct", "not_applicable")),
        return_exceptions=True,
    )
    assert [type(one) for one in said if isinstance(one, Exception)] == [AnswerStale]
    assert await desk.owner.fetchval("SELECT count(*) FROM controlling.answer") == 1


async def test_what_a_killed_process_had_not_committed_never_was(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await take(desk, who, review)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await _save_and_die(desk, who, review)
    assert await desk.owner.fetchval("SELECT count(*) FROM controlling.answer") == 0
    assert (await save(desk, who, review, new("V1"))).version == 1
    assert await desk.acts() == ["assigned", "taken", "answered"]


async def _save_and_die(desk: Desk, who: Person, review: UUID) -> None:
    async with changing(desk.workbench) as change:
        await answering.save(change, who, review, new("V1"), NOW)
        await change.finish()
        pid = await change.connection.fetchval("SELECT pg_backend_pid()")
        await desk.owner.execute("SELECT pg_terminate_backend($1)", pid)
        await change.connection.execute("SELECT 1")


async def test_a_new_holder_begins_anew(desk: Desk) -> None:
    one, other = await desk.person(1), await desk.person(2)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(one)).id
    await take(desk, one, review)
    await save(desk, one, review, new("V1", "significant_error", comment="mine"))
    assert await assign(desk, other, {review: one.id}) == [True]
    async with desk.change() as change:
        await answering.take(change, other, review, FORM, NOW + timedelta(hours=1))
        saved = await store.saved_answers(change.connection, review)
    assert (saved["V1"].version, saved["V1"].by_another) == (1, True)
    with pytest.raises(ActUnfit):
        await sign(desk, other, review)


async def test_only_a_complete_review_can_be_signed_and_signing_twice_is_once(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await take(desk, who, review)
    await save(desk, who, review, new("V1"))
    with pytest.raises(AnswersMissing):
        await sign(desk, who, review)
    for question in VERDICTS:
        await save(desk, who, review, new(question))
    assert await sign(desk, who, review) == await sign(desk, who, review) == ()
    with pytest.raises(ActUnfit):
        await save(desk, who, review, new("V1", based_on=1))
    assert (await desk.acts()).count("signed") == 1
    assert await desk.published() == ["review.assigned", "review.completed"]


async def test_an_error_that_the_events_tell_needs_no_comment(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await take(desk, who, review)
    told = NewAnswer("V1", 0, "minor_error", "", {"sentence": "not_heard"}, "auto")
    for answer in (told, *map(new, VERDICTS)):
        await save(desk, who, review, answer)
    assert await sign(desk, who, review) == ()


async def test_the_log_says_who_answered_what_question_and_not_what_they_answered(
    desk: Desk,
) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await take(desk, who, review)
    await save(desk, who, review, new("V1", "minor_error", comment="why"))
    detail = await desk.owner.fetchval(
        "SELECT detail FROM controlling.audit WHERE act = 'answered' ORDER BY number DESC LIMIT 1"
    )
    assert from_json(detail) == {"question": "V1", "version": 1}


async def two_sign(desk: Desk, *verdicts: str) -> list[UUID]:
    people = [await desk.person(1), await desk.person(2)]
    await desk.drawn(by(SOMEBODY, 1), in_force=TWICE)
    reviews = [(await desk.next_for(who)).id for who in people]
    for who, review, verdict in zip(people, reviews, verdicts, strict=True):
        assert "review.completed" not in await desk.published()
        await finish(desk, who, review, verdict)
    return reviews


async def test_two_who_agree_need_no_third(desk: Desk) -> None:
    await two_sign(desk, "correct", "correct")
    assert [one["round"] for one in await desk.reviews()] == [1, 2]
    assert (await desk.published()).count("review.completed") == 1


async def test_where_two_differ_a_third_settles_just_that(desk: Desk) -> None:
    first, _ = await two_sign(desk, "correct", "wrong")
    assert "review.completed" not in await desk.published()
    third = await desk.person(3)
    await desk.settle()
    review = (await desk.next_for(third)).id
    with pytest.raises(BothSigned):
        await _reopen(desk, Person(UUID(int=1)), first, "slip")
    await take(desk, third, review)
    for question in VERDICTS:
        await save(desk, third, review, new(question, "disputable", comment="why"))
    await sign(desk, third, review)
    assert [one["state"] for one in await desk.reviews()] == ["closed", "closed", "signed"]
    assert (await desk.published()).count("review.completed") == 1
    assert (await desk.acts())[-1] == "adjudicated"


async def test_two_who_sign_at_once_open_one_third_review(desk: Desk) -> None:
    people = [await desk.person(1), await desk.person(2)]
    await desk.drawn(by(SOMEBODY, 1), in_force=TWICE)
    reviews = [(await desk.next_for(who)).id for who in people]
    verdicts = ("correct", "wrong")
    await asyncio.gather(
        *(finish(desk, *each) for each in zip(people, reviews, verdicts, strict=True))
    )
    assert [one["round"] for one in await desk.reviews()] == [1, 2, 3]


async def test_a_signature_is_taken_back_for_a_reason_and_the_answers_stay(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = (await desk.next_for(who)).id
    await finish(desk, who, review)
    with pytest.raises(ReasonMissing):
        await _reopen(desk, who, review, "")
    await _reopen(desk, who, review, "wrong key")
    await save(desk, who, review, new("V1", "minor_error", 1, "now"))
    await sign(desk, who, review)
    versions = await desk.owner.fetch(
        "SELECT grade FROM controlling.answer WHERE question = 'V1' ORDER BY version"
    )
    assert [one["grade"] for one in versions] == ["correct", "minor_error"]
    assert (await desk.acts()).count("reopened") == 1
    assert await desk.published() == [
        "review.assigned",
        "review.completed",
        "review.reopened",
        "review.completed",
        "finding.raised",
    ]


async def test_taking_a_blind_signature_back_tells_nobody_of_it(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1), in_force=TWICE)
    review = (await desk.next_for(who)).id
    await finish(desk, who, review)
    await _reopen(desk, who, review, "wrong key")
    assert await desk.published() == ["review.assigned"]


async def test_a_verdict_is_open_again_when_a_second_review_is_asked_for(desk: Desk) -> None:
    who, other = await desk.person(1), await desk.person(2)
    await desk.drawn(by(SOMEBODY, 1))
    await finish(desk, who, (await desk.next_for(who)).id)
    await desk.owner.execute("UPDATE controlling.draw SET twice = true, opened = false")
    await desk.settle()
    await finish(desk, other, (await desk.next_for(other)).id)
    told = [name for name in await desk.published() if name != "review.assigned"]
    assert told == ["review.completed", "review.reopened", "review.completed"]


async def _reopen(desk: Desk, who: Person, review: UUID, reason: str) -> None:
    async with desk.change() as change:
        await answering.reopen(change, who, review, reason, NOW)


async def test_what_is_overdue_is_told_once(desk: Desk) -> None:
    await desk.drawn(by(SOMEBODY, 1))
    await desk.owner.execute("UPDATE controlling.review SET due = $1", date(2026, 11, 30))
    opener = ReviewOpener(desk.controlling, CALENDAR, holding_of(desk.controlling, Loop.REVIEWS))
    assert [await opener.announce_overdue(NOW) for _ in range(2)] == [1, 0]
    assert await desk.published() == ["review.overdue"]


async def test_lists_say_what_is_to_do_page_by_page(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(*(by(SOMEBODY, number) for number in range(4)), in_force=TWICE)
    given = await desk.next_for(who)
    await take(desk, who, given.id)
    for question in ("V1", *VERDICTS):
        await save(desk, who, given.id, new(question))
    async with desk.workbench.acquire() as connection:
        found = await mine_store.mine(connection, who.id, None, EVERYTHING, MINE.usual)
        [task] = found.lines
        [mine] = task.reviews
        counts = await mine_store.my_counts(connection, who.id, mine.due, NOW)
        board = await board_store.board(connection, Shown.WAITING, EVERYTHING, BOARD.usual)
        on_board = await board_store.board_counts(connection, TODAY)
        [load] = await store.loads(connection, TODAY)
    assert (mine.id, mine.complete, mine.type_code) == (given.id, True, "AufenthG-18b")
    assert (counts.open, counts.soon, counts.done) == (1, 1, 0)
    # Of two reviews of a decision the board has one at a time, and who took which one is chance.
    assert len(board.lines) == on_board.waiting == 4 - on_board.held
    assert (load.reviewer.open, load.reviewer.capacity) == (on_board.held, 20)
