"""Alarms about counters and clocks are raised once each, as events."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.service_figures import store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.loop import FigureCounter
from services.controlling.service_figures.raising import AlarmRaiser
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import (
    ApplicationReceived,
    DocumentsReceived,
    DocumentsRequested,
)
from shared.events.catalogue.office import EmergencyWindowOpened, EmergencyWindowSlotBooked
from shared.events.catalogue.service import ClockAlarmRaised, EmergencyWindowAlarmRaised
from shared.events.catalogue.submission import SubmissionAccepted, SubmissionArrived
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import ClockKind, CounterAlarm, IntakeChannel
from shared.observe.gauges import COUNTERS_OVERBOOKED
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.postgres.retention import Janitor, declared_retention
from tests.figures import read_by
from tests.integration.controlling_helpers import (
    Operator,
    about,
    apply,
    case_events,
    decided,
    holding_of,
    office_events,
    policy,
)
from tests.runbooks import Follow

pytestmark = pytest.mark.stack

NOTHING = policy()
CLOCKS = Clocks.of(load_organisation(ORGANISATION))
CAME = datetime(2026, 5, 4, 8, tzinfo=UTC)
SUNDAY = datetime(2026, 5, 10, 9, tzinfo=UTC)
MONDAY = datetime(2026, 5, 11, 9, tzinfo=UTC)
OFFICE = "kaiserallee"
numbers = count(1)


def received(service: str, at: datetime = CAME) -> Event:
    facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key=service, unit="unit-1")
    return case_event(facts, at)


def case_event(facts: Facts, at: datetime) -> Event:
    return about(1, facts, at)._replace(sequence=next(numbers))


def at_the_office(facts: Facts, at: datetime) -> Event:
    return new_event("urn:test", OFFICE, facts, time=at)._replace(sequence=next(numbers))


async def raised(pool: Pool, now: datetime) -> list[Facts]:
    """Count and look, and give what is told of it."""
    await FigureCounter(pool, CLOCKS, holding_of(pool, Loop.SERVICE_FIGURES)).look()
    return await raised_uncounted(pool, now)


async def raised_uncounted(pool: Pool, now: datetime) -> list[Facts]:
    """Look, before anybody counts what is new."""
    await pool.execute("DELETE FROM outbox")
    await AlarmRaiser(pool, CLOCKS, holding_of(pool, Loop.SERVICE_ALARMS)).look(now)
    rows = await pool.fetch("SELECT value FROM outbox ORDER BY id")
    kinds: dict[bytes, type[Facts]] = {
        b"case_ref": ClockAlarmRaised,
        b"office": EmergencyWindowAlarmRaised,
    }
    return [
        kind.model_validate_json(row["value"])
        for row in rows
        for field, kind in kinds.items()
        if field in row["value"]
    ]


async def test_a_clock_sounds_once_at_each_stage(pool: Pool) -> None:
    await apply(pool, case_events(NOTHING), received("residence-work"))
    end = datetime(2026, 8, 2, 9, tzinfo=UTC)  # two days before the last one, a Sunday
    assert await raised(pool, SUNDAY) == []
    told = [await raised(pool, end - timedelta(days=before)) for before in (28, 27, 12, 12)]
    days = [[one.days_left for one in some if isinstance(one, ClockAlarmRaised)] for some in told]
    assert days == [[30], [], [14], []]
    [last] = [
        one for one in await raised(pool, end + timedelta(days=3))
        if isinstance(one, ClockAlarmRaised)
    ]  # fmt: skip
    assert (last.clock, last.last_day, last.days_left) == (ClockKind.INACTION, date(2026, 8, 4), -1)
    assert last.unit == "unit-2"


async def test_what_is_decided_is_silent(pool: Pool) -> None:
    await apply(pool, case_events(NOTHING), received("residence-work"), decided(1, MONDAY))
    assert await raised(pool, SUNDAY + timedelta(weeks=30)) == []


async def test_a_clock_that_was_stopped_sounds_for_its_new_end(pool: Pool) -> None:
    asked = case_event(DocumentsRequested(items=("passport",)), CAME + timedelta(days=1))
    await apply(pool, case_events(NOTHING), received("free-movement"), asked)
    near = SUNDAY + timedelta(weeks=27)
    assert ClockKind.RESIDENCE_CARD not in await _clocks(pool, near)
    came = case_event(DocumentsReceived(complete=True), SUNDAY + timedelta(weeks=2))
    await apply(pool, case_events(NOTHING), came)
    assert ClockKind.RESIDENCE_CARD in await _clocks(pool, near)


async def test_what_is_handed_in_online_sounds_until_it_is_fetched(pool: Pool) -> None:
    name = "submission-" + "a" * 26
    lies = case_event(SubmissionArrived(submission_id=name, service_key="residence-work"), CAME)
    fetched = case_event(SubmissionAccepted(submission_id=name), CAME + timedelta(days=8))
    await apply(pool, case_events(NOTHING), lies)
    told = [await _clocks(pool, CAME + timedelta(days=after)) for after in (1, 2, 3, 3, 7)]
    reminder, rejection = ClockKind.SUBMISSION_REMINDER, ClockKind.SUBMISSION_REJECTION
    assert told == [[], [reminder], [reminder], [], [rejection]]
    await apply(pool, case_events(NOTHING), fetched)
    assert await _clocks(pool, CAME + timedelta(days=14)) == []


async def test_that_it_was_fetched_may_be_told_first(pool: Pool) -> None:
    name = "submission-" + "b" * 26
    fetched = case_event(SubmissionAccepted(submission_id=name), CAME + timedelta(days=1))
    await apply(pool, case_events(NOTHING), fetched)
    await apply(pool, case_events(NOTHING), case_event(SubmissionArrived(submission_id=name), CAME))
    assert await _clocks(pool, CAME + timedelta(days=14)) == []


async def test_time_limits_that_are_over_for_seven_are_told_and_listed_until_all_is_decided(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path, follow: Follow
) -> None:
    now = datetime.now(UTC)
    before = now - timedelta(days=100)
    facts = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-1"
    )
    waiting = [about(number, facts, before)._replace(sequence=1) for number in range(7)]
    operator = Operator(stack, secrets, tmp_path, group="frame")
    figures = read_by(controlling=[partial(raised, pool, now)])
    runbook = await follow("TimeLimitsOver", operator.console, figures)
    await apply(pool, case_events(NOTHING), *waiting)
    await runbook.look(f"(?s){'.*'.join(sorted(one.subject for one in waiting))}")
    decisions = [decided(number, now)._replace(sequence=2) for number in range(7)]
    await apply(pool, case_events(NOTHING), *decisions)
    await runbook.prove()
    assert "no case waits longer" in await operator.does("overdue")


async def _clocks(pool: Pool, now: datetime) -> list[ClockKind]:
    return [one.clock for one in await raised(pool, now) if isinstance(one, ClockAlarmRaised)]


async def test_what_lies_online_is_found_without_all_that_ever_came(
    pool: Pool, stack: Addresses
) -> None:
    await pool.execute(
        """INSERT INTO service_fact (subject, sequence, type, at, part, day, item, data, ended)
        SELECT 'case' || number, kind, 'gleichfall.submission.' || one || '.v1', now(),
            'submissions', current_date, 'submission-' || number, '{}', true
        FROM generate_series(1, 20000) AS number,
            (VALUES (1, 'arrived'), (2, 'accepted')) AS every (kind, one)"""
    )
    name = "submission-" + "c" * 26
    await apply(pool, case_events(NOTHING), case_event(SubmissionArrived(submission_id=name), CAME))
    await _analysed(stack)
    explain = f"EXPLAIN ANALYZE {store.QUERIES['open_submissions']}"
    async with pool.acquire() as connection:
        assert len(await store.open_submissions(connection)) == 1
        lines = await connection.fetch(explain, SubmissionArrived.event_type)
    plan = "\n".join(line[0] for line in lines)
    assert "service_fact_open_submission" in plan
    assert "Seq Scan" not in plan
    fetched = case_event(SubmissionAccepted(submission_id=name), CAME + timedelta(days=1))
    await apply(pool, case_events(NOTHING), fetched)
    lying = "SELECT count(*) FROM service_fact WHERE part = 'submissions' AND NOT ended"
    assert await pool.fetchval(lying) == 0


async def _analysed(stack: Addresses) -> None:
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("ANALYZE controlling.service_fact")
    await owner.close()


async def test_a_counter_that_is_missing_or_overbooked_is_told_once(pool: Pool) -> None:
    monday = EmergencyWindowAlarmRaised(
        office=OFFICE, day=MONDAY.date(), alarm=CounterAlarm.MISSING
    )
    assert await raised(pool, SUNDAY) == []
    assert await raised(pool, MONDAY) == [monday]
    assert await raised(pool, MONDAY) == []
    tuesday = MONDAY + timedelta(days=1)
    opens = tuesday.replace(hour=6, minute=30)
    await apply(
        pool, office_events(NOTHING),
        at_the_office(EmergencyWindowOpened(office=OFFICE, day=opens.date(), slots=1), opens),
        *(
            at_the_office(EmergencyWindowSlotBooked(office=OFFICE, starts=opens), opens)
            for _ in range(2)
        ),
    )  # fmt: skip
    overbooked = EmergencyWindowAlarmRaised(
        office=OFFICE, day=opens.date(), alarm=CounterAlarm.OVERBOOKED
    )
    assert await raised(pool, tuesday) == [overbooked]
    assert await raised(pool, tuesday) == []


async def test_that_a_counter_is_overbooked_stays_told_until_it_has_enough_slots_or_the_day_ends(
    pool: Pool,
) -> None:
    opened = partial(EmergencyWindowOpened, office=OFFICE, day=MONDAY.date())
    booked = at_the_office(EmergencyWindowSlotBooked(office=OFFICE, starts=MONDAY), MONDAY)
    again = booked._replace(id="another", sequence=next(numbers))
    await apply(pool, office_events(NOTHING), at_the_office(opened(slots=1), MONDAY), booked, again)
    hours = [MONDAY, MONDAY + timedelta(hours=5), MONDAY + timedelta(days=1)]
    assert [await overbooked_counters(pool, now) for now in hours] == [1, 1, 0]
    enough = at_the_office(opened(slots=2), MONDAY + timedelta(hours=1))
    await apply(pool, office_events(NOTHING), enough)
    assert await overbooked_counters(pool, MONDAY + timedelta(hours=2)) == 0


async def overbooked_counters(pool: Pool, now: datetime) -> float:
    await raised(pool, now)
    told: float = COUNTERS_OVERBOOKED._value.get()
    return told


async def test_a_counter_is_not_missing_while_what_is_known_of_it_waits_to_be_counted(
    pool: Pool,
) -> None:
    opened = EmergencyWindowOpened(office=OFFICE, day=MONDAY.date(), slots=8)
    at = MONDAY.replace(hour=6, minute=30)
    await apply(pool, office_events(NOTHING), at_the_office(opened, at))
    await apply(
        pool, case_events(NOTHING), received("residence-work", MONDAY - timedelta(weeks=12))
    )
    assert [type(one) for one in await raised_uncounted(pool, MONDAY)] == [ClockAlarmRaised]
    assert await raised(pool, MONDAY) == []
    tuesday = MONDAY + timedelta(days=1)
    assert [type(one) for one in await raised(pool, tuesday)] == [EmergencyWindowAlarmRaised]


async def test_alarms_are_forgotten_when_they_are_old(pool: Pool) -> None:
    await raised(pool, MONDAY)
    await pool.execute("UPDATE service_alarm SET raised_at = raised_at - interval '2000 days'")
    rules = declared_retention().of("controlling")
    janitor = Janitor(
        pool, {"service_alarm": rules["service_alarm"]}, {"service_alarm": store.EMPTY_ALARMS}
    )
    assert await janitor.enforce("service_alarm") == 1
