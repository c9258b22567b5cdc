"""An id names one decision: a repeat changes nothing, a second one under it is kept and told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.completeness.errors import FindingUnknown, FrameIncomplete
from services.controlling.periods.draw import Sampler
from services.controlling.register.identity import Content, content_of, second_id
from shared.events.catalogue.case import ApplicationReceived, DecisionMade
from shared.events.catalogue.office import DecisionsCounted
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.events.vocabulary import Direction, IntakeChannel
from shared.observe.metrics import SECOND_DECISIONS
from shared.postgres.pool import Pool
from shared.security.encryption import decrypt
from tests.figures import read_by
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    SEED_KEY,
    Operator,
    about,
    apply,
    case_events,
    closer,
    decided,
    decision_id,
    office_events,
    policy,
    reads_of,
)
from tests.runbooks import Follow

pytestmark = pytest.mark.stack

HALF = policy("0.5")
EVERYTHING = policy("1")
WEEK = "2026-W19"


def under(number: int, event: Event) -> Event:
    """The decision of an event under the id of another one."""
    assert isinstance(event.data, DecisionMade)
    return event._replace(data=event.data.model_copy(update={"decision_id": decision_id(number)}))


def again(event: Event, **changed: object) -> Event:
    """The same decision in an event of its own."""
    return new_event(
        event.source, event.subject, event.data.model_copy(update=changed), time=event.time
    )


def content(event: Event) -> Content:
    assert isinstance(event.data, DecisionMade)
    return content_of((event, event.data, event.time.date()))


def own_id(event: Event) -> str:
    assert isinstance(event.data, DecisionMade)
    return second_id(event.data.decision_id, content(event))


async def frame(pool: Pool) -> dict[str, asyncpg.Record]:
    rows = await pool.fetch("SELECT * FROM decision LEFT JOIN draw USING (decision_id)")
    return {row["decision_id"]: row for row in rows}


async def claims(pool: Pool) -> dict[str, str]:
    rows = await pool.fetch("SELECT decision_id, claimed_id FROM second_decision")
    return {row["decision_id"]: row["claimed_id"] for row in rows}


async def test_a_repeat_changes_nothing_in_the_same_batch_or_later(pool: Pool) -> None:
    first = decided(1)
    handler = case_events(EVERYTHING)
    drawn = await apply(pool, handler, first, again(first), decided(2))
    later = await apply(pool, handler, again(first), decided(3))

    assert (await frame(pool)).keys() == {decision_id(n) for n in (1, 2, 3)}
    assert await claims(pool) == {}
    told = [one.data.decision_id for one in (*drawn, *later) if isinstance(one.data, DecisionDrawn)]
    assert sorted(told) == sorted(decision_id(n) for n in (1, 2, 3))


async def test_a_repeat_ends_no_wait_that_began_since(pool: Pool) -> None:
    handler = case_events(EVERYTHING)
    first = decided(1)
    received = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence", unit="unit-1"
    )
    await apply(pool, handler, first)
    await apply(pool, handler, about(1, received, MAY + timedelta(days=1)), again(first))
    assert await pool.fetchval("SELECT count(*) FROM waiting_case") == 1


@pytest.mark.parametrize(
    "true_one_first", [True, False], ids=["the true one came first", "the other came first"]
)
async def test_a_second_decision_under_an_id_is_kept_and_drawn_by_a_ticket_of_its_own(
    pool: Pool, true_one_first: bool
) -> None:
    true_one, other = decided(1), under(1, decided(2))
    events = (true_one, other) if true_one_first else (other, true_one)
    before = SECOND_DECISIONS._value.get()
    await apply(pool, case_events(HALF), events[0])
    await apply(pool, case_events(HALF), decided(3), events[1], decided(4))

    rows = await frame(pool)
    own = own_id(events[1])
    assert rows.keys() == {decision_id(n) for n in (1, 3, 4)} | {own}
    assert rows[decision_id(1)]["case_ref"] == events[0].subject
    assert rows[own]["case_ref"] == events[1].subject
    assert await claims(pool) == {own: decision_id(1)}
    assert SECOND_DECISIONS._value.get() == before + 1
    sealed = await pool.fetchval("SELECT sealed_seed FROM period")
    ticket = Sampler(decrypt(SEED_KEY, sealed, "2026-05")).ticket(own)
    assert (rows[own]["ticket"], rows[own]["drawn"]) == (ticket, Decimal(ticket) < Decimal("0.5"))


@pytest.mark.parametrize(
    "changed",
    [
        {"type_code": "AufenthG-18a"},
        {"direction": Direction.FAVOURABLE},
        {"unit": "unit-3"},
        {"language": "uk"},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_another_content_of_the_same_case_is_a_second_decision(
    pool: Pool, changed: dict[str, object]
) -> None:
    first = decided(1)
    await apply(pool, case_events(HALF), first)
    await apply(pool, case_events(HALF), again(first, **changed))
    assert list((await claims(pool)).values()) == [decision_id(1)]


async def test_a_repeated_second_decision_is_one_second_decision(pool: Pool) -> None:
    second = under(1, decided(2))
    handler = case_events(HALF)
    await apply(pool, handler, decided(1))
    await apply(pool, handler, second, again(second))
    await apply(pool, handler, again(second), under(1, decided(3)))
    assert (await claims(pool)).keys() == {own_id(second), own_id(under(1, decided(3)))}
    assert len(await frame(pool)) == 3


@pytest.mark.parametrize("batches", [True, False], ids=["in batches", "in one batch"])
async def test_a_decision_is_kept_though_the_id_of_its_own_was_taken_beforehand(
    pool: Pool, batches: bool
) -> None:
    true_one, other = under(1, decided(2)), decided(1)
    own = own_id(true_one)
    squatter = again(decided(3), decision_id=own)
    handler = case_events(HALF)
    for batch in [(other, squatter), (true_one,)] if batches else [(other, squatter, true_one)]:
        await apply(pool, handler, *batch)
    await apply(pool, handler, again(true_one), again(other), again(squatter))

    beyond = second_id(own, content(true_one))
    rows = await frame(pool)
    assert {one: row["case_ref"] for one, row in rows.items()} == {
        decision_id(1): other.subject,
        own: squatter.subject,
        beyond: true_one.subject,
    }
    assert await claims(pool) == {beyond: decision_id(1)}


async def test_a_second_decision_brings_its_review_and_not_the_other_ones(pool: Pool) -> None:
    nothing = policy("0")
    wrong = under(1, decided(2, remedy_instruction=None, reasons_given=False))
    await apply(pool, case_events(nothing), decided(1))
    await apply(pool, case_events(nothing), wrong)
    [row] = await pool.fetch("SELECT decision_id, reasons FROM draw")
    assert (row["decision_id"], row["reasons"]) == (own_id(wrong), ["check_failed"])


async def test_a_period_with_second_decisions_closes_with_its_minimum(pool: Pool) -> None:
    least = policy("0", minimum=2)
    await apply(pool, case_events(least), decided(4), under(4, decided(8)), again(decided(4)))
    closed = await closer(pool).close("2026-05", JUNE)
    assert sum(one.drawn for one in closed.strata) == 2


async def test_the_frame_is_red_until_a_second_decision_is_settled(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path, follow: Follow
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    lately = datetime.now(UTC) - timedelta(days=14)
    second = under(1, decided(2, lately))
    name = own_id(second)
    figures = read_by(controlling=reads_of(pool))
    proof = f"{name} settled by ops-7"
    runbook = await follow("SecondDecisionsUnsettled", operator.console, figures, proof, ID=name)
    await apply(pool, case_events(HALF), decided(1, lately), second)
    assert isinstance(await operator.fails("check"), FrameIncomplete)
    assert "the frame holds 0" in await operator.does("check", "--to", "2026-05-03")
    reason = ("--by", "ops-7", "--reason", "sent under a wrong id; ADVIS mends it")
    assert f"{name} would be settled" in await operator.does("settle", name, *reason, "--dry-run")

    await runbook.look(f"{name}: came under the id of {decision_id(1)} on ")
    await runbook.do(f"{name} is settled now")
    await runbook.prove()

    assert f"{name} is settled already" in await operator.does("settle", name, *reason)
    [found] = from_json(await operator.does("check", "--json"))["findings"]
    assert found["settlement"]["because"] == "sent under a wrong id, ticket 4711"
    assert isinstance(await operator.fails("settle", "decision-x", *reason), FindingUnknown)


def count(decisions: int, source: str) -> Event:
    facts = DecisionsCounted(unit="unit-1", week=WEEK, decisions=decisions)
    return new_event(source, "unit-1", facts, time=MAY + timedelta(days=3))


async def test_who_counts_a_repeat_and_who_does_not_are_both_right(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    first = decided(1, unit="unit-1")
    await apply(pool, case_events(HALF), first, again(first))
    counts = count(2, "urn:gleichfall:intake"), count(1, "urn:de:karlsruhe:advis")
    await apply(pool, office_events(HALF), *counts)
    assert from_json(await operator.does("check", "--json"))["gaps"] == []
    assert "sent again, and taken off what intake counted: 1\n" in await operator.does("check")


async def test_two_counts_of_a_week_that_differ_are_both_shown_until_they_are_settled(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    await apply(pool, case_events(HALF), decided(1, unit="unit-1"))
    counts = count(1, "urn:gleichfall:intake"), count(3, "urn:de:karlsruhe:advis")
    await apply(pool, office_events(HALF), *counts)
    said = "urn:de:karlsruhe:advis counted 3, urn:gleichfall:intake counted 1; the frame holds 1"
    answer = await operator.call("check")
    assert isinstance(answer.exception, FrameIncomplete)
    assert f"{WEEK}/unit-1: {said}" in answer.stdout

    reason = ("--by", "ops-7", "--reason", "ADVIS counted drafts")
    await operator.does("settle", f"{WEEK}/unit-1", *reason)
    assert f"{said}; settled" in await operator.does("check")
    await apply(pool, office_events(HALF), count(4, "urn:de:karlsruhe:advis"))
    assert isinstance(await operator.fails("check"), FrameIncomplete)


async def test_many_decisions_of_a_case_or_from_a_source_in_an_hour_are_shown(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    crowd = [decided(n)._replace(subject=decided(1).subject) for n in range(1, 5)]
    await apply(pool, case_events(HALF), *crowd[:3])
    await apply(pool, case_events(HALF), crowd[3], decided(5), again(decided(5)))
    few = ("--in-case", "3", "--in-hour", "4")
    told = await operator.does("check", *few)
    assert "cases with more than 3 decisions in the period: 1, with 4 decisions" in told
    assert f"{decided(1).subject}: 4 decisions in 2026-05" in told
    assert "sent more than 4 decisions of the period: 1, with 5 decisions" in told
    assert "urn:gleichfall:test: 5 decisions of 2026-05 within the hour of" in told
    assert "decider" not in told
    assert "dilution" not in await operator.does("check", "--in-case", "4", "--in-hour", "5")
    assert "dilution" not in await operator.does("check", *few, "--from", "2026-06-01")


async def test_types_outside_the_catalogue_are_listed_with_what_may_be_meant(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    wrong = [decided(n, type_code="AufenthG-18bb", late_reason="outage") for n in (1, 2)]
    await apply(pool, case_events(HALF), *wrong, decided(3, type_code="X"), decided(4))
    told = await operator.does("check")
    assert "2 decisions have the unlisted type AufenthG-18bb; is AufenthG-18b meant?" in told
    assert "1 decision has the unlisted type X\n" in told
    assert "told long after their day: 2, because: outage" in told
    assert from_json(await operator.does("check", "--json"))["unlisted"] == [
        {"code": "AufenthG-18bb", "decisions": 2, "nearest": "AufenthG-18b"},
        {"code": "X", "decisions": 1, "nearest": None},
    ]
