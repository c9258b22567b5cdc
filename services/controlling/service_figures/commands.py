"""`gleichfall figures`: how the service stands, and whether its figures are what the facts say."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import click

from services.controlling.service_figures import loop, store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.counts import written
from services.controlling.service_figures.errors import FiguresDiffer
from services.controlling.service_figures.loop import Differences
from services.controlling.service_figures.overview import Overview
from services.controlling.service_figures.showing import as_document, as_tables
from services.controlling.service_figures.showing_process import (
    courses_as_document,
    courses_as_tables,
)
from services.controlling.service_figures.ways import Courses, last_day_told
from shared.console import screen
from shared.console.options import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    between,
    json_option,
    organisation_option,
)
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

_ALL = (date.fromisoformat(FIRST_DAY), date.fromisoformat(LAST_DAY))


@click.group(name="figures")
def figures() -> None:
    """See how the service stands: counters, telephone, appointments, load, what waits."""


@figures.command()
@click.option("--from", "first", type=DAY, help="First day; four weeks by default.")
@click.option("--to", "last", type=DAY, help="Last day; today, or the last that has figures.")
@organisation_option
@json_option
def show(
    first: datetime | None, last: datetime | None, organisation_file: Path, *, as_json: bool
) -> None:
    """Show the figures of the service, of the whole authority and its lines and offices.

    Never of a person. Without days, the last four weeks; where nothing was told in them, the four
    up to the last day of which something was. Days of which nothing was told are refused, with
    those of which something was. What waits is counted now, and hidden where it would tell of fewer
    than seven applications.

    \b
    --json prints one object:
        first, last  the days
        counters     office, day, standing, and of the day: opened_at, slots, booked, free,
                     overbooked, same_day, doubled
        telephone    of all days and by line: offered, answered, gave_up, unknown, in_time (share),
                     waited_p50 and waited_p90 (seconds), called_back, reached,
                     call_back_age_p50 (seconds), transferred, about_state (null while nobody
                     says what calls are about)
        calls_for_each_open  calls about how far a case is, for each application that waits
        visits       by office: wrong_counter, wrong_channel
        load         filled posts, received and waiting applications for each of them
        lead_times   service, first_free and third_free (working days), met (working days since
                     the goal was), unmet_for (more than so many it is since), booked (number,
                     half, most; null where hidden), course (day, first_free and third_free of
                     20 working days before, too, the latest first)
        appointments all, by day and by office: served, missed, open, freed, filled_again,
                     waited_p50 and waited_p90 (seconds); null where hidden
        process      of the decisions of one month, the last that has been over for 30 days and
                     has some, by the last day: first, last; known_on (it is told as it was
                     first told, on that day; null while it is being counted); whole and by
                     service: decided, late, asked_again, mended, reworked, and of each step its
                     days (half, most); ways and how many went each; null where hidden
        backlog      whole, by arrival (first, last, still_open) and by unit; null where hidden

    Example: gleichfall figures show --from 2026-05-01 --to 2026-05-31
    """
    organisation = load_organisation(organisation_file)
    now = datetime.now(UTC)
    calendar = Calendar.of(organisation)
    today = calendar.day_of(now)

    async def work(pool: Pool) -> tuple[Overview, Courses]:
        async with pool.acquire() as connection:
            recent = await store.recent_days(connection, today)
            days = _between(first, last, recent)
            if days != recent:
                await store.require_known(connection, days)
            found = await store.read_overview(connection, organisation, days, now)
            months = await store.months_of_process(connection, days[1], today)
            month = months[0] if months else last_day_told(days[1], today)
            return found, await store.read_courses(connection, month, calendar)

    found, ways = asyncio.run(on_database("controlling", work))
    if as_json:
        document = as_document(found, organisation.goals.service)
        screen.show_json({**document, "process": courses_as_document(ways)})
    else:
        screen.show(*as_tables(found, organisation), *courses_as_tables(ways))


@figures.command()
@click.option("--from", "first", type=DAY, default=FIRST_DAY, help="First day; all by default.")
@click.option("--to", "last", type=DAY, default=LAST_DAY, help="Last day.")
@click.option("--compare", is_flag=True, help="Only say what differs; change nothing.")
@organisation_option
@json_option
def recompute(
    first: datetime,
    last: datetime,
    organisation_file: Path,
    *,
    compare: bool,
    as_json: bool,
) -> None:
    """Count the figures of the service anew from what is kept of the events.

    Figures whose events are forgotten by now stay as they are. With --compare nothing is changed;
    exits with 1 when something differs.

    \b
    --json prints one object:
        days       how many were counted, over all parts of the service
        figures    how many figures that gave; null unless compared
        differing  part, day, place, kept and counted of each that differs; null unless compared

    Example: gleichfall figures recompute --compare
    """
    organisation = load_organisation(organisation_file)
    days = between(first.date(), last.date())

    async def work(pool: Pool) -> Differences | int:
        law = Clocks.of(organisation)
        found = await (loop.compare if compare else loop.count_anew)(pool, law, *days)
        counted = found if isinstance(found, int) else found.days
        if not counted and days != _ALL:
            async with pool.acquire() as connection:
                await store.require_known(connection, days)
        return found

    found = asyncio.run(on_database("controlling", work))
    if isinstance(found, int):
        _tell_counted(found, as_json=as_json)
    else:
        _tell_compared(found, as_json=as_json)


def _tell_counted(days: int, *, as_json: bool) -> None:
    if as_json:
        screen.show_json({"days": days, "figures": None, "differing": None})
    else:
        click.echo(f"{days:,} days of parts of the service counted anew")


def _tell_compared(found: Differences, *, as_json: bool) -> None:
    differing = [
        {
            "part": one.part,
            "day": f"{one.day}",
            "place": one.place,
            "kept": written(kept) if kept else None,
            "counted": written(counted) if counted else None,
        }
        for kept, counted in found.found
        if (one := kept or counted) is not None
    ]
    if as_json:
        document = {"days": found.days, "figures": found.figures, "differing": differing}
        screen.show_json(document)
    else:
        for line in differing:
            click.echo(
                f"{line['day']} {line['part']} {line['place']}: "
                f"kept {line['kept']}, counted {line['counted']}"
            )
        click.echo(
            f"{found.figures:,} figures of {found.days:,} days counted, {len(differing)} differ"
        )
    if differing:
        raise FiguresDiffer(len(differing))


def _between(
    first: datetime | None, last: datetime | None, recent: tuple[date, date]
) -> tuple[date, date]:
    """Give the days that were asked for; as long as the recent ones where only one was named."""
    length = recent[1] - recent[0]
    if first is not None and last is None:
        return first.date(), first.date() + length
    until = recent[1] if last is None else last.date()
    since = until - length if first is None else first.date()
    return between(since, until)
