"""The accounts, for those who keep them: they see no review."""

from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.accounts import store
from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

router = APIRouter(prefix="/accounts", route_class=PageRoute, dependencies=[allows(Role.ADMIN)])


class Done(StrEnum):
    """What went well before the page that says so."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"


@router.get("")
async def accounts(request: Request, signed: SignedIn, done: Done | None = None) -> Response:
    """List all accounts."""
    async with pool_of(request).acquire() as connection:
        found = await store.every(connection)
    return show(
        request,
        signed,
        "accounts.html",
        accounts=found,
        open=sum(1 for one in found if one.locked_at is None),
        done=done,
    )


@router.post("/{account}/lock")
async def lock(request: Request, account: UUID, signed: SignedIn) -> Response:
    """Let somebody sign in no more; nobody locks themselves out."""
    if account == signed.account.id:
        raise Problem(HTTPStatus.CONFLICT, "own-account", "Somebody else must lock this account")
    async with changing(pool_of(request)) as change:
        _known(await store.get(change.connection, account))
        if await store.lock(change.connection, account, datetime.now(UTC)):
            change.note(Entry.by(signed.account, Act.ACCOUNT_LOCKED, f"account:{account}"))
    return _back(Done.LOCKED)


@router.post("/{account}/unlock")
async def unlock(request: Request, account: UUID, signed: SignedIn) -> Response:
    """Let somebody sign in again."""
    async with changing(pool_of(request)) as change:
        _known(await store.get(change.connection, account))
        if await store.unlock(change.connection, account):
            change.note(Entry.by(signed.account, Act.ACCOUNT_UNLOCKED, f"account:{account}"))
    return _back(Done.UNLOCKED)


def _known(account: object) -> None:
    if account is None:
        raise Problem(HTTPStatus.NOT_FOUND, "account-unknown", "There is no such account")


def _back(done: Done) -> Response:
    return RedirectResponse(f"/accounts?done={done}", HTTPStatus.SEE_OTHER)
