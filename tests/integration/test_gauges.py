"""What gauges tell of controlling, and what they keep to themselves."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import Gauge

from deploy.local.infrastructure import Addresses
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from services.controlling.completeness.comparison import week_of
from services.controlling.gauges.loop import AuditChain, tell_frame, tell_periods
from services.controlling.periods.entering import enter_witness
from services.controlling.periods.opening import Periods
from services.controlling.periods.witness import Witness
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import new_event
from shared.events.vocabulary import WitnessRole
from shared.observe.family import Family
from shared.observe.gauges import (
    AUDIT_BREAKS,
    FRAME_FAULTS,
    PERIOD_DECISIONS,
    PERIOD_DRAWN,
    PERIOD_EXPECTED,
    PROMISED_UNTIL,
    SECOND_DECISIONS_UNSETTLED,
    UNSTAMPED_PROMISES,
    UNWITNESSED_PROMISES,
    WhichPeriod,
)
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from tests.integration.controlling_helpers import (
    ZONE,
    apply,
    case_events,
    decided,
    decision_id,
    office_events,
    policy,
)
from tests.integration.review_helpers import Desk

pytestmark = pytest.mark.stack

CALENDAR = Calendar("DE-BW", ZONE)
EVERYTHING = policy("1")
NOW = datetime.now(UTC)


def value(gauge: Gauge) -> float:
    found: float = gauge._value.get()
    return found


def told(family: Family[Gauge, WhichPeriod]) -> dict[str, float]:
    [found] = family.metric.collect()
    return {one.labels["period"]: one.value for one in found.samples}


async def test_of_fewer_than_seven_decisions_the_draw_tells_nothing(pool: Pool) -> None:
    handler = case_events(EVERYTHING)
    await apply(pool, handler, *(decided(number, NOW) for number in range(6)))
    await tell_periods(pool, CALENDAR, stamps_wanted=False)
    for family in (PERIOD_DECISIONS, PERIOD_DRAWN, PERIOD_EXPECTED):
        assert told(family) == {}

    await apply(pool, handler, decided(6, NOW))
    await tell_periods(pool, CALENDAR, stamps_wanted=False)
    for family in (PERIOD_DECISIONS, PERIOD_DRAWN, PERIOD_EXPECTED):
        assert told(family) == {"running": 7}


async def test_until_when_draws_are_promised_and_which_promise_lacks_its_stamp(
    pool: Pool, stack: Addresses
) -> None:
    await apply(pool, case_events(EVERYTHING), decided(1, NOW))
    await tell_periods(pool, CALENDAR, stamps_wanted=True)
    assert value(UNSTAMPED_PROMISES) == 0, "it has begun: no stamp would help any more"

    coming = CALENDAR.day_of(NOW) + timedelta(days=2)
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute(
        "UPDATE controlling.period SET first_day = $1, last_day = $1, opened_at = now()", coming
    )
    await owner.close()

    await tell_periods(pool, CALENDAR, stamps_wanted=True)
    assert value(UNSTAMPED_PROMISES) == 1
    end = datetime.combine(coming + timedelta(days=1), datetime.min.time(), ZONE)
    assert value(PROMISED_UNTIL) == end.timestamp()
    await tell_periods(pool, CALENDAR, stamps_wanted=False)
    assert value(UNSTAMPED_PROMISES) == 0


async def test_a_period_that_begins_soon_lacks_its_witness_until_there_is_one(
    pool: Pool, stack: Addresses
) -> None:
    today = CALENDAR.day_of(NOW)
    async with pool.acquire() as connection, connection.transaction():
        await Periods(bytes(32), EVERYTHING).draws({today}, Transaction(connection))
    [key] = [row["key"] for row in await pool.fetch("SELECT key FROM period")]
    owner = await asyncpg.connect(stack.database_url)

    async def lacking(days: int) -> float:
        """How many are told if the period begins so many days from now."""
        move = "UPDATE controlling.period SET first_day = $1, last_day = $1"
        await owner.execute(move, today + timedelta(days=days))
        await tell_periods(pool, CALENDAR, stamps_wanted=False)
        return value(UNWITNESSED_PROMISES)

    assert await lacking(0) == 0, "it has begun: no throw would help any more"
    assert await lacking(9) == 0, "there is time yet"
    assert await lacking(6) == 1
    roles = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)
    thrown = Witness("35126416235152364423", roles, datetime.now(UTC))
    await enter_witness(pool, key, thrown, unstamped=True)
    assert await lacking(6) == 0
    await owner.close()


async def test_the_frame_and_second_decisions_are_told_apart(pool: Pool) -> None:
    then = NOW - timedelta(days=14)
    second = decided(2, then)
    assert isinstance(second.data, DecisionMade)
    data = second.data.model_copy(update={"decision_id": decision_id(1)})
    await apply(pool, case_events(EVERYTHING), decided(1, then), second._replace(data=data))
    week = week_of(CALENDAR.day_of(then))
    counted = DecisionsCounted(unit=data.unit, week=week, decisions=5)
    await apply(
        pool,
        office_events(EVERYTHING),
        new_event("urn:gleichfall:kanzlei", data.unit, counted, time=NOW)._replace(sequence=1),
    )

    await tell_frame(pool, CALENDAR)

    assert value(SECOND_DECISIONS_UNSETTLED) == 1
    assert value(FRAME_FAULTS) == 1


async def test_an_audit_log_that_somebody_changed_or_cut_is_told(desk: Desk) -> None:
    chain = AuditChain(desk.workbench)
    for number in range(3):
        async with changing(desk.workbench) as change:
            change.note(Entry(None, "operator", Act.EXPORTED, f"reviews:{number}"))
    await chain.look()
    assert value(AUDIT_BREAKS) == 0

    await desk.owner.execute("UPDATE controlling.audit SET object = 'x' WHERE number = 2")
    await chain.look()
    assert value(AUDIT_BREAKS) == 1
    await desk.owner.execute("UPDATE controlling.audit SET object = 'reviews:1' WHERE number = 2")
    await chain.look()
    assert value(AUDIT_BREAKS) == 0
    await desk.owner.execute("DELETE FROM controlling.audit WHERE number = 3")
    await chain.look()
    assert value(AUDIT_BREAKS) == 1, "what is taken from the end is missed, too"
