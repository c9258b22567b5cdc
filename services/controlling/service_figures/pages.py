"""The pages of the service: how it stands today, and whose time limits run out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.controlling.accounts.access import allows, own_unit
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from services.controlling.practice.pages import practice_of
from services.controlling.service_figures import store
from services.controlling.service_figures.bars import bars
from services.controlling.service_figures.clocks import Clock, Clocks
from services.controlling.service_figures.overview import Overview
from services.controlling.service_figures.ranking import seconds_of
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.web.pages.cells import Row, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.spreadsheet import as_spreadsheet, at_once
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
SHOWN = 200
"""Time limits on the page; the file has them all."""
HEADS = ("today.part", "today.place", "today.first", "today.last", "today.figure", "today.value")
CLOCK_HEADS = (
    "clocks.kind", "clocks.case", "clocks.service", "clocks.unit",
    "clocks.began", "clocks.last_day", "clocks.days_left",
)  # fmt: skip
router = APIRouter(route_class=PageRoute)
_READERS = allows(
    Role.LEADERSHIP,
    Role.CONTROLLING,
    Role.UNIT_HEAD,
    Role.AUDITOR,
    Role.STAFF_COUNCIL,
    Role.OPERATIONS,
)
_WORKERS = allows(Role.LEADERSHIP, Role.CONTROLLING, Role.UNIT_HEAD)


@router.get("/today", dependencies=[_READERS])
async def today(request: Request, signed: SignedIn) -> Response:
    """Say how the service stands: emergency counter, telephone, what waits."""
    organisation, now = practice_of(request).law.organisation, datetime.now(UTC)
    found = await _overview(request, organisation, now)
    language = signed.session.language
    return show(
        request,
        signed,
        "today.html",
        found=found,
        now_known=found.last == Calendar.of(organisation).day_of(now),
        goals=organisation.goals.service,
        offices={one.key: getattr(one.name, language) for one in organisation.offices},
        services=_services(organisation, language),
        bars=bars([one.still_open for one in found.backlog.arrivals]),
    )


@router.get("/today/table.csv", dependencies=[_READERS])
async def today_as_file(request: Request, signed: SignedIn) -> Response:
    """Give the figures of the page; that somebody took them is an entry of the log."""
    organisation, now = practice_of(request).law.organisation, datetime.now(UTC)
    found = await _overview(request, organisation, now)
    await _note_export(request, signed, "today")
    return _file(request, signed, "today", HEADS, list(_rows(found)))


@router.get("/clocks", dependencies=[_WORKERS])
async def clocks(request: Request, signed: SignedIn) -> Response:
    """Say whose time limits run out, the nearest first; a unit's head sees those of the unit."""
    organisation = practice_of(request).law.organisation
    running, day = await _clocks(request, signed, organisation)
    near = [one for one in running if one.stage(day) is not None]
    language = signed.session.language
    return show(
        request,
        signed,
        "clocks.html",
        near=near[:SHOWN],
        more=max(0, len(near) - SHOWN),
        over=sum((one.days_left(day) or 0) < 0 for one in near),
        stopped=sum(one.last_day is None for one in running),
        running=len(running),
        day=day,
        services=_services(organisation, language),
    )


@router.get("/clocks/list.csv", dependencies=[_WORKERS])
async def clocks_as_file(request: Request, signed: SignedIn) -> Response:
    """Give all time limits that run; that somebody took them is an entry of the log."""
    organisation = practice_of(request).law.organisation
    running, day = await _clocks(request, signed, organisation)
    await _note_export(request, signed, "clocks")
    services = _services(organisation, signed.session.language)
    rows: list[Row] = [
        (
            said(f"clocks.kind.{one.kind}"),
            one.case_ref,
            services.get(one.service, one.service),
            organisation.unit_name(one.unit, signed.session.language),
            one.began,
            said("clocks.stopped") if one.last_day is None else one.last_day,
            one.days_left(day),
        )
        for one in running
    ]
    return _file(request, signed, "clocks", CLOCK_HEADS, rows)


async def _overview(request: Request, organisation: Organisation, now: datetime) -> Overview:
    async with pool_of(request).acquire() as connection:
        days = await store.recent_days(connection, Calendar.of(organisation).day_of(now))
        return await store.read_overview(connection, organisation, days, now)


async def _clocks(
    request: Request, signed: Signed, organisation: Organisation
) -> tuple[Sequence[Clock], date]:
    law = practice_of(request).law
    found = Clocks(organisation, Calendar.of(organisation), law.limits, law.types)
    async with pool_of(request).acquire() as connection:
        running = found.running(await store.waits(connection), await store.steering(connection))
    unit = own_unit(signed)
    seen = [one for one in running if unit is None or one.unit == unit]
    return seen, found.calendar.day_of(datetime.now(UTC))


async def _note_export(request: Request, signed: Signed, what: str) -> None:
    async with changing(pool_of(request)) as change:
        change.note(Entry.by(signed.account, Act.EXPORTED, what))


def _file(
    request: Request, signed: Signed, name: str, heads: Sequence[str], rows: Sequence[Row]
) -> Response:
    pages, language = pages_of(request), signed.session.language
    written = [pages.written(language, row) for row in rows]
    return as_spreadsheet(name, pages.heads(language, heads), at_once(written))


def _rows(found: Overview) -> Iterator[Row]:
    """Give a row for each figure: its part of the service, place, days, name and value."""
    for one in found.counters:
        values: dict[str, object] = {"standing": said(f"today.counter.{one.standing}")}
        if (day := one.counter) is not None:
            values |= {
                "slots": day.slots, "booked": day.booked, "same_day": day.same_day,
                "overbooked": day.overbooked, "doubled": day.doubled,
            }  # fmt: skip
        yield from _named("counter", one.office, one.day, one.day, values)
    for line in found.telephone:
        calls = line.calls
        values = {
            "offered": calls.offered, "answered": calls.answered,
            "gave_up": len(calls.gave_up), "called_back": len(calls.called_back),
            "wait_half": seconds_of(calls.wait(0.5)), "wait_most": seconds_of(calls.wait(0.9)),
        }  # fmt: skip
        yield from _named("telephone", "", line.day, line.day, values)
    for lead in found.lead_times:
        free = {"first_free": lead.first_free, "third_free": lead.third_free, "met": lead.met}
        yield from _named("lead_time", lead.service, found.last, found.last, free)
    for day_of_flow, flow in found.flows.days:
        shown: dict[str, object] = {"served": said("today.hidden")}
        if flow is not None:
            shown = {
                "served": flow.served, "missed": flow.missed, "freed": flow.freed,
                "filled_again": flow.filled_again,
                "wait_half": seconds_of(flow.wait(0.5)), "wait_most": seconds_of(flow.wait(0.9)),
            }  # fmt: skip
        yield from _named("appointments", "", day_of_flow, day_of_flow, shown)
    for arrival in found.backlog.arrivals:
        waiting = said("today.hidden") if arrival.still_open is None else arrival.still_open
        yield from _named("backlog", "", arrival.first, arrival.last, {"still_open": waiting})


def _named(
    part: str, place: str, first: date | None, last: date, values: Mapping[str, object]
) -> Iterator[Row]:
    for name, value in values.items():
        yield (said(f"today.part.{part}"), place, first, last, said(f"today.{name}"), value)


def _services(organisation: Organisation, language: str) -> Mapping[str, str]:
    return {
        key: getattr(one.name, language)
        for one in organisation.services
        for key in (one.key, one.leika)
        if key
    }
