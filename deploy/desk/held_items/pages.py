"""What loops failed on and pass over: see it, let it be tried again, give it up, in a browser."""

from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from deploy.desk.acting import LONGEST_REASON, OneService, Reason, acting, key_of, only
from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from shared.configuration.places import SERVICES
from shared.held_items import store
from shared.held_items.store import HeldItem, State, Wanted
from shared.postgres.pool import Connection
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
MOST = 200
"""How many a list shows."""
router = APIRouter(
    prefix="/operations/held-items",
    route_class=PageRoute,
    dependencies=[allows(Role.OPERATIONS)],
)


class Done(StrEnum):
    """What became of what was asked for, as the next page says it."""

    RETRYING = "retrying"
    DISMISSED = "dismissed"
    BEFORE = "before"
    OTHERWISE = "otherwise"
    """Somebody has decided otherwise since the form was shown."""

    @classmethod
    def of(cls, wanted: Wanted, before: State) -> Self:
        """Tell what became of what was wanted, of an item that stood so before."""
        if wanted.follows(before):
            return cls(wanted.state)
        return cls.OTHERWISE if wanted.is_open(before) else cls.BEFORE


Seen = Annotated[State, Form()]
"""How the item stood on the page whose form is sent."""


@router.get("")
async def held_items(
    request: Request, signed: SignedIn, service: OneService = "", *, settled: bool = False
) -> Response:
    """List what is held, those first that are known longest; with what is settled, if asked for."""
    async with pool_of(request).acquire() as connection:
        state = None if settled else State.HELD
        found = await store.find(connection, only(service), state=state, most=MOST + 1)
    return show(
        request,
        signed,
        "held_items.html",
        items=found[:MOST],
        more=len(found) > MOST,
        service=service,
        services=SERVICES,
        settled=settled,
    )


@router.get("/{item}")
async def held_item(
    request: Request, signed: SignedIn, item: UUID, done: Done | None = None
) -> Response:
    """Show one, and what may be done."""
    async with pool_of(request).acquire() as connection:
        found = await _known(connection, item)
    return _page(request, signed, found, done=done)


@router.post("/{item}/retry")
async def retry(
    request: Request, signed: SignedIn, item: UUID, seen: Seen, reason: Reason = ""
) -> Response:
    """Let the loop try it again, in its next round."""
    wanted = Wanted(State.RETRYING, key_of(signed), reason.strip(), seen=seen)
    return await _settle(request, signed, item, wanted)


@router.post("/{item}/dismiss")
async def dismiss(
    request: Request, signed: SignedIn, item: UUID, seen: Seen, reason: Reason = ""
) -> Response:
    """Give it up: the loop passes it over for ever."""
    wanted = Wanted(State.DISMISSED, key_of(signed), reason.strip(), seen=seen)
    return await _settle(request, signed, item, wanted)


_ACTS = {State.RETRYING: Act.HELD_ITEM_RETRIED, State.DISMISSED: Act.HELD_ITEM_DISMISSED}


async def _settle(request: Request, signed: Signed, item: UUID, wanted: Wanted) -> Response:
    if not wanted.because:
        async with pool_of(request).acquire() as connection:
            found = await _known(connection, item)
        return _page(request, signed, found, refused=wanted.state)
    async with acting(pool_of(request)) as change:
        before = await store.settle(change.connection, item, wanted)
        if before is None:
            raise _unknown()
        if wanted.follows(before):
            change.note(Entry.by(signed.account, _ACTS[wanted.state], f"held-item:{item}"))
    done = Done.of(wanted, before)
    return RedirectResponse(f"/operations/held-items/{item}?done={done}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    signed: Signed,
    item: HeldItem,
    *,
    done: Done | None = None,
    refused: State | None = None,
) -> Response:
    return show(
        request,
        signed,
        "held_item.html",
        HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        item=item,
        acts=[state for state in _ACTS if Wanted(state, "", "").follows(item.state)],
        done=done if item.settlement else None,
        refused=refused,
        longest_reason=LONGEST_REASON,
    )


async def _known(connection: Connection, item: UUID) -> HeldItem:
    for found in await store.find(connection, SERVICES, item=item):
        return found
    raise _unknown()


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "held-item-unknown", "There is no such held item")
