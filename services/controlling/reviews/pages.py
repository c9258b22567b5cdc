"""What somebody has to review, and the declaration that opens a case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator

from services.controlling.accounts import entering
from services.controlling.accounts import store as accounts
from services.controlling.accounts.absence import Absence
from services.controlling.accounts.access import allows, note_refused
from services.controlling.accounts.account import Role
from services.controlling.accounts.errors import AbsenceUnfit
from services.controlling.audit.export import export
from services.controlling.audit.store import Change, changing
from services.controlling.practice import time_limit
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import doubt, naming, practice_of
from services.controlling.reviews import answering, assigning, holding, store
from services.controlling.reviews.errors import (
    ActUnfit,
    HoldUnfit,
    NothingWaits,
    ReasonMissing,
    ReviewerUnfit,
    ReviewUnknown,
)
from services.controlling.reviews.holding import Hold
from services.controlling.reviews.life import State
from services.controlling.reviews.listed import HEADS, Sought, cells
from services.controlling.reviews.mine import store as mine_store
from services.controlling.reviews.mine.store import MINE, Mine, MyTask, Stand
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row, said
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
LONGEST_REASON = 500
_HEADS = (*HEADS, "list.due", "list.state", "list.on_hold_until")

router = APIRouter(prefix="/reviews", route_class=PageRoute, dependencies=[allows(Role.LEADERSHIP)])
Reason = Annotated[Typed, Form(max_length=LONGEST_REASON)]
OptionalDay = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class Told(StrEnum):
    """What became of what was asked for, as the next page says it."""

    HANDED_BACK = "handed_back"
    ON_HOLD = "on_hold"
    RESUMED = "resumed"
    DAY = "day"
    DECLINED = "declined"
    NOTHING_WAITS = "nothing_waits"
    ABSENT = "absent"
    REASON = "reason"
    AWAY = "away"
    BACK = "back"
    AWAY_UNFIT = "away_unfit"


class Absent(BaseModel):
    """Days on which somebody isn't there, as a form sends them; without any, they are there."""

    first: OptionalDay = None
    last: OptionalDay = None

    def absence(self, today: date) -> Absence | None:
        """Read them.

        Raises:
            AbsenceUnfit: they are no absence.
        """
        if self.first is None and self.last is None:
            return None
        return Absence.of(self.first, self.last, today)


Days = Annotated[Absent, Form()]


class Asked(Selection):
    """Which of somebody's reviews are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        state: Annotated[Stand | Literal[""], Query()] = "",
        unit: Key = "",
    ) -> None:
        self.state, self.unit = state, unit
        super().__init__("/reviews", MINE, wanted, q=q, state=state, unit=unit)


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def mine(
    request: Request,
    signed: SignedIn,
    asked: AskedFor,
    told: Told | None = None,
    last: date | None = None,
) -> Response:
    """List what somebody has to do; what is complete and lacks the signature is told first."""
    names = naming(request, signed)
    calendar = names.law.calendar
    soon = calendar.add_working_days(names.today, time_limit.SOON)
    month = calendar.moment(names.today.replace(day=1), time())
    who = signed.account.id
    async with pool_of(request).acquire() as connection:
        counts = await mine_store.my_counts(connection, who, soon, month)
        found = await _page(connection, signed, asked, names, asked.order)
        complete = await mine_store.mine(
            connection, who, Stand.COMPLETE, Sought.of(names), MINE.usual
        )
        shown = [one for task in found.lines for one in task.reviews]
        open_questions = await mine_store.left(connection, shown, practice_of(request))
        known = await store.durations(connection, {one.group for one in shown})
        account = await accounts.get(connection, who)
    return show(
        request,
        signed,
        "my_reviews.html",
        names=names,
        counts=counts,
        takes={one.id: known.of(one.group, open_questions[one.id]) for one in shown},
        longest_hold=names.today + holding.LONGEST,
        away=account,
        complete=[one for one in complete.lines if one.complete],
        tasks=found.lines,
        further=found.further,
        asked=asked,
        stands=list(Stand),
        told=told,
        last=last,
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give what somebody has to do as a table; that they took it is an entry of the log."""
    names = naming(request, signed)

    async def read(connection: Connection, order: Order) -> Page[Mine]:
        found = await _page(connection, signed, asked, names, order)
        return Page([one for task in found.lines for one in task.reviews], found.further)

    def row(one: Mine) -> Row:
        state = Stand.COMPLETE if one.complete else one.state
        return (*cells(one, names), one.due, said(f"mine.state.{state}"), one.on_hold_until)

    return await export(
        request,
        signed,
        "reviews",
        _HEADS,
        order=asked.order,
        read=read,
        row=row,
    )


async def _page(
    connection: Connection, signed: Signed, asked: Asked, names: Naming, order: Order
) -> Page[MyTask]:
    stand, sought = asked.state or None, Sought.of(names, asked.q, asked.unit)
    return await mine_store.mine(connection, signed.account.id, stand, sought, order)


@router.post("/absence")
async def enter_absence(request: Request, signed: SignedIn, days: Days) -> Response:
    """Say when one isn't there, or that one is there again."""
    try:
        absence = days.absence(naming(request, signed).today)
    except AbsenceUnfit:
        return _to("", Told.AWAY_UNFIT)
    async with changing(pool_of(request)) as change:
        await entering.enter_absence(change, signed.account, signed.account.id, absence)
    return _to("", Told.BACK if absence is None else Told.AWAY)


@router.post("/next")
async def take_next(request: Request, signed: SignedIn) -> Response:
    """Give somebody the next review; who has one that they haven't begun gets that one."""
    names = naming(request, signed)
    try:
        async with changing(pool_of(request)) as change:
            given = await assigning.take_next(
                change, signed.account, datetime.now(UTC), names.today
            )
    except NothingWaits:
        return _to("", Told.NOTHING_WAITS)
    except ReviewerUnfit:
        return _to("", Told.ABSENT)
    return _to(f"/{given.id}")


@router.get("/{review_id}")
async def declare(
    request: Request, review_id: UUID, signed: SignedIn, told: Told | None = None
) -> Response:
    """Show what a task is about, and ask for a reason not to review it; no more than that."""
    async with changing_own(request, signed) as change:
        found = await store.about(change.connection, review_id, signed.account.id)
    if found[0].state is not State.ASSIGNED:
        return _to(f"/{review_id}/form")
    names = naming(request, signed)
    return show(
        request,
        signed,
        "conflict.html",
        asked=found[0],
        reviews=sorted(found, key=lambda one: (one.decided_at, one.id)),
        names=names,
        told=told,
    )


@router.post("/{review_id}/take")
async def take(request: Request, review_id: UUID, signed: SignedIn) -> Response:
    """Declare that there is no reason not to review: the task opens."""
    practice = practice_of(request)
    async with _changing(request, signed) as change:
        await answering.begin(change, signed.account, review_id, practice, datetime.now(UTC))
    return _to(f"/{review_id}/form")


@router.post("/{review_id}/decline")
async def decline(
    request: Request, review_id: UUID, signed: SignedIn, reason: Reason = ""
) -> Response:
    """Declare a conflict: somebody else is to review it."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        async with _changing(request, signed) as change:
            await assigning.decline(change, signed.account, review_id, reason)
    except ReasonMissing:
        return _to(f"/{review_id}", Told.REASON)
    return _to("", Told.DECLINED)


@router.post("/{review_id}/hand-back")
async def hand_back(
    request: Request, review_id: UUID, signed: SignedIn, reason: Reason = ""
) -> Response:
    """Give a task back: it waits for everybody who may do it."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        async with _changing(request, signed) as change:
            await assigning.hand_back(change, signed.account, review_id, reason)
    except ReasonMissing:
        return _to("", Told.REASON)
    return _to("", Told.HANDED_BACK)


@router.post("/{review_id}/hold")
async def put_on_hold(
    request: Request,
    review_id: UUID,
    signed: SignedIn,
    reason: Reason = "",
    until: Annotated[date | None, Form()] = None,
) -> Response:
    """Let a task rest until a day; who names one behind its last day is told that."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        hold = Hold.of(until, reason, naming(request, signed).today)
    except HoldUnfit:
        return _to("", Told.DAY)
    except ReasonMissing:
        return _to("", Told.REASON)
    return await _set_hold(request, review_id, signed, hold)


@router.post("/{review_id}/resume")
async def resume(request: Request, review_id: UUID, signed: SignedIn) -> Response:
    """Go on with a task that rests."""
    return await _set_hold(request, review_id, signed, None)


async def _set_hold(
    request: Request, review_id: UUID, signed: Signed, hold: Hold | None
) -> Response:
    async with _changing(request, signed) as change:
        await holding.set_hold_of_mine(change, signed.account, review_id, hold)
        mine = {review_id: signed.account.id}
        last = await holding.runs_out(change.connection, mine, hold)
    return _to("", Told.RESUMED if hold is None else Told.ON_HOLD, last)


@asynccontextmanager
async def _changing(request: Request, signed: Signed) -> AsyncIterator[Change]:
    """Change a review of somebody's own; what can't be done any more is a page that says so."""
    try:
        async with changing_own(request, signed) as change:
            yield change
    except ActUnfit as error:
        raise Problem(HTTPStatus.CONFLICT, "review-changed", str(error)) from error


@asynccontextmanager
async def changing_own(request: Request, signed: Signed) -> AsyncIterator[Change]:
    """Open a transaction about a review of somebody's own; of others' there are none."""
    try:
        async with changing(pool_of(request)) as change:
            yield change
    except ReviewUnknown as error:
        await note_refused(request, signed)
        raise Problem(HTTPStatus.NOT_FOUND, "review-unknown", str(error)) from error


def _to(path: str, told: Told | None = None, last: date | None = None) -> Response:
    query = "" if told is None else f"?told={told}"
    passes = "" if last is None else f"&last={last}"
    return RedirectResponse(f"/reviews{path}{query}{passes}", HTTPStatus.SEE_OTHER)
