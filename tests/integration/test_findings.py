"""Findings on the real database: when they are raised, what is said to them, what holds."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from services.controlling.findings import replying
from services.controlling.findings.errors import (
    DayUnfit,
    Excluded,
    FindingChanged,
    FindingRefused,
    FindingUnknown,
    ReasonsMissing,
    StepUnfit,
)
from services.controlling.findings.life import Step
from services.controlling.findings.store import Done
from services.controlling.forms.catalogue import Criteria
from services.controlling.reviews import answering
from services.controlling.reviews.store import Begun, NewAnswer
from services.controlling.reviews.verdict import VERDICTS
from shared.law.decision_types import DecisionTypes
from tests.integration.controlling_helpers import decision_id, policy
from tests.integration.review_helpers import CALENDAR, NOW, TODAY, Desk, Person, by

pytestmark = pytest.mark.stack

CRITERIA = {one.code: one for one in Criteria.load(DecisionTypes.load()).criteria}
FORM = [CRITERIA["V1"], CRITERIA["M2"]]
BEGUN = Begun("criteria-1", "ab" * 32, 4)
TWICE = policy("1").model_copy(update={"double_reviews": Decimal(1)})
SOMEBODY = 50
RIGHT = {"V1": "correct", "M2": "correct"}
V1_WRONG = RIGHT | {"V1": "significant_error"}
LATE = TODAY + timedelta(days=60)


class Head(Person):
    """Somebody who heads unit 2."""

    unit: str | None = "unit-2"


HEAD = Head(UUID(int=80), "unit_head")


@pytest.fixture
async def head(desk: Desk) -> Head:
    await desk.person(80, role="unit_head", unit="unit-2")
    return HEAD


async def answer(
    desk: Desk, who: Person, review: UUID, grades: Mapping[str, str], text: str = "warum"
) -> None:
    """Answer some questions anew, whatever was answered before."""
    async with desk.change() as change:
        for code, grade in grades.items():
            based_on = await change.connection.fetchval(
                "SELECT coalesce(max(version), 0) FROM answer WHERE review = $1 AND question = $2",
                review, code,
            )  # fmt: skip
            new = NewAnswer(code, based_on, grade, text, {}, "human")
            await answering.save(change, who, review, new, NOW)


async def sign(desk: Desk, who: Person, review: UUID) -> tuple[str, ...]:
    async with desk.change() as change:
        signed = await answering.sign(
            change, who, review, questions=FORM, now=NOW, calendar=CALENDAR
        )
    return signed.differs


async def take(desk: Desk, who: Person) -> UUID:
    review = (await desk.next_for(who)).id
    async with desk.change() as change:
        await answering.take(change, who, review, BEGUN, NOW)
    return review


async def signed(
    desk: Desk, who: Person, grades: Mapping[str, str], verdict: str = "correct"
) -> UUID:
    """Take the next review, answer it and sign it."""
    review = await take(desk, who)
    await answer(desk, who, review, {**grades, **dict.fromkeys(VERDICTS, verdict)})
    await sign(desk, who, review)
    return review


async def reopened(desk: Desk, who: Person, review: UUID) -> None:
    async with desk.change() as change:
        await answering.reopen(change, who, review, "verklickt", NOW)


async def one_signed(desk: Desk, grades: Mapping[str, str] = V1_WRONG) -> tuple[Person, UUID]:
    """Somebody has reviewed a decision of unit 2 alone."""
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1, unit="unit-2"))
    return who, await signed(desk, who, grades)


async def findings(desk: Desk) -> list[asyncpg.Record]:
    return await desk.owner.fetch("SELECT * FROM controlling.finding ORDER BY number")


async def number(desk: Desk) -> int:
    [one] = await findings(desk)
    found: int = one["number"]
    return found


async def states(desk: Desk) -> list[tuple[str, str]]:
    return [(one["question"], one["state"]) for one in await findings(desk)]


async def steps(desk: Desk) -> list[str]:
    rows = await desk.owner.fetch(
        "SELECT kind FROM controlling.finding_step ORDER BY finding, position"
    )
    return [row["kind"] for row in rows]


async def told(desk: Desk) -> list[str]:
    return [one for one in await desk.published() if one.startswith("finding")]


def at(today: date) -> datetime:
    return NOW + (today - TODAY)


async def reply(
    desk: Desk,
    who: Head,
    step: Step,
    text: str = "",
    *,
    known: int = 0,
    day: date | None = None,
    based_on: int = 1,
    today: date = TODAY,
) -> None:
    known = known or await number(desk)
    async with desk.change() as change:
        await replying.reply(
            change,
            who,
            known,
            Done(step, text, day),
            based_on=based_on,
            now=at(today),
            calendar=CALENDAR,
        )


async def settle(
    desk: Desk, who: Person, step: Step, text: str = "", *, based_on: int, today: date = TODAY
) -> None:
    known = await number(desk)
    async with desk.change() as change:
        await replying.settle(
            change,
            who,
            known,
            Done(step, text),
            based_on=based_on,
            now=at(today),
            calendar=CALENDAR,
        )


async def test_one_signature_raises_what_it_found_and_nothing_else(desk: Desk) -> None:
    await one_signed(desk)
    [one] = await findings(desk)
    assert (one["question"], one["norm"], one["severity"], one["effect"]) == (
        "V1", "§ 28 VwVfG", "significant_error", "healable"
    )  # fmt: skip
    assert (one["unit"], one["type_code"], one["state"]) == ("unit-2", "AufenthG-18b", "raised")
    assert one["due"] == CALENDAR.add_working_days(TODAY, 15)
    assert await steps(desk) == ["raise"]
    assert await told(desk) == ["finding.raised"]
    assert (await desk.acts())[-2:] == ["signed", "finding_raised"]


async def test_what_two_agree_on_is_raised_when_the_second_signs(desk: Desk) -> None:
    first, second = await desk.person(1), await desk.person(2)
    await desk.drawn(by(SOMEBODY, 1), in_force=TWICE)
    await signed(desk, first, V1_WRONG)
    assert (await findings(desk), await told(desk)) == ([], [])
    await signed(desk, second, V1_WRONG)
    assert await states(desk) == [("V1", "raised")]


async def test_where_two_differ_nothing_is_raised_before_a_third_has_settled_it(
    desk: Desk,
) -> None:
    people = [await desk.person(number) for number in (1, 2, 3)]
    await desk.drawn(by(SOMEBODY, 1), in_force=TWICE)
    both = {"V1": "minor_error", "M2": "significant_error"}
    await signed(desk, people[0], both)
    await signed(desk, people[1], both | {"M2": "correct"})
    await desk.settle()
    assert (await findings(desk), await told(desk)) == ([], [])
    third = await take(desk, people[2])
    await answer(desk, people[2], third, {"M2": "minor_error"}, "nur klein")
    await sign(desk, people[2], third)
    assert [(one["question"], one["severity"]) for one in await findings(desk)] == [
        ("V1", "minor_error"),
        ("M2", "minor_error"),
    ]


async def test_signing_again_changes_nothing(desk: Desk) -> None:
    who, review = await one_signed(desk)
    await sign(desk, who, review)
    await reopened(desk, who, review)
    assert await states(desk) == [("V1", "raised")]
    await sign(desk, who, review)
    assert (await steps(desk), await told(desk)) == (["raise"], ["finding.raised"])


async def test_a_finding_survives_reopening_with_its_reply(desk: Desk, head: Head) -> None:
    who, review = await one_signed(desk)
    await reply(desk, head, Step.AGREE)
    await reopened(desk, who, review)
    await answer(desk, who, review, {"M2": "minor_error"})
    await sign(desk, who, review)
    assert await states(desk) == [("V1", "agreed"), ("M2", "raised")]


async def test_what_is_not_found_again_is_withdrawn_and_said_so(desk: Desk, head: Head) -> None:
    who, review = await one_signed(desk)
    await reply(desk, head, Step.DISAGREE, "doch angehört")
    await settle(desk, who, Step.UPHOLD, "keine Anhörung in der Akte", based_on=2)
    await reopened(desk, who, review)
    await answer(desk, who, review, {"V1": "correct"})
    await sign(desk, who, review)
    assert await states(desk) == [("V1", "withdrawn")]
    assert (await steps(desk))[-1] == "retract"
    assert (await told(desk))[-1] == "finding.withdrawn"
    await reopened(desk, who, review)
    await answer(desk, who, review, {"V1": "minor_error"})
    await sign(desk, who, review)
    assert await states(desk) == [("V1", "withdrawn"), ("V1", "raised")]


async def test_another_weight_is_another_finding_and_other_words_are_not(desk: Desk) -> None:
    who, review = await one_signed(desk)
    await reopened(desk, who, review)
    await answer(desk, who, review, {"V1": "significant_error"}, "ohne Namen")
    await sign(desk, who, review)
    assert (await states(desk), await steps(desk)) == ([("V1", "raised")], ["raise", "reword"])
    await reopened(desk, who, review)
    await answer(desk, who, review, {"V1": "minor_error"}, "ohne Namen")
    await sign(desk, who, review)
    assert await states(desk) == [("V1", "withdrawn"), ("V1", "raised")]


async def test_a_review_that_is_not_signed_after_all_leaves_no_finding(desk: Desk) -> None:
    who = await desk.person(1)
    await desk.drawn(by(SOMEBODY, 1))
    review = await take(desk, who)
    await answer(desk, who, review, {**V1_WRONG, **dict.fromkeys(VERDICTS, "wrong")})
    with pytest.raises(asyncio.CancelledError):
        await _sign_and_stop(desk, who, review)
    assert (await findings(desk), await told(desk)) == ([], [])


async def _sign_and_stop(desk: Desk, who: Person, review: UUID) -> None:
    async with desk.change() as change:
        await answering.sign(change, who, review, questions=FORM, now=NOW, calendar=CALENDAR)
        raise asyncio.CancelledError


async def test_the_unit_replies_and_may_say_something_else_until_it_is_final(
    desk: Desk, head: Head
) -> None:
    who, _ = await one_signed(desk)
    await reply(desk, head, Step.AGREE)
    await reply(desk, head, Step.PUT_RIGHT, "nachgeholt", day=TODAY, based_on=2)
    assert await states(desk) == [("V1", "put_right")]
    await settle(desk, who, Step.UPHOLD, based_on=3)
    assert await states(desk) == [("V1", "upheld")]
    assert await told(desk) == [
        "finding.raised", "finding.answered", "finding.answered", "finding.confirmed"
    ]  # fmt: skip
    assert (await desk.acts())[-3:] == ["finding_answered", "finding_answered", "finding_confirmed"]
    with pytest.raises(StepUnfit):
        await reply(desk, head, Step.DISAGREE, "doch nicht", based_on=4)


async def test_leadership_waits_for_the_unit_but_not_for_ever(desk: Desk, head: Head) -> None:
    who, _ = await one_signed(desk)
    with pytest.raises(StepUnfit):
        await settle(desk, who, Step.UPHOLD, based_on=1)
    await settle(desk, who, Step.WITHDRAW, "erledigt", based_on=1, today=LATE)
    assert await states(desk) == [("V1", "withdrawn")]


async def test_a_unit_that_was_silent_may_still_reply(desk: Desk, head: Head) -> None:
    await one_signed(desk)
    await reply(desk, head, Step.AGREE, today=LATE)
    assert await states(desk) == [("V1", "agreed")]


@pytest.mark.parametrize(
    ("step", "text", "day", "error"),
    [
        (Step.DISAGREE, "  ", None, ReasonsMissing),
        (Step.PUT_RIGHT, "gut", None, DayUnfit),
        (Step.PUT_RIGHT, "gut", TODAY + timedelta(days=1), DayUnfit),
        (Step.PUT_RIGHT, "gut", date(2020, 1, 1), DayUnfit),
        (Step.UPHOLD, "gut", None, StepUnfit),
    ],
)
async def test_an_unfit_reply_changes_nothing(
    desk: Desk, head: Head, *, step: Step, text: str, day: date | None, error: type[FindingRefused]
) -> None:
    await one_signed(desk)
    with pytest.raises(error):
        await reply(desk, head, step, text, day=day)
    assert (await steps(desk), await told(desk)) == (["raise"], ["finding.raised"])


async def test_another_units_head_is_refused(desk: Desk) -> None:
    await one_signed(desk)
    stranger = Head(UUID(int=81), "unit_head")
    stranger.__dict__["unit"] = "unit-3"
    with pytest.raises(FindingUnknown):
        await reply(desk, stranger, Step.AGREE)
    nowhere = Head(UUID(int=82), "unit_head")
    nowhere.__dict__["unit"] = None
    with pytest.raises(FindingUnknown):
        await reply(desk, nowhere, Step.AGREE)
    assert await states(desk) == [("V1", "raised")]


async def test_the_same_reply_sent_twice_is_one_and_a_stale_one_is_told(
    desk: Desk, head: Head
) -> None:
    await one_signed(desk)
    for _ in range(2):
        await reply(desk, head, Step.DISAGREE, "doch angehört")
    assert await steps(desk) == ["raise", "disagree"]
    with pytest.raises(FindingChanged):
        await reply(desk, head, Step.AGREE)
    assert await states(desk) == [("V1", "disagreed")]


async def test_of_two_heads_at_once_one_is_told(desk: Desk, head: Head) -> None:
    await one_signed(desk)
    known = await number(desk)
    said = await asyncio.gather(
        reply(desk, head, Step.AGREE, known=known),
        reply(desk, head, Step.DISAGREE, "nein", known=known),
        return_exceptions=True,
    )
    assert [type(one) for one in said if one is not None] == [FindingChanged]
    assert len(await steps(desk)) == 2


async def test_a_double_click_is_one_reply(desk: Desk, head: Head) -> None:
    await one_signed(desk)
    known = await number(desk)
    await asyncio.gather(*(reply(desk, head, Step.AGREE, known=known) for _ in range(4)))
    assert await steps(desk) == ["raise", "agree"]


async def test_who_decided_does_not_decide_about_the_finding(desk: Desk, head: Head) -> None:
    decider = await desk.person(2)
    who = await desk.person(1)
    await desk.drawn(by(2, 1, unit="unit-2"))
    await signed(desk, who, V1_WRONG)
    await reply(desk, head, Step.AGREE)
    with pytest.raises(Excluded):
        await settle(desk, decider, Step.WITHDRAW, "passt schon", based_on=2)
    with pytest.raises(StepUnfit):
        await settle(desk, who, Step.AGREE, based_on=2)
    assert await states(desk) == [("V1", "agreed")]


async def test_there_is_no_other_number(desk: Desk, head: Head) -> None:
    async with desk.change() as change:
        with pytest.raises(FindingUnknown):
            await replying.reply(
                change, head, 4711, Done(Step.AGREE), based_on=1, now=NOW, calendar=CALENDAR
            )


async def test_the_pages_neither_change_history_nor_forget_it(desk: Desk) -> None:
    await one_signed(desk)
    for statement in (
        "UPDATE finding_step SET text = ''",
        "DELETE FROM finding_step",
        "DELETE FROM finding",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.workbench.execute(statement)
    assert decision_id(1) == (await findings(desk))[0]["decision_id"]
