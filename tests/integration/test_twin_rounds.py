"""Twins are drawn once a week, from the most alike, and anybody can draw them again afterwards."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.periods.draw import Sampler
from services.controlling.policy.policy import Policy, TwinFeature, Twins
from services.controlling.twins import store
from services.controlling.twins.commands import differences
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from shared.events.catalogue.case import ApplicationReceived
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event
from shared.events.vocabulary import Direction, DrawReason, IntakeChannel
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    SEED_KEY,
    ZONE,
    Operator,
    about,
    apply,
    case_events,
    closer,
    decided,
    decision_id,
    holding_of,
    policy,
)

pytestmark = pytest.mark.stack
WEEK = timedelta(days=7)


def rule(**more: object) -> Policy:
    twins = Twins(
        features=(TwinFeature(field="features.years", scale=Decimal(100)),),
        within_days=30,
        maximum_distance=Decimal("0.05"),
        per_week=2,
        among=4,
    )
    return policy("0", twins=twins.model_copy(update=more))


def pair(number: int, apart: int = 0) -> list[Event]:
    """A refusal and a grant, so many years apart, and like nothing else."""
    years = 1_000 * number
    return [
        decided(number, MAY, direction=Direction.ADVERSE, features={"years": years}),
        decided(
            number + 500, MAY, direction=Direction.FAVOURABLE, features={"years": years + apart}
        ),
    ]


async def found(pool: Pool, in_force: Policy, *apart: int, begin: int = 1) -> None:
    """Let pairs be found, so many years apart each."""
    events = [one for n, far in enumerate(apart, start=begin) for one in pair(n, far)]
    await apply(pool, case_events(in_force), *events)
    finder = TwinFinder(pool, holding_of(pool, Loop.TWIN_FINDER))
    while await finder.look():
        pass


async def drawn_on(pool: Pool, now: datetime) -> None:
    rounds = TwinRounds(pool, SEED_KEY, ZONE)
    await rounds.draw_due(now, holding_of(pool, Loop.TWIN_ROUNDS))


async def announced(pool: Pool) -> list[DecisionDrawn]:
    rows = await pool.fetch("SELECT value FROM outbox WHERE value LIKE '%twin%'::bytea")
    return [DecisionDrawn.model_validate_json(row["value"]) for row in rows]


async def test_a_week_is_drawn_when_it_is_over_and_once(pool: Pool) -> None:
    now = datetime.now(UTC)
    await found(pool, rule(), 0, 0, 0, 1, 2)
    await drawn_on(pool, now)
    assert not await pool.fetch("SELECT FROM draw"), "the week isn't over"
    await asyncio.gather(*(drawn_on(pool, now + WEEK) for _ in range(3)))
    [held] = await pool.fetch("SELECT * FROM twin_round")
    monday = now.astimezone(ZONE).date() - timedelta(days=now.astimezone(ZONE).weekday())
    assert (held["week"], held["budget"], held["among"], held["drawn"]) == (monday, 2, 4, 2)
    chances = await pool.fetch("SELECT chance FROM twin_case WHERE round IS NOT NULL")
    assert sorted(row["chance"] for row in chances) == [0, *(Decimal("0.5"),) * 4]
    await drawn_on(pool, now + WEEK)
    assert await pool.fetchval("SELECT count(*) FROM draw") == 4


async def test_both_halves_name_each_other_with_the_ticket_and_chance_of_the_pair(
    pool: Pool,
) -> None:
    await found(pool, rule(per_week=1, among=1), 3)
    await drawn_on(pool, datetime.now(UTC) + WEEK)
    one, other = sorted(await announced(pool), key=lambda each: each.decision_id != decision_id(1))
    assert (one.decision_id, one.twin) == (decision_id(1), decision_id(501))
    assert (other.decision_id, other.twin) == (decision_id(501), decision_id(1))
    assert {each.reasons for each in (one, other)} == {(DrawReason.TWIN,)}
    assert {each.inclusion_probability for each in (one, other)} == {1.0}
    closed = await closer(pool).close("2026-05", JUNE)
    ticket = Sampler(bytes.fromhex(closed.seed)).ticket(f"{decision_id(1)}:twin")
    assert {each.ticket for each in (one, other)} == {ticket}


async def test_a_draw_before_the_week_is_over_is_taken_off_its_budget(pool: Pool) -> None:
    rounds = TwinRounds(pool, SEED_KEY, ZONE)
    await found(pool, rule(), 0)
    await rounds.draw_now(datetime.now(UTC))
    await found(pool, rule(), 0, 0, 0, begin=2)
    await rounds.draw_now(datetime.now(UTC))
    rows = await pool.fetch("SELECT budget, drawn FROM twin_round ORDER BY number")
    assert [tuple(row) for row in rows] == [(2, 1), (1, 1)]


async def test_a_pair_that_is_tampered_with_is_seen_once_its_seed_is_public(pool: Pool) -> None:
    await found(pool, rule(), 0, 0, 0, 1, 2, 3)
    await drawn_on(pool, datetime.now(UTC) + WEEK)

    async def said() -> list[str]:
        async with pool.acquire() as connection:
            [held] = await store.rounds(connection)
            return differences(held, await store.round_of(connection, held.number))

    assert await said() == []
    await closer(pool).close("2026-05", JUNE)
    assert await said() == []
    one = await pool.fetchval("SELECT decision_id FROM twin_case WHERE chance > 0 LIMIT 1")
    await pool.execute("UPDATE twin_case SET ticket = '0.000' WHERE decision_id = $1", one)
    assert any(each.startswith(f"{one}: the seed gives ticket 0.") for each in await said())


async def test_rounds_and_what_waits_are_shown_by_command(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    draw, frame = (Operator(stack, secrets, tmp_path, group) for group in ("draw", "frame"))
    assert "no pair was drawn yet" in await draw.does("twins")
    assert "no case waits longer" in await frame.does("overdue")
    await found(pool, rule(), 0, 0, 0, 1, 2)
    await drawn_on(pool, datetime.now(UTC) + WEEK)
    [held] = json.loads(await draw.does("twins", "--json"))
    shown = json.loads(await draw.does("twins", f"{held['number']}", "--json"))
    assert [one["drawn"] for one in shown].count(True) == held["drawn"] == 2
    assert "tickets can be recomputed" in await draw.does("twins", f"{held['number']}")
    await pool.execute("UPDATE twin_case SET chance = 1 WHERE chance = 0")
    assert "isn't drawn as recorded" in str(await draw.fails("twins", f"{held['number']}"))
    assert "there is no round" in str(await draw.fails("twins", "999999"))
    received = ApplicationReceived(channel=IntakeChannel.POST, service_key="1", unit="unit-1")
    await apply(pool, case_events(rule()), about(900, received))
    [waits] = json.loads(await frame.does("overdue", "--json"))
    assert (waits["service"], waits["since"], waits["ruled"]) == ("1", "2026-05-04", False)
    assert "2026-08-04" in await frame.does("overdue")
