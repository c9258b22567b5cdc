"""Measures on a real database: agreed, carried out, dropped, and whether they helped."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.controlling.accounts.account import Role
from services.controlling.forms.law import Law
from services.controlling.measures import following, store
from services.controlling.measures.effect import Outcome
from services.controlling.measures.errors import (
    ActUnfit,
    FindingsUnfit,
    MeasureUnknown,
    ReasonMissing,
)
from services.controlling.measures.measure import Kind, Measure, Plan, State
from services.controlling.measures.store import Days, Place
from services.controlling.statistics.rounding import within
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from tests.integration.controlling_helpers import decided, decision_id, policy
from tests.integration.review_helpers import CALENDAR, CONTROLLER, NOW, TODAY, Desk, Person

pytestmark = pytest.mark.stack

LAW = Law.of(load_organisation(ORGANISATION))
EVERYWHERE = Place(None, LAW.organisation)
AGREED = datetime(2026, 6, 1, 9, tzinfo=UTC)
DONE = datetime(2026, 7, 1, 9, tzinfo=UTC)
BEFORE = datetime(2026, 5, 4, 9, tzinfo=UTC)
AFTER = datetime(2026, 8, 3, 9, tzinfo=UTC)
REVIEWER = Person(UUID(int=50))
TWICE = policy("1").model_copy(update={"double_reviews": Decimal(1)})


@pytest.fixture
async def office(desk: Desk) -> Desk:
    """A desk at which somebody reviews and somebody agrees measures."""
    await desk.person(50)
    await desk.person(99, role="controlling")
    return desk


async def finding(
    desk: Desk, number: int, question: str = "V1", state: str = "upheld", unit: str = "unit-2"
) -> int:
    """Let there be a finding; the decision needn't be there."""
    found: int = await desk.owner.fetchval(
        "INSERT INTO controlling.finding (decision_id, question, norm, asked, severity, unit,"
        " type_code, state, raised_at, due)"
        " VALUES ($1, $2, '§ 28 VwVfG', '{}', 'significant_error', $3, 'AufenthG-18b', $4, $5, $6)"
        " RETURNING number",
        decision_id(number), question, unit, state, BEFORE, TODAY,
    )  # fmt: skip
    return found


async def reviewed(
    desk: Desk, numbers: range, errors: int, at: datetime, unit: str = "unit-2"
) -> None:
    """Let decisions be made, all of them drawn, and reviewed: so many of them with an error."""
    facts = {"unit": unit, "direction": "adverse"}
    await desk.drawn(*(decided(number, at, **facts) for number in numbers))
    for position, number in enumerate(numbers):
        grade = "significant_error" if position < errors else "correct"
        await answered(desk, number, 1, grade)


async def answered(desk: Desk, number: int, a_round: int, grade: str) -> None:
    """Let a review be signed with an answer to V1."""
    await desk.owner.execute(
        "WITH signed AS (UPDATE controlling.review SET state = 'signed', account = $5,"
        " taken_at = $4, signed_at = $4 WHERE decision_id = $1 AND round = $2 RETURNING id)"
        " INSERT INTO controlling.answer (review, question, version, grade, origin, saved_at)"
        " SELECT id, 'V1', 1, $3, 'human', $4 FROM signed",
        decision_id(number), a_round, grade, NOW, UUID(int=49 + a_round),
    )  # fmt: skip


async def agreed(desk: Desk, *findings: int, unit: str | None = "unit-2") -> int:
    title = "Vorlage für die Anhörung überarbeiten"
    plan = Plan(Kind.TEMPLATE, title, Role.UNIT_HEAD, unit, TODAY, findings)
    async with desk.change() as change:
        return await following.agree(change, CONTROLLER, plan, AGREED)


async def done(desk: Desk, number: int, within: str | None = None) -> None:
    async with desk.change() as change:
        await following.carry_out(change, CONTROLLER, number, DONE, within=within)


async def checked(desk: Desk, number: int, now: datetime = NOW) -> Outcome:
    async with desk.change() as change:
        return await following.check(change, CONTROLLER, number, now, LAW)


async def read(desk: Desk, number: int, within: str | None = None) -> Measure:
    async with desk.workbench.acquire() as connection:
        return await store.read(connection, number, within)


async def published(desk: Desk) -> list[str]:
    rows = await desk.owner.fetch(
        "SELECT convert_from(headers, 'UTF8') AS text FROM controlling.outbox ORDER BY id"
    )
    names = ("measure.agreed", "measure.done", "measure.dropped", "measure.effect_checked")
    return [name for row in rows for name in names if name in row["text"]]


async def test_a_measure_is_agreed_carried_out_and_has_helped(office: Desk) -> None:
    await reviewed(office, range(40), 12, BEFORE)
    await reviewed(office, range(40, 80), 1, AFTER)
    number = await agreed(office, await finding(office, 1))
    await done(office, number)
    assert await checked(office, number) is Outcome.BETTER
    found = await read(office, number)
    assert found.state is State.CHECKED
    assert found.effect is not None
    assert found.effect.before is not None
    assert found.effect.after is not None
    assert (found.effect.before.reviewed, found.effect.before.rate) == (40, within(0.3, 1))
    assert (found.effect.after.reviewed, found.effect.after.rate) == (40, within(0.025, 1))
    assert await published(office) == ["measure.agreed", "measure.done", "measure.effect_checked"]
    acts = [act for act in await office.acts() if act.startswith("measure")]
    assert acts == ["measure_agreed", "measure_done", "measure_checked"]


async def test_what_was_found_once_stays_whatever_is_reviewed_later(office: Desk) -> None:
    await reviewed(office, range(20), 4, BEFORE)
    await reviewed(office, range(20, 40), 4, AFTER)
    number = await agreed(office, await finding(office, 1))
    await done(office, number)
    await done(office, number)
    assert await checked(office, number) is Outcome.NO_DIFFERENCE
    first = await read(office, number)
    await reviewed(office, range(40, 90), 50, AFTER)
    assert await checked(office, number) is Outcome.NO_DIFFERENCE
    assert await read(office, number) == first


async def test_too_few_are_said_to_be_too_few_and_asked_again_later(office: Desk) -> None:
    await reviewed(office, range(40), 20, BEFORE)
    await reviewed(office, range(40, 46), 0, AFTER)
    number = await agreed(office, await finding(office, 1))
    await done(office, number)
    assert await checked(office, number) is Outcome.TOO_FEW
    found = await read(office, number)
    assert found.state is State.DONE
    assert found.effect is not None
    assert (found.effect.before, found.effect.after) == (None, None)
    await reviewed(office, range(46, 60), 0, AFTER)
    assert await checked(office, number) is Outcome.BETTER


async def test_only_final_answers_on_what_chance_drew_count(office: Desk) -> None:
    for number in (51, 52):
        await office.person(number)
    facts = {"unit": "unit-2", "direction": "adverse"}
    drawn = [decided(number, BEFORE, **facts) for number in (0, 1, *range(10, 17))]
    await office.drawn(*drawn, in_force=TWICE)
    for number, first, second in (
        (0, "significant_error", "significant_error"),
        (1, "significant_error", "significant_error"),
        (10, "significant_error", "significant_error"),
        (11, "significant_error", "correct"),
        (12, "significant_error", "correct"),
        (13, "significant_error", None),
        (14, "minor_error", "minor_error"),
        (15, "not_applicable", "correct"),
    ):
        await answered(office, number, 1, first)
        if second:
            await answered(office, number, 2, second)
    for number, settled in ((11, "correct"), (12, None)):
        await office.owner.execute(
            "INSERT INTO controlling.review (decision_id, period, round, decision_group, unit,"
            " priority, state, due, opened_at) SELECT decision_id, period, 3, 'work', 'unit-2', 1,"
            " 'waiting', $2, $3 FROM controlling.decision WHERE decision_id = $1",
            decision_id(number), TODAY, NOW,
        )  # fmt: skip
        if settled:
            await answered(office, number, 3, settled)
    await office.owner.execute(
        "UPDATE controlling.draw SET reasons = '{appeal}' WHERE decision_id = $1", decision_id(0)
    )
    await office.owner.execute(
        "UPDATE controlling.decision SET late = true WHERE decision_id = $1", decision_id(1)
    )
    days = Days(BEFORE - timedelta(days=1), BEFORE + timedelta(days=1))
    async with office.workbench.acquire() as connection:
        found = await store.drawn(connection, "V1", days, EVERYWHERE)
        elsewhere = await store.drawn(connection, "V1", days, replace(EVERYWHERE, unit="unit-1"))
        other = await store.drawn(connection, "M2", days, EVERYWHERE)
        sizes = await store.sizes(connection, days, replace(EVERYWHERE, unit="unit-2"))
    assert sorted(one.error for one in found.judged) == [False, False, True, True]
    assert (list(elsewhere.judged), list(other.judged)) == ([], [])
    assert sum(sizes.values()) == 8
    assert (found.by_stratum, elsewhere.by_stratum) == ({"work/adverse/unit-2": 7}, {})


async def test_days_are_those_of_the_authority(office: Desk) -> None:
    """Decided just before midnight of the day on which the measure was agreed or done."""
    midnight = CALENDAR.moment(AGREED.date(), time())
    await reviewed(office, range(10), 10, midnight - timedelta(minutes=1))
    await reviewed(office, range(10, 20), 0, midnight)
    last = CALENDAR.moment(DONE.date() + timedelta(days=1), time())
    await reviewed(office, range(20, 30), 10, last - timedelta(minutes=1))
    await reviewed(office, range(30, 40), 0, last)
    number = await agreed(office, await finding(office, 1))
    await done(office, number)
    assert await checked(office, number) is Outcome.BETTER
    effect = (await read(office, number)).effect
    assert effect is not None
    assert effect.before is not None
    assert effect.after is not None
    sides = [(one.reviewed, one.rate) for one in (effect.before, effect.after)]
    assert sides == [(10, within(1, 1)), (10, within(0, 1))]


async def test_the_same_measure_sent_twice_at_once_is_agreed_once(office: Desk) -> None:
    on = await finding(office, 1)
    numbers = await asyncio.gather(*(agreed(office, on) for _ in range(4)))
    assert len(set(numbers)) == 1
    assert await published(office) == ["measure.agreed"]
    assert await agreed(office, on, unit=None) != numbers[0]


async def test_a_measure_needs_findings_that_stand_and_are_about_one_question(
    office: Desk,
) -> None:
    good, gone = await finding(office, 1), await finding(office, 2, state="withdrawn")
    other = await finding(office, 3, question="M2")
    for findings in ([gone], [good, gone], [good, other], [good, 999_999], []):
        with pytest.raises(FindingsUnfit):
            await agreed(office, *findings)
    assert await published(office) == []


async def test_who_may_speak_for_one_unit_finds_no_measure_of_another(office: Desk) -> None:
    on = await finding(office, 1)
    own, everybodys = await agreed(office, on), await agreed(office, on, unit=None)
    for number in (own, 999_999):
        with pytest.raises(MeasureUnknown):
            await done(office, number, within="unit-1")
    with pytest.raises(MeasureUnknown):
        await done(office, everybodys, within="unit-2")
    with pytest.raises(MeasureUnknown):
        await read(office, own, "unit-1")
    assert (await read(office, everybodys, "unit-1")).number == everybodys
    await done(office, own, within="unit-2")
    assert (await read(office, own, "unit-2")).state is State.DONE


async def test_what_is_given_up_says_why_and_cannot_be_carried_out(office: Desk) -> None:
    number = await agreed(office, await finding(office, 1))
    for reason, refused in ((" ", ReasonMissing), ("ersetzt", None), ("noch einmal", None)):
        async with office.change() as change:
            if refused:
                with pytest.raises(refused):
                    await following.drop(change, CONTROLLER, number, reason, NOW)
            else:
                await following.drop(change, CONTROLLER, number, reason, NOW)
    found = await read(office, number)
    assert (found.state, found.reason) == (State.DROPPED, "ersetzt")
    for step in (done, checked):
        with pytest.raises(ActUnfit):
            await step(office, number)
    assert [act for act in await office.acts() if act.startswith("measure")] == [
        "measure_agreed",
        "measure_dropped",
    ]
    assert await published(office) == ["measure.agreed", "measure.dropped"]
