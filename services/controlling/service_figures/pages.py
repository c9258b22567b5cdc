"""The pages of the service: how it stands today, and whose time limits run out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.controlling.accounts.access import allows, may_open, own_unit, refuse
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from services.controlling.practice.pages import practice_of
from services.controlling.service_figures import store
from services.controlling.service_figures.clocks import Clocks, Running, Urgency, by_urgency
from services.controlling.service_figures.names import Names
from services.controlling.service_figures.overview import Overview
from services.controlling.service_figures.process import Step
from services.controlling.service_figures.rows import (
    CLOCK_HEADS,
    HEADS,
    PROCESS_HEADS,
    rows_of,
    rows_of_clocks,
    rows_of_courses,
)
from services.controlling.service_figures.ways import Courses, last_day_told
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.web.pages.cells import Row
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Search
from shared.web.pages.spreadsheet import as_spreadsheet, at_once
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
SHOWN = 200
"""Time limits on the page; the file has them all."""
Key = Annotated[str, Query(max_length=64)]
router = APIRouter(route_class=PageRoute)
READERS = allows(
    Role.LEADERSHIP,
    Role.CONTROLLING,
    Role.UNIT_HEAD,
    Role.AUDITOR,
    Role.STAFF_COUNCIL,
    Role.OPERATIONS,
)
"""Who may see how the service stands."""
_WORKERS = allows(Role.LEADERSHIP, Role.CONTROLLING, Role.UNIT_HEAD)


@router.get("/today", dependencies=[READERS])
async def today(request: Request, signed: SignedIn, unit: Key = "") -> Response:
    """Say how the service stands: emergency counter, telephone, what waits.

    Whoever has the work list of time limits is told, too, how many of them run out.
    """
    organisation = practice_of(request).law.organisation
    found = await _overview(request, signed, organisation, unit)
    running, day = None, found.last
    if may_open(request, signed, "/clocks"):
        running, day = await _clocks(request, signed, organisation, unit)
    return show(
        request,
        signed,
        "today.html",
        found=found,
        running=running,
        urgency={} if running is None else by_urgency(running.near(day), day),
        chosen=unit,
        units=_units(signed, organisation),
        goals=organisation.goals.service,
        names=Names.of(organisation, signed.session.language),
    )


@router.get("/today/table.csv", dependencies=[READERS])
async def today_as_file(request: Request, signed: SignedIn, unit: Key = "") -> Response:
    """Give the figures of the page; that somebody took them is an entry of the log."""
    organisation = practice_of(request).law.organisation
    found = await _overview(request, signed, organisation, unit)
    await _note_export(request, signed, "today")
    names = Names.of(organisation, signed.session.language)
    units = pages_of(request).units(signed.session.language)
    rows = rows_of(found, organisation.goals.service, names, units, unit)
    return _file(request, signed, "today", HEADS, list(rows))


@router.get("/process", dependencies=[READERS])
async def process(
    request: Request, signed: SignedIn, service: Key = "", month: Key = ""
) -> Response:
    """Say how decisions came about: how long steps took, what was late, what was done twice."""
    organisation = practice_of(request).law.organisation
    months, found = await _courses(request, organisation, month)
    if service and service not in found.services:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "service-unknown", "Nothing was decided")
    course = found.services[service] if service else found.whole
    steps = {} if course is None else course.steps
    return show(
        request,
        signed,
        "process.html",
        found=found,
        months=months,
        chosen=service,
        course=course,
        steps=steps,
        whole_way=steps.get(Step.DECISION),
        names=Names.of(organisation, signed.session.language),
    )


@router.get("/process/table.csv", dependencies=[READERS])
async def process_as_file(request: Request, signed: SignedIn, month: Key = "") -> Response:
    """Give the same of every service; that somebody took it is an entry of the log."""
    organisation = practice_of(request).law.organisation
    _, found = await _courses(request, organisation, month)
    await _note_export(request, signed, "process")
    names = Names.of(organisation, signed.session.language)
    return _file(request, signed, "process", PROCESS_HEADS, list(rows_of_courses(found, names)))


@router.get("/clocks", dependencies=[_WORKERS])
async def clocks(request: Request, signed: SignedIn, q: Search = "", unit: Key = "") -> Response:
    """Say whose time limits run out, by last day, of every unit or of one; its head sees no other.

    With a case, or a part of how it is called, every time limit that runs for it, near or not.
    """
    organisation = practice_of(request).law.organisation
    running, day = await _clocks(request, signed, organisation, unit)
    near = running.near(day)
    sought = q.strip()
    listed = [one for one in running.clocks if sought in one.case_ref] if sought else near
    urgency = by_urgency(near, day)
    return show(
        request,
        signed,
        "clocks.html",
        near=len(near),
        listed=listed[:SHOWN],
        more=max(0, len(listed) - SHOWN),
        q=sought,
        chosen=unit,
        units=_units(signed, organisation),
        over=urgency[Urgency.OVER],
        urgency=urgency,
        stopped=sum(one.last_day is None for one in running.clocks),
        running=len(running.clocks),
        untold=len(running.untold),
        day=day,
        names=Names.of(organisation, signed.session.language),
    )


@router.get("/clocks/list.csv", dependencies=[_WORKERS])
async def clocks_as_file(request: Request, signed: SignedIn, unit: Key = "") -> Response:
    """Give all time limits that run; that somebody took them is an entry of the log."""
    organisation = practice_of(request).law.organisation
    found, day = await _clocks(request, signed, organisation, unit)
    await _note_export(request, signed, "clocks")
    names = Names.of(organisation, signed.session.language)
    units = pages_of(request).units(signed.session.language)
    rows = rows_of_clocks(found, day, names, units)
    return _file(request, signed, "clocks", CLOCK_HEADS, list(rows))


async def _overview(
    request: Request, signed: Signed, organisation: Organisation, unit: str
) -> Overview:
    """Tell how the service stands, with what is told of one unit where one was chosen."""
    await _require_unit(request, signed, organisation, unit)
    now = datetime.now(UTC)
    async with pool_of(request).acquire() as connection:
        days = await store.recent_days(connection, Calendar.of(organisation).day_of(now))
        found = await store.read_overview(connection, organisation, days, now)
    return found.of_unit(unit, organisation) if unit else found


async def _require_unit(
    request: Request, signed: Signed, organisation: Organisation, unit: str
) -> None:
    """Look whether somebody may choose a unit; all of them is the empty one.

    Raises:
        Forbidden: somebody who heads a unit chose another one.
        Problem: there is no such unit.
    """
    if unit and own_unit(signed) not in (None, unit):
        raise await refuse(request, signed)
    if unit and unit not in dict(_units(signed, organisation)):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unit-unknown", "There is no such unit")


def _units(signed: Signed, organisation: Organisation) -> Sequence[tuple[str, str]]:
    """Give the units that somebody may choose: who heads one, that."""
    own, language = own_unit(signed), signed.session.language
    return [
        (one.key, organisation.unit_name(one.key, language))
        for one in organisation.units
        if own in (None, one.key)
    ]


async def _courses(
    request: Request, organisation: Organisation, month: str
) -> tuple[Mapping[str, date], Courses]:
    """Give the months that may be chosen, the latest first, and how things went in one of them.

    Raises:
        Problem: nothing may be told of the month.
    """
    calendar = Calendar.of(organisation)
    today = calendar.day_of(datetime.now(UTC))
    async with pool_of(request).acquire() as connection:
        days = await store.months_of_process(connection, today, today)
        months = {f"{day:%Y-%m}": day for day in days}
        if month and month not in months:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "month-unknown", "Nothing is told of it")
        latest = days[0] if days else last_day_told(today, today)
        return months, await store.read_courses(connection, months.get(month, latest), calendar)


async def _clocks(
    request: Request, signed: Signed, organisation: Organisation, unit: str
) -> tuple[Running, date]:
    """Give the time limits of one unit or of all, as far as somebody may see them, and today."""
    await _require_unit(request, signed, organisation, unit)
    law = practice_of(request).law
    found = Clocks(organisation, Calendar.of(organisation), law.limits, law.types)
    async with pool_of(request).acquire() as connection:
        running = await store.running(connection, found)
    return running.of_unit(own_unit(signed) or unit), found.calendar.day_of(datetime.now(UTC))


async def _note_export(request: Request, signed: Signed, what: str) -> None:
    async with changing(pool_of(request)) as change:
        change.note(Entry.by(signed.account, Act.EXPORTED, what))


def _file(
    request: Request, signed: Signed, name: str, heads: Sequence[str], rows: Sequence[Row]
) -> Response:
    pages, language = pages_of(request), signed.session.language
    written = [pages.written(language, row) for row in rows]
    return as_spreadsheet(language, name, pages.heads(language, heads), at_once(written))
