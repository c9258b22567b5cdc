"""Who has which review, and what nobody has: the board of those who assign."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from services.controlling.accounts import entering
from services.controlling.accounts import store as accounts
from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.accounts.errors import AbsenceUnfit
from services.controlling.audit.export import export
from services.controlling.audit.store import changing
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import doubt, naming
from services.controlling.reviews import assigning, holding, store
from services.controlling.reviews.board import store as board_store
from services.controlling.reviews.board.store import OnBoard, Shown
from services.controlling.reviews.board.workload import workload
from services.controlling.reviews.errors import HoldUnfit, ReasonMissing, ReviewerUnfit
from services.controlling.reviews.holding import Hold
from services.controlling.reviews.listed import Sought, drawn_for
from services.controlling.reviews.pages import LONGEST_REASON, Absent, Reason
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
_HEADS = (
    *("list.kind", "list.unit", "list.why", "list.due", "board.holder", "list.on_hold_until"),
)
router = APIRouter(prefix="/board", route_class=PageRoute, dependencies=[allows(Role.CONTROLLING)])

_NAMED = 20
"""Reviews at most that are named when somebody else has changed them meanwhile."""
Stale = Annotated[Sequence[UUID], Query(max_length=_NAMED)]
Ticked = Annotated[list[str] | None, Form(max_length=assigning.AT_ONCE)]


class Told(StrEnum):
    """What became of what was asked for."""

    ASSIGNED = "assigned"
    NOBODY = "nobody"
    NOTHING = "nothing"
    WHOM = "whom"
    ON_HOLD = "on_hold"
    RESUMED = "resumed"
    DAY = "day"
    REASON = "reason"
    AWAY = "away"
    BACK = "back"
    AWAY_UNFIT = "away_unfit"


class AbsentOne(Absent):
    """Somebody who reviews, and when they aren't there."""

    account: UUID


class Asked(Selection):
    """Which reviews are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        state: Annotated[Shown | Literal[""], Query()] = "",
        unit: Key = "",
    ) -> None:
        self.state, self.unit = state, unit
        super().__init__("/board", board_store.BOARD, wanted, q=q, state=state, unit=unit)


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def board(
    request: Request,
    signed: SignedIn,
    asked: AskedFor,
    *,
    told: Told | None = None,
    done: Annotated[int, Query(ge=0)] = 0,
    kept: Annotated[int, Query(ge=0)] = 0,
    last: date | None = None,
    stale: Stale = (),
) -> Response:
    """Show what waits and who has how much, and what somebody else has changed meanwhile."""
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        counts = await board_store.board_counts(connection, names.today)
        work = await board_store.open_work(connection)
        loads = await store.loads(connection, names.today)
        found = await _page(connection, asked, names, asked.order)
        changed = await board_store.holders(connection, stale)
    return show(
        request,
        signed,
        "board.html",
        names=names,
        counts=counts,
        longest_hold=names.today + holding.LONGEST,
        loads=loads,
        reviews=found.lines,
        further=found.further,
        asked=asked,
        choices=list(Shown),
        workload=workload(work, [one.reviewer for one in loads], names.today),
        told=told,
        done=done,
        kept=kept,
        last=last,
        changed=changed,
        gone=len(stale) - len(changed),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give the reviews asked for as a table; that somebody took it is an entry of the log."""
    names = naming(request, signed)
    return await export(
        request,
        signed,
        "board",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: _page(connection, asked, names, order),
        row=lambda one: _row(one, names),
    )


def _row(one: OnBoard, names: Naming) -> Row:
    kind = names.kind(one.type_code, one.decided_at)
    return (
        kind,
        names.unit(one.unit),
        drawn_for(one.reasons),
        one.due,
        one.name,
        one.on_hold_until,
    )


async def _page(connection: Connection, asked: Asked, names: Naming, order: Order) -> Page[OnBoard]:
    sought = Sought.of(names, asked.q, asked.unit)
    return await board_store.board(connection, asked.state or None, sought, order)


@router.post("/assign")
async def assign(
    request: Request,
    signed: SignedIn,
    to: Annotated[UUID | None, Form(), BeforeValidator(lambda value: value or None)] = None,
    review: Ticked = None,
) -> Response:
    """Give somebody the reviews that were ticked, each from the holder that was seen."""
    seen = _seen(review or [])
    if not seen:
        return _back(Told.NOTHING)
    if to is None:
        return _back(Told.WHOM)
    names = naming(request, signed)
    try:
        async with changing(pool_of(request)) as change:
            given = await assigning.assign(
                change, signed.account, to, seen, now=datetime.now(UTC), today=names.today
            )
    except ReviewerUnfit:
        return _back(Told.NOBODY)
    changed = {one.id for one in given if one.changed}
    others = [one.id for one in given if one.id in seen and one.account not in (seen[one.id], to)]
    return _back(Told.ASSIGNED, len(changed), len(seen.keys() - changed), stale=others)


@router.post("/hold")
async def put_on_hold(
    request: Request,
    signed: SignedIn,
    review: Ticked = None,
    reason: Reason = "",
    until: Annotated[date | None, Form()] = None,
) -> Response:
    """Let the reviews that were ticked rest until a day; what waits for anybody can't rest."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        hold = Hold.of(until, reason, naming(request, signed).today)
    except HoldUnfit:
        return _back(Told.DAY)
    except ReasonMissing:
        return _back(Told.REASON)
    return await _set_hold(request, signed, review, hold)


@router.post("/resume")
async def resume(request: Request, signed: SignedIn, review: Ticked = None) -> Response:
    """Let the reviews that were ticked go on."""
    return await _set_hold(request, signed, review, None)


async def _set_hold(
    request: Request, signed: Signed, review: Ticked, hold: Hold | None
) -> Response:
    ticked = _seen(review or [])
    if not ticked:
        return _back(Told.NOTHING)
    held = {one: holder for one, holder in ticked.items() if holder is not None}
    async with changing(pool_of(request)) as change:
        changed = set(await holding.set_hold(change, signed.account, held, hold))
        last = await holding.runs_out(change.connection, held, hold)
    told = Told.RESUMED if hold is None else Told.ON_HOLD
    return _back(told, len(changed), len(ticked.keys() - changed), last)


@router.post("/absence")
async def enter_absence(
    request: Request, signed: SignedIn, days: Annotated[AbsentOne, Form()]
) -> Response:
    """Say when somebody who reviews isn't there, or that they are there again."""
    try:
        absence = days.absence(naming(request, signed).today)
    except AbsenceUnfit:
        return _back(Told.AWAY_UNFIT)
    async with changing(pool_of(request)) as change:
        found = await accounts.get(change.connection, days.account)
        if found is None or found.role is not Role.LEADERSHIP:
            raise Problem(HTTPStatus.NOT_FOUND, "reviewer-unknown", "Nobody reviews with that")
        await entering.enter_absence(change, signed.account, found.id, absence)
    return _back(Told.BACK if absence is None else Told.AWAY)


@router.post("/spread")
async def spread(request: Request, signed: SignedIn) -> Response:
    """Spread what waits over everybody by what they have to do."""
    names = naming(request, signed)
    async with changing(pool_of(request)) as change:
        done = await assigning.spread_waiting(
            change, signed.account, datetime.now(UTC), names.today
        )
    return _back(Told.ASSIGNED, done)


def _seen(ticked: list[str]) -> Mapping[UUID, UUID | None]:
    """Read `review:holder`; without a holder, it waited."""
    try:
        pairs = [one.partition(":") for one in ticked]
        return {UUID(review): UUID(holder) if holder else None for review, _, holder in pairs}
    except ValueError:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "review-unreadable", "That is no review"
        ) from None


def _back(
    told: Told,
    done: int = 0,
    kept: int = 0,
    last: date | None = None,
    *,
    stale: Sequence[UUID] = (),
) -> Response:
    passes = "" if last is None else f"&last={last}"
    passes += "".join(f"&stale={one}" for one in stale[:_NAMED])
    address = f"/board?told={told}&done={done}&kept={kept}{passes}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
