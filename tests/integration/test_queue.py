"""Reviews that chance didn't ask for: each trigger once, in any order, and never in an estimate."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from services.controlling.handlers import CaseEvents
from services.controlling.periods.opening import Periods
from services.controlling.policy.policy import Policy, TwinFeature, Twins
from services.controlling.proof.export import export, verify_file
from services.controlling.triggers.overdue import overdue_cases
from services.controlling.triggers.store import waiting
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from shared.configuration.places import ROOT
from shared.events.catalogue.case import (
    AppealDecided,
    AppealLodged,
    ApplicationReceived,
    CaseClosed,
    CourtDecided,
)
from shared.events.catalogue.office import LawChanged
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.events.vocabulary import AppealOutcome, Direction, DrawReason, IntakeChannel
from shared.held_items.holding import ItemsHeld
from shared.kafka.consumer import Handler
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from tests.integration.controlling_helpers import (
    FRAME,
    JUNE,
    MAY,
    SEED_KEY,
    ZONE,
    about,
    apply,
    case_events,
    closer,
    decided,
    decider,
    decision_id,
    holding_of,
    let_go,
    office_events,
    policy,
)

pytestmark = pytest.mark.stack

NOTHING = policy("0")
EVERYTHING = policy("1")
TWINS = Twins(
    features=(
        TwinFeature(field="features.secured"),
        TwinFeature(field="features.years", scale=Decimal(5)),
    ),
    within_days=60,
    maximum_distance=Decimal("0.1"),
)


async def reviews(pool: Pool) -> dict[str, asyncpg.Record]:
    rows = await pool.fetch("SELECT * FROM draw JOIN decision USING (decision_id)")
    return {row["decision_id"]: row for row in rows}


def announced(events: list[Event]) -> list[tuple[str, DrawReason]]:
    return [
        (event.data.decision_id, reason)
        for event in events
        if isinstance(event.data, DecisionDrawn)
        for reason in event.data.reasons
    ]


async def test_an_appeal_brings_an_undrawn_decision_into_the_queue_not_into_the_sample(
    pool: Pool,
) -> None:
    await apply(pool, case_events(NOTHING), decided(1))
    published = await apply(
        pool, case_events(NOTHING), about(1, AppealLodged(decision_id=decision_id(1)))
    )
    assert announced(published) == [(decision_id(1), DrawReason.APPEAL)]
    [row] = (await reviews(pool)).values()
    assert (row["reasons"], row["drawn"], row["priority"]) == (["appeal"], False, 5)
    assert row["decider"] is None  # it was not kept, and must not be known from now on
    closed = await closer(pool).close("2026-05", JUNE)
    assert [count.drawn for count in closed.strata] == [0]


async def test_each_trigger_counts_once_whatever_is_repeated(pool: Pool) -> None:
    handler = case_events(NOTHING)
    await apply(pool, handler, decided(1))
    appeal = about(1, AppealLodged(decision_id=decision_id(1)))
    lost = about(1, AppealDecided(decision_id=decision_id(1), outcome=AppealOutcome.REVERSED))
    court = about(1, CourtDecided(decision_id=decision_id(1), outcome=AppealOutcome.REVERSED))
    once = await apply(pool, handler, appeal, appeal, lost, court)
    again = await apply(pool, case_events(NOTHING), court, lost, appeal)
    assert sorted(reason for _, reason in announced(once)) == ["appeal", "appeal_lost", "court"]
    assert announced(again) == []
    [row] = (await reviews(pool)).values()
    assert row["reasons"] == ["appeal", "appeal_lost", "court"]


async def test_a_decision_drawn_at_random_too_stays_in_the_sample(pool: Pool) -> None:
    await apply(
        pool,
        case_events(EVERYTHING),
        decided(1),
        about(1, AppealLodged(decision_id=decision_id(1))),
    )
    [row] = (await reviews(pool)).values()
    assert row["reasons"] == ["random", "appeal"]
    assert (row["drawn"], row["decider"]) == (True, decider(1))


async def test_a_queued_decision_can_still_be_topped_up(pool: Pool, tmp_path: Path) -> None:
    handler = case_events(policy("0", minimum=1))
    await apply(pool, handler, *(decided(number) for number in range(12)))
    appeals = [about(n, AppealLodged(decision_id=decision_id(n))) for n in range(12)]
    await apply(pool, handler, *appeals)
    await closer(pool).close("2026-05", JUNE)
    rows = await reviews(pool)
    topped_up = [row for row in rows.values() if row["drawn"]]
    assert len(rows) == 12
    assert topped_up
    assert all(row["reasons"] == ["appeal", "top_up"] for row in topped_up)
    assert all(row["decider"] for row in topped_up)
    await export(pool, None, tmp_path / "draw.jsonl", bytes(32), ZONE)
    report = verify_file(tmp_path / "draw.jsonl")
    assert (report.differences, report.drawn) == ((), len(topped_up))


async def test_a_failed_check_is_seen_at_registration_and_knows_the_decider(pool: Pool) -> None:
    published = await apply(pool, case_events(NOTHING), decided(1, remedy_instruction=None))
    assert announced(published) == [(decision_id(1), DrawReason.CHECK_FAILED)]
    assert (await reviews(pool))[decision_id(1)]["decider"] == decider(1)


@pytest.mark.parametrize(("days", "expected"), [(89, []), (93, [DrawReason.INACTION])])
@pytest.mark.parametrize("batches", [1, 2])
async def test_three_months_without_a_decision_are_noticed_with_it(
    pool: Pool, days: int, expected: list[DrawReason], batches: int
) -> None:
    handler = case_events(NOTHING)
    received = ApplicationReceived(channel=IntakeChannel.POST, service_key="1", unit="unit-1")
    events = [about(1, received, MAY - timedelta(days=days)), decided(1)]
    published = []
    for batch in [events] if batches == 1 else [[event] for event in events]:
        published += await apply(pool, handler, *batch)
    assert [reason for _, reason in announced(published)] == expected
    assert await pool.fetchval("SELECT count(*) FROM waiting_case") == 0


@pytest.mark.parametrize("batches", [1, 2])
async def test_what_happens_before_its_decision_brings_the_review_with_it(
    pool: Pool, batches: int
) -> None:
    handler = case_events(NOTHING)
    soon = MAY - timedelta(seconds=6)
    lost = AppealDecided(decision_id=decision_id(1), outcome=AppealOutcome.REVERSED)
    events = [
        about(1, AppealLodged(decision_id=decision_id(1)), soon),
        about(1, lost, soon),
        about(2, AppealLodged(decision_id=decision_id(2)), soon),
        decided(1),
    ]
    published = []
    for batch in [events] if batches == 1 else [[event] for event in events]:
        published += await apply(pool, handler, *batch)
    assert sorted(announced(published)) == [
        (decision_id(1), DrawReason.APPEAL),
        (decision_id(1), DrawReason.APPEAL_LOST),
    ]
    assert (await reviews(pool))[decision_id(1)]["decider"] == decider(1)
    waiting = await pool.fetch("SELECT decision_id FROM early_cause")
    assert [row["decision_id"] for row in waiting] == [decision_id(2)]


def received(days: int, service: str = "1") -> Event:
    facts = ApplicationReceived(channel=IntakeChannel.POST, service_key=service, unit="unit-1")
    return about(1, facts, MAY - timedelta(days=days))


def made(number: int, days: int, **facts: object) -> Event:
    """A decision in the first case."""
    return decided(number, MAY - timedelta(days=days), **facts)._replace(subject=CASE)


CASE = about(1, CaseClosed()).subject
WON = CourtDecided(outcome=AppealOutcome.REVERSED)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("batches", [1, 2])
async def test_of_two_applications_in_a_case_each_waits_for_its_own_decision(
    pool: Pool, order: int, batches: int
) -> None:
    family = {"type_code": "AufenthG-30"}
    events = [received(200, "work"), received(120, "family"), made(2, 100, **family), made(1, 0)]
    handler = CaseEvents(FRAME, Periods(SEED_KEY, NOTHING), {"work": "work", "family": "family"})
    published = []
    ordered = events[::order]
    for batch in [ordered] if batches == 1 else [[event] for event in ordered]:
        published += await apply(pool, handler, *batch)
    assert announced(published) == [(decision_id(1), DrawReason.INACTION)]
    assert await pool.fetchval("SELECT count(*) FROM waiting_case") == 0


@pytest.mark.parametrize("order", [1, -1])
async def test_a_suit_for_inaction_that_was_won_brings_the_decision_it_ordered_into_review(
    pool: Pool, order: int
) -> None:
    published = []
    for event in [about(1, WON, MAY - timedelta(days=9)), made(1, 0)][::order]:
        published += await apply(pool, case_events(NOTHING), event)
    assert announced(published) == [(decision_id(1), DrawReason.COURT)]
    assert await pool.fetchval("SELECT count(*) FROM waiting_case") == 0


async def test_who_waits_too_long_is_listed_until_the_decision_or_the_end_of_the_case(
    pool: Pool,
) -> None:
    handler = case_events(NOTHING)
    other = ApplicationReceived(channel=IntakeChannel.POST, service_key="2", unit="unit-1")
    await apply(pool, handler, received(100), about(2, other, MAY - timedelta(days=80)))
    await apply(pool, handler, about(3, WON, MAY - timedelta(days=1)))
    async with pool.acquire() as connection:
        found = overdue_cases(await waiting(connection, MAY), MAY, ZONE)
    assert [(one.case_ref, one.service, one.ruled) for one in found] == [
        (CASE, "1", False),
        (about(3, WON).subject, "", True),
    ]
    await apply(pool, handler, about(1, CaseClosed()), about(3, CaseClosed()))
    async with pool.acquire() as connection:
        assert overdue_cases(await waiting(connection, MAY), MAY, ZONE) == []


def law_changed(on: date = date(2026, 5, 1)) -> Event:
    facts = LawChanged(legal_basis="§ 18b AufenthG", valid_from=on, type_codes=("AufenthG-18b",))
    return new_event("urn:gleichfall:test", "law", facts, time=MAY)


@pytest.mark.parametrize("law_first", [True, False])
async def test_decisions_under_new_law_are_found_in_either_order(
    pool: Pool,
    law_first: bool,
) -> None:
    decisions = [decided(1), decided(2, MAY - timedelta(days=4)), decided(3, JUNE)]
    steps: list[tuple[Handler, list[Event]]] = [
        (case_events(NOTHING), decisions),
        (office_events(NOTHING), [law_changed()]),
    ]
    published = []
    for handler, events in reversed(steps) if law_first else steps:
        published += await apply(pool, handler, *events)
    assert announced(published) == [(decision_id(1), DrawReason.LAW_CHANGED)]


async def test_a_registration_under_way_does_not_miss_a_change_of_law(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await case_events(NOTHING)([decided(1)], Transaction(connection))
        change = asyncio.create_task(apply(pool, office_events(NOTHING), law_changed()))
        await asyncio.sleep(0.2)
        assert not change.done()
    assert announced(await change) == [(decision_id(1), DrawReason.LAW_CHANGED)]


def half(
    number: int, direction: Direction, years: int = 3, days: float = 0, **more: object
) -> Event:
    return decided(
        number,
        MAY + timedelta(days=days),
        direction=direction,
        features={"secured": True, "years": years},
        **more,
    )


def with_twins() -> Policy:
    return policy("0", twins=TWINS)


async def pairs(pool: Pool) -> set[tuple[str, str]]:
    rows = await pool.fetch("SELECT decision_id, twin FROM twin_case WHERE twin IS NOT NULL")
    return {(row["decision_id"], row["twin"]) for row in rows}


MIGRATIONS = ROOT / "services" / "controlling" / "migrations"
TOWN = [
    half(1, Direction.ADVERSE),
    half(2, Direction.FAVOURABLE, days=3),
    half(3, Direction.FAVOURABLE, years=9),
    half(4, Direction.ADVERSE, years=9, type_code="AufenthG-18a"),
    half(5, Direction.ADVERSE, years=15),
    half(6, Direction.FAVOURABLE, years=15, days=27),
    half(7, Direction.ADVERSE, years=20),
    half(8, Direction.FAVOURABLE, years=20, days=-62),
]
FOUND = {(decision_id(1), decision_id(2)), (decision_id(5), decision_id(6))}


async def compare(pool: Pool) -> None:
    """Look for twins as a newly started process does, until nothing waits."""
    finder = TwinFinder(pool, holding_of(pool, Loop.TWIN_FINDER))
    while await finder.look():
        pass


async def draw(pool: Pool) -> None:
    """Draw from what was found."""
    await TwinRounds(pool, SEED_KEY, ZONE).draw_now(datetime.now(UTC))


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("size", [1, 3, 8])
async def test_twins_are_found_whatever_the_order_and_the_batches(
    pool: Pool, order: int, size: int
) -> None:
    handler = case_events(with_twins())
    town = TOWN[::order]
    for start in range(0, len(town), size):
        await apply(pool, handler, *town[start : start + size])
        await compare(pool)
    assert await pairs(pool) == FOUND
    assert not await reviews(pool)
    await draw(pool)
    rows = await reviews(pool)
    assert rows.keys() == {one for pair in FOUND for one in pair}
    assert all(row["reasons"] == ["twin"] and not row["drawn"] for row in rows.values())
    await compare(pool)
    await draw(pool)
    assert await pairs(pool) == FOUND
    values = await pool.fetch("SELECT value FROM outbox WHERE value LIKE '%twin%'::bytea")
    assert len(values) == len(rows)


async def test_rival_finders_find_each_pair_once(pool: Pool) -> None:
    handler = case_events(with_twins())
    await asyncio.gather(*(apply(pool, handler, one) for one in TOWN))
    await asyncio.gather(*(compare(pool) for _ in range(4)))
    assert await pairs(pool) == FOUND


async def test_what_the_release_before_left_uncompared_is_compared_once(pool: Pool) -> None:
    handler = case_events(with_twins())
    await apply(pool, handler, *TOWN[:4])
    await pool.execute("DELETE FROM uncompared")  # that release registered them without a row here
    await apply(pool, handler, *TOWN[4:])
    await pool.execute((MIGRATIONS / "0010_post_uncompared.sql").read_text())
    await compare(pool)
    assert await pairs(pool) == FOUND
    assert await pool.fetchval("SELECT count(*) FROM uncompared") == 0


async def test_a_decision_that_breaks_the_search_is_held_and_the_others_are_compared(
    pool: Pool,
) -> None:
    await apply(pool, case_events(with_twins()), *TOWN)
    moved = "UPDATE decision SET decided_at = $2 WHERE decision_id = $1"
    await pool.execute(moved, decision_id(7), datetime(1, 1, 1, tzinfo=UTC))

    await compare(pool)
    await compare(pool)  # as a process that was started again

    assert await pairs(pool) == FOUND
    holding = holding_of(pool, Loop.TWIN_FINDER)
    assert await holding.look() == {decision_id(7)}
    with pytest.raises(ItemsHeld, match="1 item of the twin finder"):
        await holding.check()
    [held] = await pool.fetch("SELECT reason, attempts FROM held_item")
    assert held["reason"].startswith("OverflowError at services/controlling/")
    assert held["attempts"] == 1

    await pool.execute(moved, decision_id(7), TOWN[6].time)
    await let_go(pool)
    await compare(pool)

    assert await pool.fetchval("SELECT state FROM held_item") == "done"
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE NOT compared") == 0
    assert await pool.fetchval("SELECT count(*) FROM twin_case") == len(TOWN)


async def test_a_policy_that_cannot_be_read_holds_its_period_once_and_no_other_one(
    pool: Pool,
) -> None:
    in_june = [half(number, Direction.ADVERSE, years=30, days=31) for number in range(11, 14)]
    await apply(pool, case_events(with_twins()), *TOWN, *in_june)
    kept = await pool.fetchval("SELECT policy FROM period WHERE key = '2026-05'")
    await pool.execute("UPDATE period SET policy = '{}' WHERE key = '2026-05'")

    await compare(pool)
    await compare(pool)  # as a process that was started again

    holding = holding_of(pool, Loop.TWIN_FINDER)
    assert await holding.look() == {"period:2026-05"}
    assert await pool.fetchval("SELECT attempts FROM held_item") == 1
    waiting = await pool.fetch("SELECT DISTINCT period FROM decision WHERE NOT compared")
    assert [row["period"] for row in waiting] == ["2026-05"]
    assert await pool.fetchval("SELECT count(*) FROM uncompared") == 0

    await pool.execute("UPDATE period SET policy = $1 WHERE key = '2026-05'", kept)
    await let_go(pool)
    await compare(pool)

    assert await pool.fetchval("SELECT state FROM held_item") == "done"
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE NOT compared") == 0
    assert await pairs(pool) == FOUND


async def test_without_a_rule_for_twins_none_is_looked_for(pool: Pool) -> None:
    await apply(pool, case_events(NOTHING), *TOWN)
    await compare(pool)
    assert await pool.fetchval("SELECT count(*) FROM twin_case") == 0
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE NOT compared") == 0
