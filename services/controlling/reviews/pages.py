"""What somebody has to review, and the declaration that opens a case."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.store import changing
from services.controlling.practice import time_limit
from services.controlling.practice.pages import naming, practice_of
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
from services.controlling.reviews.mine import store as mine_store
from services.controlling.reviews.store import PAGE, After
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
LONGEST_REASON = 500

router = APIRouter(prefix="/reviews", route_class=PageRoute, dependencies=[allows(Role.LEADERSHIP)])
Reason = Annotated[str, Form(max_length=LONGEST_REASON)]


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


def place(due: date | None, after: UUID | None) -> After | None:
    """Give where a page of a list begins."""
    return None if due is None or after is None else After(due, after)


@router.get("")
async def mine(
    request: Request,
    signed: SignedIn,
    due: date | None = None,
    after: UUID | None = None,
    told: Told | None = None,
) -> Response:
    """List what somebody has to do: what is complete and lacks the signature first."""
    names = naming(request, signed)
    calendar = names.law.calendar
    soon = calendar.add_working_days(names.today, time_limit.SOON)
    month = calendar.moment(names.today.replace(day=1), time())
    async with pool_of(request).acquire() as connection:
        counts = await mine_store.my_counts(connection, signed.account.id, soon, month)
        found = await mine_store.mine(connection, signed.account.id, place(due, after))
        strata = {one.stratum for task in found for one in task.reviews}
        takes = await store.durations(connection, strata)
    return show(
        request,
        signed,
        "my_reviews.html",
        names=names,
        counts=counts,
        durations=takes,
        longest_hold=names.today + holding.LONGEST,
        complete=[one for one in found if one.complete],
        open_tasks=[one for one in found if not one.complete],
        further=found[-1].first if len(found) == PAGE else None,
        told=told,
    )


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
    try:
        async with pool_of(request).acquire() as connection:
            found = await store.about(connection, review_id, signed.account.id)
    except ReviewUnknown as error:
        raise _missing(error) from error
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
    try:
        async with changing(pool_of(request)) as change:
            await answering.begin(change, signed.account, review_id, practice, datetime.now(UTC))
    except ReviewUnknown as error:
        raise _missing(error) from error
    except ActUnfit as error:
        raise _outdated(error) from error
    return _to(f"/{review_id}/form")


@router.post("/{review_id}/decline")
async def decline(
    request: Request, review_id: UUID, signed: SignedIn, reason: Reason = ""
) -> Response:
    """Declare a conflict: somebody else is to review it."""
    try:
        async with changing(pool_of(request)) as change:
            await assigning.decline(change, signed.account, review_id, reason)
    except ReasonMissing:
        return _to(f"/{review_id}", Told.REASON)
    except ReviewUnknown as error:
        raise _missing(error) from error
    except ActUnfit as error:
        raise _outdated(error) from error
    return _to("", Told.DECLINED)


@router.post("/{review_id}/hand-back")
async def hand_back(
    request: Request, review_id: UUID, signed: SignedIn, reason: Reason = ""
) -> Response:
    """Give a task back: it waits for everybody who may do it."""
    try:
        async with changing(pool_of(request)) as change:
            await assigning.hand_back(change, signed.account, review_id, reason)
    except ReasonMissing:
        return _to("", Told.REASON)
    except ReviewUnknown as error:
        raise _missing(error) from error
    except ActUnfit as error:
        raise _outdated(error) from error
    return _to("", Told.HANDED_BACK)


@router.post("/{review_id}/hold")
async def put_on_hold(
    request: Request,
    review_id: UUID,
    signed: SignedIn,
    reason: Reason = "",
    until: Annotated[date | None, Form()] = None,
) -> Response:
    """Let a task rest until a day."""
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
    try:
        async with changing(pool_of(request)) as change:
            await holding.set_hold_of_mine(change, signed.account, review_id, hold)
    except ReviewUnknown as error:
        raise _missing(error) from error
    except ActUnfit as error:
        raise _outdated(error) from error
    return _to("", Told.RESUMED if hold is None else Told.ON_HOLD)


def _to(path: str, told: Told | None = None) -> Response:
    query = "" if told is None else f"?told={told}"
    return RedirectResponse(f"/reviews{path}{query}", HTTPStatus.SEE_OTHER)


def _missing(error: ReviewUnknown) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "review-unknown", str(error))


def _outdated(error: ActUnfit) -> Problem:
    return Problem(HTTPStatus.CONFLICT, "review-changed", str(error))
