"""Controlling on a real database: every decision in the frame, draws that anyone can replay."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from services.controlling.handlers import CaseEvents
from services.controlling.periods.commitment import Promised
from services.controlling.periods.draw import Sampler
from services.controlling.periods.opening import Periods
from services.controlling.policy.file import load_policy
from services.controlling.register.frame import Frame
from shared.configuration.places import ROOT
from shared.events.catalogue.case import DecisionCorrected, DecisionMade, DecisionWithdrawn
from shared.events.catalogue.review import DecisionDrawn, ReviewPeriodOpened
from shared.events.event import Event
from shared.events.vocabulary import Direction
from shared.kafka.consumer import Handler
from shared.law.decision_types import DecisionTypes
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt
from shared.security.pseudonyms import PseudonymKind
from tests.integration.controlling_helpers import MAY, NAMES, SEED_KEY, ZONE, about, apply

pytestmark = pytest.mark.stack

POLICY = load_policy(ROOT / "tests" / "policy.yaml")


class Interrupted(Exception):
    """What ends a batch before it is committed."""


def interrupted(handler: Handler) -> Handler:
    """One that does all its work and fails then."""

    async def work(events: Sequence[Event], tx: Transaction) -> None:
        await handler(events, tx)
        raise Interrupted

    return work


def handler() -> CaseEvents:
    """A handler as a newly started process has it."""
    return CaseEvents(Frame(DecisionTypes.load(), ZONE), Periods(SEED_KEY, POLICY))


def decided(number: int, at: datetime = MAY, **facts: object) -> Event:
    decision = DecisionMade.model_validate({
        "decision_id": NAMES.of(PseudonymKind.DECISION, str(number)),
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE if number % 3 else Direction.FAVOURABLE,
        "unit": f"unit-{number % 4 + 1}",
        "decider": "decider-" + "d" * 26,
        "remedy_instruction": "rb-widerspruch-1",
    } | facts)  # fmt: skip
    return about(number, decision, at)


async def frame(pool: Pool) -> dict[str, asyncpg.Record]:
    rows = await pool.fetch("SELECT * FROM decision LEFT JOIN draw USING (decision_id)")
    return {row["decision_id"]: row for row in rows}


async def test_every_decision_is_in_the_frame_with_its_ticket(pool: Pool) -> None:
    events = [decided(number) for number in range(200)]
    await apply(pool, handler(), *events)
    rows = await frame(pool)
    assert len(rows) == 200
    for event in events:
        assert isinstance(event.data, DecisionMade)
        row = rows[event.data.decision_id]
        assert row["case_ref"] == event.subject
        assert row["stratum"] == f"work/{event.data.direction}/{event.data.unit}"
        assert row["drawn"] == (Decimal(row["ticket"]) < row["inclusion_probability"])


async def test_what_is_drawn_is_published_with_its_probability(pool: Pool) -> None:
    published = await apply(pool, handler(), *(decided(number) for number in range(200)))
    rows = {name: row for name, row in (await frame(pool)).items() if row["drawn"]}
    drawn = [event.data for event in published if isinstance(event.data, DecisionDrawn)]
    assert {one.decision_id for one in drawn} == rows.keys()
    assert drawn
    for one in drawn:
        row = rows[one.decision_id]
        assert one.ticket == row["ticket"]
        assert one.inclusion_probability == float(row["inclusion_probability"])
        assert one.stratum == row["stratum"]
        assert row["reasons"] == ["random"]


async def test_the_seed_is_promised_before_the_first_draw_and_kept_encrypted(pool: Pool) -> None:
    published = await apply(pool, handler(), *(decided(number) for number in range(50)))
    opened = published[0].data
    assert isinstance(opened, ReviewPeriodOpened)
    row = await pool.fetchrow("SELECT * FROM period")
    assert row is not None
    seed = decrypt(SEED_KEY, row["sealed_seed"], "2026-05")
    assert seed not in row["sealed_seed"]
    parts = (row["policy"], row["catalogue"], row["first_day"], row["last_day"])
    assert opened.commitment == Promised(seed, *parts).commitment == row["commitment"]
    assert (opened.first_day.isoformat(), opened.last_day.isoformat()) == (
        "2026-05-01",
        "2026-05-31",
    )


async def test_an_outsider_replays_the_draw_from_the_seed(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(100)))
    sealed = await pool.fetchval("SELECT sealed_seed FROM period")
    sampler = Sampler(decrypt(SEED_KEY, sealed, "2026-05"))
    for name, row in (await frame(pool)).items():
        ticket = sampler.ticket(name)
        drawn = Decimal(ticket) < row["inclusion_probability"]
        assert (ticket, drawn) == (row["ticket"], row["drawn"])


async def test_batches_restarts_and_order_do_not_change_the_draw(pool: Pool) -> None:
    events = [decided(number) for number in range(60)]
    await apply(pool, handler(), events[0])
    seed = await pool.fetchval("SELECT sealed_seed FROM period")
    for event in reversed(events[1:]):
        await apply(pool, handler(), event)  # a new process each time
    one_by_one = await frame(pool)
    for table in ("candidate", "draw", "decision"):
        await pool.execute(f"DELETE FROM {table}")
    await apply(pool, handler(), *events)
    assert await pool.fetchval("SELECT sealed_seed FROM period") == seed
    at_once = await frame(pool)
    assert {n: (r["ticket"], r["drawn"]) for n, r in one_by_one.items()} == {
        n: (r["ticket"], r["drawn"]) for n, r in at_once.items()
    }


async def test_rivals_open_one_period_with_one_seed(pool: Pool) -> None:
    batches = [[decided(100 * batch + n) for n in range(20)] for batch in range(6)]
    published = await asyncio.gather(*(apply(pool, handler(), *batch) for batch in batches))
    opened = [
        event
        for batch in published
        for event in batch
        if isinstance(event.data, ReviewPeriodOpened)
    ]
    assert len(opened) == 1
    sampler = Sampler(
        decrypt(SEED_KEY, await pool.fetchval("SELECT sealed_seed FROM period"), "2026-05")
    )
    rows = await frame(pool)
    assert len(rows) == 120
    for name, row in rows.items():
        assert sampler.ticket(name) == row["ticket"]


async def test_a_rolled_back_batch_leaves_no_period_behind(pool: Pool) -> None:
    case_events = handler()
    first = decided(1)
    with pytest.raises(Interrupted):
        await apply(pool, interrupted(case_events), first)
    assert await pool.fetchval("SELECT count(*) FROM period") == 0
    [opened, *_] = await apply(pool, case_events, first)
    assert isinstance(opened.data, ReviewPeriodOpened)


async def test_each_month_has_a_seed_of_its_own(pool: Pool) -> None:
    months = [MAY + timedelta(days=31 * month) for month in range(3)]
    await apply(pool, handler(), *(decided(n, at) for n, at in enumerate(months)))
    rows = await pool.fetch("SELECT key, commitment FROM period ORDER BY key")
    assert [row["key"] for row in rows] == ["2026-05", "2026-06", "2026-07"]
    assert len({row["commitment"] for row in rows}) == 3


async def test_corrected_and_withdrawn_decisions_stay_in_the_frame_marked(pool: Pool) -> None:
    made = decided(1), decided(2)
    names = [event.data.decision_id for event in made if isinstance(event.data, DecisionMade)]
    later = MAY + timedelta(days=3)
    await apply(
        pool,
        handler(),
        *made,
        about(1, DecisionCorrected(decision_id=names[0]), later),
        about(2, DecisionWithdrawn(decision_id=names[1]), later),
    )
    rows = await frame(pool)
    assert (rows[names[0]]["corrected_at"], rows[names[0]]["withdrawn_at"]) == (later, None)
    assert (rows[names[1]]["corrected_at"], rows[names[1]]["withdrawn_at"]) == (None, later)


async def test_no_officer_stands_in_the_frame(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(100)))
    rows = await frame(pool)
    assert any(row["drawn"] for row in rows.values())
    for row in rows.values():
        assert (row["decider"] is not None) == row["drawn"]
