"""The page of results: are our decisions lawful? And how sure is that?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from services.controlling.figures.cells import WHOLE, Cell
from services.controlling.figures.kept import Released
from services.controlling.figures.period import Row as Line
from services.controlling.practice.pages import naming, practice_of
from services.controlling.results import store
from services.controlling.results.closed_period import ClosedPeriod
from services.controlling.results.part_names import WORDS, PartNames
from services.controlling.results.selection import Selection
from services.controlling.results.store import Results
from services.controlling.results.view import View
from services.controlling.statistics.intervals import Interval
from shared.events.vocabulary import Direction
from shared.web.pages.cells import Row, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.spreadsheet import as_spreadsheet, at_once
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
CHARTED = 12
"""Periods that the picture has room for."""
HEADS = (
    "results.period", "results.part", "results.population", "results.reviewed",
    "results.share_from", "results.share_to", "results.lower", "results.upper", "results.method",
    "results.without_answer", "results.if_right", "results.if_wrong", "results.kind",
    "results.key",
)  # fmt: skip
router = APIRouter(
    prefix="/results",
    route_class=PageRoute,
    dependencies=[allows(Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR, Role.STAFF_COUNCIL)],
)


class Asked:
    """What is looked at, as the address says it."""

    def __init__(
        self,
        period: Annotated[str, Query(max_length=64)] = "",
        unit: Annotated[str, Query(max_length=64)] = "",
        direction: Annotated[str, Query(pattern="^(favourable|adverse|neutral)?$")] = "",
    ) -> None:
        self.period, self.unit, self.direction = period, unit, direction

    @property
    def selection(self) -> Selection:
        """Which lines of the table that are."""
        return Selection(self.unit, self.direction)

    def address(self, path: str, **other: str) -> str:
        """Give the address of another page of the same."""
        asked = {name: value for name, value in (vars(self) | other).items() if value}
        return f"{path}?{urlencode(asked)}" if asked else path


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def results(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Say how often decisions were wrong, and how sure that is."""
    view = await _view(request, signed, asked)
    if view is None:
        return show(request, signed, "results_none.html")
    return show(
        request,
        signed,
        "results.html",
        view=view,
        asked=asked,
        names=view.names,
        directions=list(Direction),
        command=f"gleichfall stats period {view.period.key}",
        file=asked.address("/results/table.csv", period=view.period.key),
    )


@router.get("/table.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give the table that the page shows; that somebody took it is an entry of the log."""
    view = await _view(request, signed, asked)
    if view is None:
        raise _unknown()
    async with changing(pool_of(request)) as change:
        change.note(Entry.by(signed.account, Act.EXPORTED, f"results:{view.period.key}"))
    language, pages = signed.session.language, pages_of(request)
    rows = [pages.written(language, _row(view, cell, line)) for cell, line in view.lines]
    return as_spreadsheet(language, "results", pages.heads(language, HEADS), at_once(rows))


async def _view(request: Request, signed: Signed, asked: Asked) -> View | None:
    """Read what is looked at; None while no period is closed."""
    now = datetime.now(UTC)
    words = pages_of(request).words(signed.session.language, *WORDS)
    names = PartNames(naming(request, signed), words)
    pool, results = pool_of(request), _results(request)
    async with pool.acquire() as connection:
        every = await store.closed_periods(connection)
    if not every:
        return None
    chosen = next((one for one in every if one.key == asked.period), every[-1])
    if asked.period and chosen.key != asked.period:
        raise _unknown()
    last = max(every.index(chosen) + 1, len(every) if not asked.period else CHARTED)
    charted = every[max(0, last - CHARTED) : last]
    known = await results.known(pool, charted)
    found = [one.released for one in known]
    if not asked.period:
        chosen = _latest_shown(charted, found)
    async with pool.acquire() as connection:
        times = await results.times(connection, chosen, known[charted.index(chosen)], now)
        frame = await results.frame(connection, chosen, now)
    goal = practice_of(request).law.organisation.goals.wrong_decisions
    pairs = list(zip(charted, found, strict=True))
    view = View(every, chosen, pairs, times, frame, asked.selection, goal, names)
    if asked.unit and asked.unit not in dict(view.units):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unit-unknown", "There is no such unit")
    return view


def _latest_shown(
    periods: Sequence[ClosedPeriod], found: Sequence[Released | None]
) -> ClosedPeriod:
    """Give the latest period of which the whole may be shown; else the latest one."""
    for period, released in zip(reversed(periods), reversed(found), strict=True):
        if released is not None and released.figures.rows[WHOLE].plain is not None:
            return period
    return periods[-1]


def _results(request: Request) -> Results:
    found = request.app.state.results
    assert isinstance(found, Results)
    return found


def _row(view: View, cell: Cell, line: Line) -> Row:
    """Write a line in words; kind and key are those of `gleichfall stats period --json`."""
    period, part = view.names.period(view.period), view.names.part(cell)
    if line.plain is None:
        hidden = said("results.hidden")
        return (period, part, "", hidden, *[""] * 8, cell.kind.value, cell.name)
    rate, found = line.plain, line.plain.estimate
    limits: Row = ("",) * 5
    if found is not None:
        limits = (*_ends(found.rate), *_ends(found.limits), found.method)
    open_ = ("", "") if rate.bounds is None else _ends(rate.bounds)
    missing = "" if rate.missing is None else rate.missing
    counts = (rate.population, rate.sample)
    return (period, part, *counts, *limits, missing, *open_, cell.kind.value, cell.name)


def _ends(limits: Interval) -> Row:
    return (limits.lower, limits.upper)


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "period-unknown", "There is no such closed period")
