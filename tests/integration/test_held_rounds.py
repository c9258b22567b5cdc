"""One period or case that can't be worked on holds up no loop that looks at all of them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.periods.opening import Opener, Periods
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.raising import AlarmRaiser
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event
from shared.events.vocabulary import IntakeChannel
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from tests.integration.controlling_helpers import (
    MAY,
    SEED_KEY,
    ZONE,
    about,
    apply,
    case_events,
    chain,
    decided,
    holding_of,
    let_go,
    policy,
)
from tests.integration.review_helpers import Desk
from tests.integration.test_held_reviews import NEVER, held

pytestmark = pytest.mark.stack

CLOCKS = Clocks.of(load_organisation(ORGANISATION))


async def test_a_period_that_cannot_be_opened_waits_alone(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.PERIOD_OPENER)
    opener = Opener(
        desk.controlling, Periods(SEED_KEY, policy("0.5")), timedelta(days=100), holding
    )
    opened = "SELECT array_agg(key ORDER BY key) FROM controlling.period"
    refuse = "ALTER TABLE controlling.period ADD CONSTRAINT ill CHECK (key <> '2026-07')"
    await desk.owner.execute(refuse)
    try:
        await opener.open_due(MAY)
        assert await desk.owner.fetchval(opened) == ["2026-06", "2026-08"]
        assert await held(holding) == {"2026-07"}
    finally:
        await desk.owner.execute("ALTER TABLE controlling.period DROP CONSTRAINT ill")

    await opener.open_due(MAY)
    assert await desk.owner.fetchval(opened) == ["2026-06", "2026-08"]
    await let_go(desk.controlling)
    await opener.open_due(MAY)
    assert await desk.owner.fetchval(opened) == ["2026-06", "2026-07", "2026-08"]
    assert await held(holding) == frozenset()


async def test_a_period_that_was_opened_and_cannot_be_read_stops_no_other(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.PERIOD_OPENER)
    for ahead in (35, 65):
        periods = Periods(SEED_KEY, policy("0.5"))
        await Opener(desk.controlling, periods, timedelta(days=ahead), holding).open_due(MAY)
        await desk.owner.execute("UPDATE controlling.period SET policy = '{}'")
    assert await desk.owner.fetchval("SELECT count(*) FROM controlling.period") == 2
    assert await held(holding) == frozenset()


async def test_a_head_that_cannot_be_told_waits_alone(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.REGISTER_HEADS)
    heads = HeadAnnouncer(desk.controlling, ZONE, holding)
    june = MAY + timedelta(days=31)
    await apply(desk.controlling, case_events(policy()), decided(1), decided(2, june))
    await chain(desk.controlling)
    hashes = "UPDATE controlling.register_block SET hashes = $1 WHERE period = '2026-05'"
    before = await desk.owner.fetchval(
        "SELECT hashes FROM controlling.register_block WHERE period = '2026-05'"
    )
    await desk.owner.execute(hashes, b"")
    published = "SELECT array_agg(period ORDER BY period) FROM controlling.register_head"

    await heads.announce_due(june)
    assert await desk.owner.fetchval(published) == ["2026-06"]
    assert await held(holding) == {"2026-05"}

    await desk.owner.execute(hashes, before)
    await let_go(desk.controlling)
    await heads.announce_due(june)
    assert await desk.owner.fetchval(published) == ["2026-05", "2026-06"]
    assert await held(holding) == frozenset()


def received(number: int) -> Event:
    facts = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-1"
    )
    return about(number, facts)._replace(sequence=1)


async def test_a_case_whose_clock_cannot_be_told_silences_no_other(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.SERVICE_ALARMS)
    alarms = AlarmRaiser(desk.controlling, CLOCKS, holding)
    cases = [received(number).subject for number in range(3)]
    await apply(desk.controlling, case_events(policy()), *map(received, range(3)))
    since = "UPDATE controlling.waiting_case SET since = $1 WHERE case_ref = $2"
    await desk.owner.execute(since, datetime.fromisoformat(NEVER + ":00"), cases[0])
    late = datetime(2026, 8, 3, 9, tzinfo=UTC)
    told = "SELECT array_agg(about ORDER BY about) FROM controlling.service_alarm WHERE stage = 14"

    assert await alarms.look(late) is False
    assert await desk.owner.fetchval(told) == sorted(cases[1:])
    assert await held(holding) == {cases[0]}

    await desk.owner.execute(since, MAY, cases[0])
    await let_go(desk.controlling)
    await alarms.look(late)
    assert await desk.owner.fetchval(told) == sorted(cases)
    assert await held(holding) == frozenset()
