"""The accounts, for those who keep them: they see no review."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic_core import to_json

from services.controlling.accounts import store
from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Account, Role
from services.controlling.accounts.store import Filter
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.export import export
from services.controlling.audit.store import changing
from shared.law.decision_types import DecisionGroup, DecisionTypes
from shared.web.pages.cells import Row, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Search, Selection, WantedPage
from shared.web.pages.words import Language
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

_HEADS = (
    *("accounts.login", "accounts.name", "accounts.role", "accounts.unit", "accounts.groups"),
    *("accounts.share", "accounts.absent_from", "accounts.absent_until", "accounts.locked_at"),
    "accounts.created",
)
router = APIRouter(prefix="/accounts", route_class=PageRoute, dependencies=[allows(Role.ADMIN)])


class Done(StrEnum):
    """What went well before the page that says so."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"


class State(StrEnum):
    """Which accounts are shown, by whether somebody may sign in with them."""

    OPEN = "open"
    LOCKED = "locked"


class Asked(Selection):
    """Which accounts are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        role: Annotated[Role | Literal[""], Query()] = "",
        state: Annotated[State | Literal[""], Query()] = "",
    ) -> None:
        self.role, self.state = role, state
        super().__init__("/accounts", store.ACCOUNTS, wanted, q=q, role=role, state=state)

    @property
    def filter(self) -> Filter:
        """What the store understands."""
        locked = self.state is State.LOCKED if self.state else None
        return Filter(self.text, self.role or None, locked)


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def accounts(
    request: Request, signed: SignedIn, asked: AskedFor, done: Done | None = None
) -> Response:
    """List accounts by name."""
    words = _words(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await store.page(connection, asked.filter, asked.order, words)
        opened = await store.count_open(connection)
    return show(
        request,
        signed,
        "accounts.html",
        accounts=found.lines,
        further=found.further,
        asked=asked,
        roles=list(Role),
        open=opened,
        done=done,
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all accounts asked for as a table; that somebody took it is an entry of the log."""
    words = _words(request, signed)
    return await export(
        request,
        signed,
        "accounts",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: store.page(connection, asked.filter, order, words),
        row=lambda one: _row(request, one, signed.session.language),
    )


@router.get("/{account}/lock")
async def ask(request: Request, account: UUID, signed: SignedIn) -> Response:
    """Ask once more before somebody is thrown out."""
    _not_own(account, signed)
    async with pool_of(request).acquire() as connection:
        found = await store.get(connection, account)
    _known(found)
    return show(request, signed, "account_lock.html", found=found)


@router.post("/{account}/lock")
async def lock(request: Request, account: UUID, signed: SignedIn) -> Response:
    """Let somebody sign in no more; nobody locks themselves out."""
    _not_own(account, signed)
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


def _words(request: Request, signed: Signed) -> str:
    pages, language = pages_of(request), signed.session.language
    roles = pages.words(language, *(f"role.{role}" for role in Role))
    return to_json({**roles, **pages.units(language)}).decode()


def _row(request: Request, one: Account, language: Language) -> Row:
    unit = one.unit and pages_of(request).unit(language, one.unit)
    known = {group.key: group.name for group in _groups()}
    groups = ", ".join(str(getattr(known.get(key), language, key)) for key in one.groups)
    who = (one.login, one.name, said(f"role.{one.role}"), unit, groups, one.share)
    return (*who, one.absent_from, one.absent_until, one.locked_at, one.created_at)


@cache
def _groups() -> tuple[DecisionGroup, ...]:
    return DecisionTypes.load().groups


def _not_own(account: UUID, signed: Signed) -> None:
    if account == signed.account.id:
        raise Problem(HTTPStatus.CONFLICT, "own-account", "Somebody else must lock this account")


def _known(account: object) -> None:
    if account is None:
        raise Problem(HTTPStatus.NOT_FOUND, "account-unknown", "There is no such account")


def _back(done: Done) -> Response:
    return RedirectResponse(f"/accounts?done={done}", HTTPStatus.SEE_OTHER)
