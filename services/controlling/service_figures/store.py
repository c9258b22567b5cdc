"""What happened at counters and telephones, and the figures that are counted from it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from services.controlling.case_files import store as case_files
from services.controlling.service_figures.alarms import Alarm
from services.controlling.service_figures.clocks import (
    STEERING,
    Clocks,
    Kept,
    Running,
    Submission,
    Waiting,
)
from services.controlling.service_figures.counts import Figure, read, written
from services.controlling.service_figures.errors import NothingTold
from services.controlling.service_figures.fact import Fact, Part, facts_in
from services.controlling.service_figures.overview import Known, Overview, four_weeks, overview
from services.controlling.service_figures.process import TELLING
from services.controlling.service_figures.ways import Courses, courses, last_day_told, month_of
from services.controlling.triggers.waiting import Wait
from shared.events.catalogue.submission import SubmissionArrived
from shared.events.event import Event
from shared.events.registry import CATALOGUE
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, load

QUERIES = load(__file__)
EMPTY_FACTS = QUERIES["forget_facts"]
EMPTY_ALARMS = QUERIES["forget_alarms"]
_OF_NOBODY = {"contact_ref"}
"""No figure asks who is told of it."""
_BEHIND, _AHEAD = timedelta(days=60), timedelta(days=124)
Days = Mapping[Part, Sequence[date]]


async def keep(
    connection: Connection, events: Sequence[Event], day_of: Callable[[datetime], date]
) -> None:
    """Keep what a batch tells of the service, and note the cases whose course it changes.

    That is a statement each, of batches that have any; however many cases it names, it is a row.
    A batch with submissions has one more.
    """
    told = list(facts_in(events, day_of))
    rows = [
        (
            event.subject,
            event.sequence,
            event.data.event_type,
            event.time,
            fact.part,
            fact.day,
            fact.item,
            event.data.model_dump(mode="json", exclude_none=True, exclude=_OF_NOBODY),
        )
        for event, fact in told
    ]
    if rows:
        await connection.execute(QUERIES["keep_facts"], as_document(rows))
    submissions = sorted(
        {fact.item for _, fact in told if fact.item and fact.part is Part.SUBMISSIONS}
    )
    if submissions:
        arrived = SubmissionArrived.event_type
        await connection.execute(QUERIES["note_ended"], submissions, arrived)
    cases = {event.subject for event in events if type(event.data) in TELLING}
    if cases:
        await connection.execute(QUERIES["note_cases"], sorted(cases))


async def hold(connection: Connection) -> None:
    """Let nobody else count until the transaction ends: who counts later knows more."""
    await connection.execute(QUERIES["hold_figures"])


async def take_uncounted(connection: Connection, part: Part, most: int) -> list[date]:
    """Take what was not counted yet of so many days; gives the days whose figures it changes."""
    rows = await connection.fetch(QUERIES["take_uncounted"], part, most)
    return [row["day"] for row in rows]


async def anything_uncounted(connection: Connection, part: Part, first: date, last: date) -> bool:
    """Whether something isn't counted yet that is about the days from one to another."""
    found: bool = await connection.fetchval(QUERIES["anything_uncounted"], part, first, last)
    return found


async def days_with_facts(connection: Connection, first: date, last: date) -> Days:
    """Give the days of which everything is still known, of those from one to another."""
    return _by_part(await connection.fetch(QUERIES["days_with_facts"], first, last))


async def next_day(connection: Connection, zone: ZoneInfo, first: date, last: date) -> date | None:
    """Give the first day, from one to another, of which something is known or was counted."""
    found: date | None = await connection.fetchval(QUERIES["next_day"], zone.key, first, last)
    return found


async def take_days_of_cases(connection: Connection, zone: ZoneInfo, most: int) -> list[date]:
    """Take so many days of decisions whose cases something new is known of, the oldest first."""
    await connection.execute(QUERIES["find_days_of_cases"], zone.key)
    rows = await connection.fetch(QUERIES["take_days_of_cases"], most)
    return sorted(row["day"] for row in rows)


async def days_of_decisions(
    connection: Connection, zone: ZoneInfo, first: date, last: date
) -> list[date]:
    """Give the days of decisions from one to another whose cases are still known whole."""
    return [
        row["day"]
        for row in await connection.fetch(QUERIES["days_of_decisions"], zone.key, first, last)
    ]


async def events_of_days(
    connection: Connection, zone: ZoneInfo, days: Sequence[date]
) -> list[Event]:
    """Give all that is known of the cases in which was decided on some days."""
    rows = await connection.fetch(QUERIES["cases_of_days"], zone.key, days)
    return await case_files.events_of_cases(connection, [row["case_ref"] for row in rows])


async def facts(connection: Connection, part: Part, days: Sequence[date]) -> list[Fact]:
    """Give all that is known of some days."""
    return [
        Fact(
            Part(row["part"]),
            row["day"],
            row["at"],
            CATALOGUE[row["type"]].read(row["data"], strict=True, extra="ignore"),
        )
        for row in await connection.fetch(QUERIES["facts_of_days"], part, days)
    ]


async def replace(
    connection: Connection, part: Part, days: Sequence[date], counted: Iterable[Figure]
) -> None:
    """Keep the figures of some days in place of those there were."""
    rows = [(one.day, one.place, written(one)) for one in counted]
    await connection.execute(QUERIES["replace_figures"], part, days, as_document(rows))


async def figures(connection: Connection, first: date, last: date) -> list[Figure]:
    """Give the figures of the days from one to another."""
    return await _figures(connection, "figures", first, last)


async def figures_of_slots(connection: Connection, day: date) -> list[Figure]:
    """Give those of published slots and appointments from which a day's lead time is computed.

    Two months before the day, for when the goal was met, and four months after it.
    """
    return await _figures(connection, "figures_of_slots", day - _BEHIND, day + _AHEAD)


async def last_told(connection: Connection, day: date) -> datetime | None:
    """Give when the last thing happened, up to a day, that counters and telephones tell of."""
    found: datetime | None = await connection.fetchval(QUERIES["last_told"], day)
    return found


async def recent_days(connection: Connection, today: date) -> tuple[date, date]:
    """Give the first and the last of four weeks up to today, or up to when anything was told."""
    row = await connection.fetchrow(QUERIES["latest_days"], today)
    assert row is not None  # a row of aggregates is always there
    return four_weeks(today, row["latest"], row["told"])


async def require_known(connection: Connection, days: tuple[date, date]) -> None:
    """Let days pass that have something in common with those of which there are figures.

    Raises:
        NothingTold: they have nothing.
    """
    row = await connection.fetchrow(QUERIES["known_days"])
    assert row is not None  # a row of aggregates is always there
    if row["first"] is None:
        raise NothingTold(days, None)
    if days[0] > row["last"] or days[1] < row["first"]:
        raise NothingTold(days, (row["first"], row["last"]))


async def read_overview(
    connection: Connection, organisation: Organisation, days: tuple[date, date], now: datetime
) -> Overview:
    """Tell how the service stood from one day to another, and stands now."""
    first, last = days
    known = Known(
        await figures(connection, first, last),
        await figures_of_slots(connection, last),
        await _figures(connection, "staffing", last),
        await waits(connection),
    )
    return overview(known, organisation, days=days, now=now)


async def _figures(connection: Connection, query: str, *days: date) -> list[Figure]:
    return [read(*row) for row in await connection.fetch(QUERIES[query], *days)]


async def unsettled(connection: Connection, first: date, last: date) -> list[Figure]:
    """Give those of them that could still be counted anew."""
    return await _figures(connection, "unsettled_figures", first, last)


async def waits(connection: Connection) -> list[tuple[str, Wait]]:
    """Give what waits for a decision."""
    rows = await connection.fetch(QUERIES["open_applications"])
    return [(case, Wait(*wait)) for case, *wait in rows]


async def steering(connection: Connection) -> list[Kept]:
    """Give what stops, restarts and ends the clocks of cases that wait."""
    types = [one.event_type for one in STEERING]
    return [Kept(*row) for row in await connection.fetch(QUERIES["steering_events"], types)]


async def open_submissions(connection: Connection) -> list[Submission]:
    """Give what was handed in online and that nobody has fetched."""
    rows = await connection.fetch(QUERIES["open_submissions"], SubmissionArrived.event_type)
    return [Submission(*row) for row in rows]


async def waiting(connection: Connection) -> Waiting:
    """Give all that clocks run for."""
    return Waiting(
        await waits(connection), await steering(connection), await open_submissions(connection)
    )


async def running(connection: Connection, clocks: Clocks) -> Running:
    """Give every clock that runs now, and the cases of which none can be told."""
    return clocks.running(await waiting(connection))


async def months_of_process(connection: Connection, until: date, today: date) -> list[date]:
    """Give the first days of the months of which may be told how decisions came about.

    The latest first, and none later than that of `until`.
    """
    rows = await connection.fetch(QUERIES["months_of_process"], last_day_told(until, today))
    return [row["month"] for row in rows]


async def read_courses(connection: Connection, month: date, calendar: Calendar) -> Courses:
    """Tell how the decisions of a month came about, as it was told first.

    Args:
        connection: To controlling's tables; what is told for the first time is kept.
        month: A day of a month that may be told.
        calendar: The authority's days.
    """
    days = month_of(month)
    told_at: datetime | None = await connection.fetchval(QUERIES["told_at"], days[0])
    if told_at is None:
        await connection.execute(QUERIES["tell_month"], *days, calendar.zone.key)
        told_at = await connection.fetchval(QUERIES["told_at"], days[0])
    figures = await _figures(connection, "told_month", days[0])
    return courses(figures, days, None if told_at is None else calendar.day_of(told_at))


async def raise_alarms(connection: Connection, alarms: Collection[Alarm]) -> set[Alarm]:
    """Note alarms; gives those that were not raised before."""
    columns = zip(*sorted(set(alarms)), strict=True) if alarms else ([], [], [], [])
    rows = await connection.fetch(QUERIES["raise_alarms"], *map(list, columns))
    return {Alarm(*row) for row in rows}


def _by_part(rows: Iterable[asyncpg.Record]) -> Days:
    days: dict[Part, list[date]] = defaultdict(list)
    for part, day in rows:
        days[Part(part)].append(day)
    return days
