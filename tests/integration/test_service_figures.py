"""Figures of the service are what its facts say, whenever these come, and can be counted anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.service_figures import store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.counts import Counts
from services.controlling.service_figures.customer_flow import Flow, Taken
from services.controlling.service_figures.emergency_counter import EmergencyCounter
from services.controlling.service_figures.errors import FiguresDiffer, NothingTold
from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.filled_posts import Staffing
from services.controlling.service_figures.loop import MOST_DAYS, FigureCounter
from services.controlling.service_figures.process import Cases, Step
from services.controlling.service_figures.raising import AlarmRaiser
from services.controlling.service_figures.telephone import Telephone
from services.controlling.service_figures.visits import Visits
from services.controlling.service_figures.ways import Courses
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionCorrected,
    DocumentsReceived,
    DocumentsRequested,
)
from shared.events.catalogue.office import (
    CallAnswered,
    CallReceived,
    CallTransferred,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
    StaffingChanged,
    VisitorRedirected,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import CallTopic, IntakeChannel, Misdirection
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.migrations import migrations_of
from shared.postgres.pool import Connection, Pool
from shared.postgres.retention import Janitor, declared_retention
from tests.figures import read_by
from tests.integration.controlling_helpers import (
    Operator,
    about,
    apply,
    case_events,
    decided,
    decision_id,
    empty,
    holding_of,
    let_go,
    office_events,
    policy,
    reads_of,
)
from tests.runbooks import Follow

pytestmark = pytest.mark.stack

NOTHING = policy()
DAY = date(2026, 5, 4)
OPENS = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
AHEAD = OPENS - timedelta(hours=10)
CLOCKS = Clocks.of(load_organisation(ORGANISATION))
CALENDAR = CLOCKS.calendar
OFFICE = "kaiserallee"


def happened(sequence: int, facts: Facts, at: datetime = OPENS) -> Event:
    return new_event("urn:test", OFFICE, facts, time=at)._replace(sequence=sequence)


def a_morning(first: int = 1) -> list[Event]:
    """Two calls, of which one was answered and passed on, and a counter booked once too often.

    Somebody came in vain, and it was said how many posts are filled.
    """
    facts = [
        CallReceived(line="direct"),
        CallAnswered(line="direct", waited_seconds=20, about=CallTopic.CASE_STATE),
        CallTransferred(line="direct"),
        CallReceived(line="direct"),
        VisitorRedirected(office=OFFICE, misdirection=Misdirection.WRONG_COUNTER),
        StaffingChanged(posts=41, vacant=3.95),
        EmergencyWindowOpened(office=OFFICE, day=DAY, slots=1),
        *(
            EmergencyWindowSlotBooked(office=OFFICE, starts=OPENS + timedelta(minutes=late))
            for late in (0, 15)
        ),
    ]
    return [happened(number, one) for number, one in enumerate(facts, first)]


def a_call_a_day(days: int) -> list[Event]:
    """The latest day first."""
    call = CallReceived(line="direct")
    return [
        happened(number + 1, call, OPENS + timedelta(days=days - 1 - number))
        for number in range(days)
    ]


OF_A_MORNING = {
    ("emergency-counter", OFFICE): EmergencyCounter(OPENS, None, 1, booked=2, same_day=2),
    ("staffing", ""): Staffing(41, 3.95),
    ("telephone", "direct"): Telephone(2, (20,), transferred=1, topics=1, about_state=1),
    ("visits", OFFICE): Visits(wrong_counter=1),
}


async def count(pool: Pool) -> None:
    counter = FigureCounter(pool, CLOCKS, holding_of(pool, Loop.SERVICE_FIGURES))
    while await counter.look():
        pass


async def kept(pool: Pool, day: date = DAY) -> dict[tuple[str, str], Counts]:
    async with pool.acquire() as connection:
        found = await store.figures(connection, day, day)
    return {(one.part.value, one.place): one.counts for one in found}


@pytest.fixture
def operator(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path, group="figures")


async def test_what_happened_is_counted_once_by_day_and_place(pool: Pool) -> None:
    await apply(pool, office_events(NOTHING), *a_morning())
    await apply(pool, office_events(NOTHING), *a_morning())  # the same, as after a restore
    await count(pool)
    assert await kept(pool) == OF_A_MORNING


async def test_what_comes_late_corrects_its_day(pool: Pool) -> None:
    first, second, third, *others = a_morning()
    await apply(pool, office_events(NOTHING), *others)
    await count(pool)
    assert (await kept(pool))["telephone", "direct"] == Telephone(1)
    await apply(pool, office_events(NOTHING), third, second, first)
    await count(pool)
    assert await kept(pool) == OF_A_MORNING


async def test_a_round_counts_the_oldest_days_whole(pool: Pool) -> None:
    await apply(pool, office_events(NOTHING), *a_call_a_day(10))
    more_on_the_first = [happened(11, CallReceived(line="direct"))]
    await apply(pool, office_events(NOTHING), *more_on_the_first)
    counter = FigureCounter(pool, CLOCKS, holding_of(pool, Loop.SERVICE_FIGURES))
    assert await counter.look()
    days = [DAY + timedelta(days=number) for number in range(10)]
    assert [bool(await kept(pool, day)) for day in days] == [True] * MOST_DAYS + [False] * 3
    assert await kept(pool) == {("telephone", "direct"): Telephone(2)}
    await count(pool)
    assert all([await kept(pool, day) for day in days])


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(a_morning()), cut=st.integers(0, 9))
async def test_in_any_order_and_in_any_batches_the_figures_are_the_same(
    pool: Pool, order: list[Event], cut: int
) -> None:
    await pool.execute("DELETE FROM service_fact")
    await pool.execute("DELETE FROM service_figure")
    for batch in (order[:cut], order[cut:]):
        await apply(pool, office_events(NOTHING), *batch)
        await count(pool)
    assert await kept(pool) == OF_A_MORNING


async def test_a_part_that_cant_be_counted_is_held_and_the_others_go_on(pool: Pool) -> None:
    await apply(pool, office_events(NOTHING), *a_morning())
    await pool.execute("UPDATE service_fact SET data = '{}' WHERE part = 'telephone'")
    await count(pool)
    assert ("telephone", "direct") not in await kept(pool)
    assert ("emergency-counter", OFFICE) in await kept(pool)
    held = await pool.fetch("SELECT loop, item FROM held_item WHERE state = 'held'")
    assert [tuple(row) for row in held] == [("service figures", "telephone")]
    await pool.execute(
        """UPDATE service_fact
        SET data = '{"line": "direct", "waited_seconds": 20, "about": "case-state"}'
        WHERE type LIKE '%call.answered%'"""
    )
    await pool.execute(
        """UPDATE service_fact SET data = '{"line": "direct"}'
        WHERE type LIKE '%call.received%' OR type LIKE '%call.transferred%'"""
    )
    await let_go(pool)
    await count(pool)
    assert await kept(pool) == OF_A_MORNING


async def test_counted_anew_they_are_the_same(pool: Pool, operator: Operator) -> None:
    await apply(pool, office_events(NOTHING), *a_morning())
    await count(pool)
    found = from_json(
        await operator.does(
            "recompute", "--compare", "--from", f"{DAY}", "--to", f"{DAY}", "--json"
        )
    )
    assert found == {"days": 4, "figures": 4, "differing": []}


async def test_what_differs_is_named_and_mended(pool: Pool, operator: Operator) -> None:
    await apply(pool, office_events(NOTHING), *a_morning())
    await count(pool)
    await pool.execute(
        "UPDATE service_figure SET counts = '{\"offered\": 9}' WHERE place = 'direct'"
    )
    await pool.execute(
        "INSERT INTO service_figure (part, day, place, counts) VALUES ($1, $2, 'nowhere', '{}')",
        Part.TELEPHONE, DAY,
    )  # fmt: skip
    days = ("--from", f"{DAY}", "--to", f"{DAY}")
    wrong = await operator.call("recompute", "--compare", *days, "--json")
    assert isinstance(wrong.exception, FiguresDiffer)
    assert {one["place"] for one in from_json(wrong.stdout)["differing"]} == {"direct", "nowhere"}
    assert "4 days of parts of the service counted anew" in await operator.does("recompute", *days)
    assert await kept(pool) == OF_A_MORNING


async def test_all_days_are_counted_anew_some_at_a_time(
    pool: Pool, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await apply(pool, office_events(NOTHING), *a_call_a_day(20))
    await count(pool)
    await pool.execute("UPDATE service_figure SET counts = '{}' WHERE day = $1", DAY)
    at_once: list[int] = []
    facts = store.facts

    async def watched(connection: Connection, part: Part, days: Sequence[date]) -> list[Fact]:
        at_once.append(len(days))
        return await facts(connection, part, days)

    monkeypatch.setattr(store, "facts", watched)
    wrong = await operator.call("recompute", "--compare", "--json")
    found = from_json(wrong.stdout)
    assert (found["days"], found["figures"], len(found["differing"])) == (20, 20, 1)
    assert "20 days of parts of the service counted anew" in await operator.does("recompute")
    assert max(at_once) <= MOST_DAYS
    assert sum(at_once) == 40
    assert await kept(pool) == {("telephone", "direct"): Telephone(1)}


async def test_a_day_whose_facts_are_forgotten_keeps_its_figures(
    pool: Pool, operator: Operator
) -> None:
    long_ago = OPENS - timedelta(days=2_000)
    calls = [happened(number, CallReceived(line="direct"), long_ago) for number in (1, 2)]
    await apply(pool, office_events(NOTHING), *calls)
    await count(pool)
    rules = declared_retention().of("controlling")
    janitor = Janitor(
        pool, {"service_fact": rules["service_fact"]}, {"service_fact": store.EMPTY_FACTS}
    )
    assert await janitor.enforce("service_fact") == 2
    await apply(
        pool, office_events(NOTHING), happened(3, CallReceived(line="direct"), long_ago),
        happened(4, CallReceived(line="another"), long_ago),
    )  # fmt: skip
    await count(pool)
    day = CALENDAR.day_of(long_ago)
    assert await kept(pool, day) == {("telephone", "direct"): Telephone(2)}
    assert "0 differ" in await operator.does(
        "recompute", "--compare", "--from", f"{day}", "--to", f"{day}"
    )


async def test_what_waits_is_shown_by_the_day_it_came_on(pool: Pool, operator: Operator) -> None:
    received = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2"
    )
    long_ago = datetime.now(UTC) - timedelta(days=200)
    await apply(
        pool, case_events(NOTHING),
        *(about(number, received, long_ago)._replace(sequence=1) for number in range(9)),
    )  # fmt: skip
    shown = from_json(await operator.does("show", "--json"))
    assert shown["backlog"]["whole"] == 9
    assert shown["backlog"]["units"] == {"unit-2": 9}
    assert shown["backlog"]["arrivals"][-1]["still_open"] == 9
    assert "until" in await operator.does("show")


async def test_an_appointment_is_counted_on_all_its_days(pool: Pool, operator: Operator) -> None:
    names = [f"appointment-{letter * 26}" for letter in "abcdefgh"]
    starts, later = OPENS + timedelta(days=7), OPENS + timedelta(days=8)
    booked = [
        about(
            number,
            AppointmentBooked(
                appointment_id=name, service_key="residence-work", office=OFFICE, starts=starts
            ),
            OPENS,
        )._replace(sequence=1)
        for number, name in enumerate(names)
    ]
    came = [
        about(number, AppointmentAttended(appointment_id=name, waited_seconds=60), starts)
        ._replace(sequence=2)
        for number, name in enumerate(names[:7])
    ]  # fmt: skip
    moved = AppointmentRescheduled(appointment_id=names[7], starts=later)
    await apply(pool, case_events(NOTHING), *came)  # before anybody told of the bookings
    await count(pool)
    await apply(pool, case_events(NOTHING), *booked)
    await count(pool)
    await apply(
        pool, case_events(NOTHING), about(7, moved, OPENS + timedelta(days=1))._replace(sequence=2),
    )  # fmt: skip
    await count(pool)
    day = CALENDAR.day_of(starts)
    work, moved_on = "residence-work", DAY + timedelta(days=1)
    assert await kept(pool, day) == {
        ("appointments", OFFICE): Flow(
            served=7,
            moved=1,
            waited=(60,) * 7,
            taken=(Taken(work, DAY, booked=8), Taken(work, moved_on, freed=1)),
        )
    }
    next_day = await kept(pool, CALENDAR.day_of(later))
    assert next_day == {
        ("appointments", OFFICE): Flow(open=1, taken=(Taken(work, moved_on, moved=1),))
    }
    days = ("--from", f"{day}", "--to", f"{day}")
    assert "0 differ" in await operator.does("recompute", "--compare", *days)
    shown = from_json(await operator.does("show", *days, "--json"))
    assert shown["appointments"]["all"]["served"] == 7


async def test_the_counter_and_the_telephone_of_some_days_are_shown(
    pool: Pool, operator: Operator
) -> None:
    await apply(pool, office_events(NOTHING), *a_morning())
    await count(pool)
    shown = from_json(
        await operator.does("show", "--from", "2026-05-04", "--to", "2026-05-05", "--json")
    )
    assert [(one["day"], one["standing"], one["overbooked"]) for one in shown["counters"]] == [
        ("2026-05-05", "missing", None),
        ("2026-05-04", "opened", 1),
    ]
    assert shown["telephone"]["all"]["offered"] == 2
    assert shown["telephone"]["lines"]["direct"]["in_time"] == 0.5
    assert shown["telephone"]["all"]["transferred"] == 1
    assert shown["visits"] == {OFFICE: {"wrong_counter": 1, "wrong_channel": 0}}
    assert shown["load"] == {"filled": 37.05, "received": None, "waiting": None}


async def test_days_of_which_nothing_was_told_are_refused_with_those_that_are_known(
    pool: Pool, operator: Operator
) -> None:
    ahead = ("--from", "2200-01-01")
    nothing = await operator.fails("show", *ahead)
    assert isinstance(nothing, NothingTold)
    assert "from 2200-01-01 to 2200-01-28 nothing was told; nothing was yet" in str(nothing)
    assert "0 differ" in await operator.does("recompute", "--compare")
    await apply(pool, office_events(NOTHING), *a_morning())
    await count(pool)
    for words in (
        ("show", *ahead),
        ("show", "--to", "1999-12-31", "--json"),
        ("recompute", *ahead),
        ("recompute", "--compare", "--to", "1999-12-31"),
    ):
        refusal = await operator.fails(*words)
        assert isinstance(refusal, NothingTold)
        assert "what was is of 2026-05-04 to 2026-05-04" in str(refusal)


async def test_an_upgrade_counts_what_a_counter_said_anew(pool: Pool) -> None:
    await tell(pool, happened(1, EmergencyWindowOpened(office=OFFICE, day=DAY, slots=8), AHEAD))
    by_the_rule = await kept(pool)
    assert by_the_rule == {("emergency-counter", OFFICE): EmergencyCounter(slots=8)}
    await pool.execute(
        """UPDATE service_figure SET counts = counts || '{"opened_at": "2026-05-03T20:30:00Z"}'"""
    )
    [anew] = [one for one in migrations_of("controlling") if "count_counters_anew" in one.name]
    await pool.execute(anew.sql)
    await count(pool)
    assert await kept(pool) == by_the_rule


async def test_a_counter_is_followed_from_missing_over_overbooked_to_as_it_should_be(
    pool: Pool, operator: Operator, follow: Follow
) -> None:
    """On the last working day, so that it counts at whatever hour this runs."""
    day = CALENDAR.on_or_before(CALENDAR.day_of(datetime.now(UTC)) - timedelta(days=1))
    opens = CALENDAR.moment(day, time(8))
    opened = partial(EmergencyWindowOpened, office=OFFICE, day=day)
    booked = EmergencyWindowSlotBooked(office=OFFICE, starts=opens)
    of_the_day = rf"{day}\W+{OFFICE}\W+"
    loop = AlarmRaiser(pool, CLOCKS, holding_of(pool, Loop.SERVICE_ALARMS))
    now = [CALENDAR.moment(day, time(7))]  # when none of it has begun
    figures = read_by(controlling=[*reads_of(pool), lambda: loop.look(now[-1])])

    missing = await follow(
        "EmergencyCounterMissing", operator.console, figures, f"{of_the_day}opened"
    )
    unreliable = await follow("EmergencyCounterUnreliable", operator.console, figures)
    now.append(CALENDAR.moment(day, time(12)))
    await missing.look(f"{of_the_day}missing")
    await unreliable.look(r"(?s)(missing.*){3}")
    await tell(pool, happened(1, opened(slots=1), opens))
    await missing.prove()
    await unreliable.prove()

    right = rf"{of_the_day}opened\W+2\W+2\W+\d+\W+0\b"
    overbooked = await follow("EmergencyCounterOverbooked", operator.console, figures, right)
    await tell(pool, *(happened(number, booked, opens) for number in (2, 3)))
    await overbooked.look(rf"{of_the_day}opened\W+1\W+2\W+\d+\W+1\W+1\b")
    await tell(pool, happened(4, opened(slots=2), opens + timedelta(hours=1)))
    await overbooked.prove()


async def tell(pool: Pool, *events: Event) -> None:
    """Let events come, and count them."""
    await apply(pool, office_events(NOTHING), *events)
    await count(pool)


async def test_the_load_is_what_comes_and_waits_for_each_filled_post(
    pool: Pool, operator: Operator
) -> None:
    received = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2"
    )
    now = datetime.now(UTC)
    staffing = happened(1, StaffingChanged(posts=12, vacant=2), now - timedelta(days=900))
    asked = [
        happened(number, CallAnswered(line="direct", waited_seconds=5, about=topic), now)
        for number, topic in enumerate((CallTopic.CASE_STATE,) * 5 + (CallTopic.OTHER,), 2)
    ]
    await apply(pool, office_events(NOTHING), staffing, *asked)
    await apply(
        pool, case_events(NOTHING),
        *(about(number, received, now)._replace(sequence=1) for number in range(20)),
    )  # fmt: skip
    await count(pool)
    shown = from_json(await operator.does("show", "--json"))
    assert shown["load"] == {"filled": 10.0, "received": 0.5, "waiting": 2.0}
    assert shown["calls_for_each_open"] == 0.25
    assert "0 differ" in await operator.does("recompute", "--compare")


COURSE = [
    about(1, ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2"
    ), OPENS - timedelta(days=30)),
    about(1, DocumentsRequested(items=("passport",)), OPENS - timedelta(days=25)),
    about(1, DocumentsReceived(), OPENS - timedelta(days=15)),
    decided(1, OPENS),
    about(1, DecisionCorrected(decision_id=decision_id(1)), OPENS + timedelta(days=9)),
]  # fmt: skip


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(len(COURSE))), cut=st.integers(0, len(COURSE)))
async def test_how_a_decision_came_about_is_the_same_in_any_order_and_any_batches(
    stack: Addresses, pool: Pool, order: list[int], cut: int
) -> None:
    await empty(stack.database_url)
    events = [COURSE[place]._replace(sequence=number) for number, place in enumerate(order, 1)]
    for batch in (events[:cut], events[cut:]):
        await apply(pool, case_events(NOTHING), *batch)
        await count(pool)
    assert (await kept(pool))["process", "residence-work"] == Cases(
        1,
        mended=1,
        reworked=1,
        days=((Step.DOCUMENTS, (10,)), (Step.DECISION, (30,))),
        ways=(((Step.DOCUMENTS,), 1),),
    )


async def test_how_decisions_came_about_is_counted_anew_and_compared(
    pool: Pool, operator: Operator
) -> None:
    events = [one._replace(sequence=number) for number, one in enumerate(COURSE, 1)]
    await apply(pool, case_events(NOTHING), *events)
    await count(pool)
    days = ("--from", f"{DAY}", "--to", f"{DAY}")
    assert "1 figures of 1 days counted, 0 differ" in await operator.does(
        "recompute", "--compare", *days
    )
    await pool.execute("UPDATE service_figure SET counts = '{}' WHERE part = 'process'")
    wrong = await operator.call("recompute", "--compare", *days, "--json")
    assert [one["part"] for one in from_json(wrong.stdout)["differing"]] == ["process"]
    await operator.does("recompute", *days)
    assert "0 differ" in await operator.does("recompute", "--compare", *days)
    shown = from_json(await operator.does("show", *days, "--json"))
    assert shown["process"] == {
        "first": "2026-05-01", "last": "2026-05-31",
        "known_on": f"{CALENDAR.day_of(datetime.now(UTC))}",
        "whole": None, "services": {"residence-work": None}, "ways": [],
    }  # fmt: skip


async def of_may(pool: Pool) -> Courses:
    async with pool.acquire() as connection:
        return await store.read_courses(connection, DAY, CALENDAR)


def decided_after_a_month(number: int, at: datetime = OPENS) -> list[Event]:
    """An application and its decision."""
    came = COURSE[0].data
    return [
        about(number, came, at - timedelta(days=30))._replace(sequence=1),
        decided(number, at)._replace(sequence=2),
    ]


async def test_what_was_told_of_a_month_is_told_again_whatever_comes_of_it_later(
    pool: Pool, operator: Operator
) -> None:
    for number in range(9):
        await apply(pool, case_events(NOTHING), *decided_after_a_month(number))
    await count(pool)
    told = await of_may(pool)
    assert told.whole is not None
    assert (told.whole.cases.decided, told.whole.cases.mended) == (9, 0)
    mended = about(1, DecisionCorrected(decision_id=decision_id(1)), OPENS + timedelta(days=1))
    late = decided_after_a_month(9, OPENS + timedelta(days=7))
    await apply(pool, case_events(NOTHING), mended._replace(sequence=3), *late)
    await count(pool)
    assert await of_may(pool) == told
    assert (await kept(pool))["process", "residence-work"] == replace(
        told.whole.cases, mended=1, reworked=1
    )
    assert "0 differ" in await operator.does("recompute", "--compare")
    for statement in ("DELETE FROM told_month", "UPDATE told_month SET figures = '[]'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_a_month_is_told_once_all_of_it_is_counted(pool: Pool) -> None:
    for number in range(9):
        at = OPENS + timedelta(days=number)
        await apply(pool, case_events(NOTHING), *decided_after_a_month(number, at))
    counter = FigureCounter(pool, CLOCKS, holding_of(pool, Loop.SERVICE_FIGURES))
    assert await counter.look()
    assert (await of_may(pool)).services == {}, "two of nine days wait"
    await count(pool)
    mended = about(1, DecisionCorrected(decision_id=decision_id(1)), OPENS + timedelta(days=1))
    await apply(pool, case_events(NOTHING), mended._replace(sequence=3))
    assert (await of_may(pool)).services == {}, "what happened to a case of it waits"
    await count(pool)
    told = await of_may(pool)
    assert told.whole is not None
    assert (told.whole.cases.decided, told.whole.cases.mended) == (9, 1)


async def test_while_very_much_waits_nobody_waits_for_a_month_that_is_not_told_yet(
    pool: Pool,
) -> None:
    for number in range(9):
        await apply(pool, case_events(NOTHING), *decided_after_a_month(number))
    await count(pool)
    of_others = [f"case-{number}" for number in range(2_001)]
    await pool.execute(store.QUERIES["note_cases"], of_others)
    assert (await of_may(pool)).services == {}
    await count(pool)
    assert (await of_may(pool)).whole is not None


async def test_nobody_who_is_told_stands_in_what_figures_are_counted_from(pool: Pool) -> None:
    received = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2",
        contact_ref="contact-" + "a" * 26,
    )  # fmt: skip
    await apply(pool, case_events(NOTHING), about(1, received, OPENS)._replace(sequence=1))
    [kept_of_it] = await pool.fetch("SELECT data FROM service_fact")
    assert "contact" not in kept_of_it["data"]
