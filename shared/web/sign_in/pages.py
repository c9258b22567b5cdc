"""The pages on which people sign in and out."""

from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response, params
from fastapi.responses import RedirectResponse

from shared.errors import PermanentError
from shared.observe.occurrence import Occurrence
from shared.postgres.pool import Connection
from shared.web.access import Access, requires
from shared.web.pages.refusals import PageRoute, language_of
from shared.web.problems import note_of
from shared.web.sign_in import csrf, local, store
from shared.web.sign_in.recognising import (
    SIGN_IN,
    Directory,
    Happening,
    Kept,
    SignedIn,
    offer,
    own_page,
    pool_of,
    show_form,
    sign_in_of,
)
from shared.web.sign_in.session import Account, address_of, hash_of, is_private

FOLDER = Path(__file__).parent
"""Where the words and templates of these pages stand."""

_KEPT = "kept."
# What no person's login and password exceed; more would only cost time.
_LONGEST = 200

Back = Annotated[str, Query(alias="next", max_length=2_000)]
Text = Annotated[str, Form(max_length=_LONGEST)]

router = APIRouter(route_class=PageRoute, dependencies=[requires(Access.PUBLIC)])


class Done(StrEnum):
    """What went well before the page that says so."""

    SIGNED_OUT = "signed_out"


class Refused(PermanentError):
    """Somebody can't sign in; `problem` is the catalogue's key for why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"sign-in refused: {problem}")
        self.problem = problem


@router.get(SIGN_IN)
async def form(request: Request, back: Back = "/", done: Done | None = None) -> Response:
    """Show where one signs in."""
    return show_form(request, back=own_page(back), done=done)


@router.post(SIGN_IN)
async def with_password(
    request: Request,
    login: Text = "",
    password: Text = "",
    back: Annotated[str, Form()] = "/",
    *,
    only_language: Annotated[bool, Form()] = False,
) -> Response:
    """Sign somebody in with a password of our own; or show the page in the language asked for."""
    csrf.check_origin(request, sign_in_of(request).origin(request))
    kept = await _kept(request)
    if only_language:
        return show_form(request, back=own_page(back), login=login, kept=kept)
    try:
        account = await _check(request, login, password)
    except Refused as refused:
        note_of(request, Occurrence.SIGN_IN_REFUSED, refused.problem)
        return show_form(
            request, back=own_page(back), problem=refused.problem, login=login, kept=kept
        )
    return await begin(request, account, own_page(back), kept=kept)


async def begin(
    request: Request,
    account: Account,
    back: str,
    *,
    sid: str | None = None,
    kept: Kept | None = None,
) -> Response:
    """Begin a session, always a new one, and lead on to where somebody wanted to be."""
    sign_in, language, now = sign_in_of(request), language_of(request), datetime.now(UTC)
    cookies = sign_in.cookies(request)
    async with pool_of(request).acquire() as connection, connection.transaction():
        if before := request.cookies.get(cookies.session):
            await store.end_session(connection, hash_of(before))
        opened = await store.open_session(
            connection, account.id, language, sign_in.limits, now=now, sid=sid
        )
        await sign_in.directory.note(connection, Happening.SIGNED_IN, account)
    note_of(request, Occurrence.SIGNED_IN, "session begun", who=str(account.id))
    if kept is None:
        answer: Response = RedirectResponse(back, HTTPStatus.SEE_OTHER)
    else:
        answer = offer(request, kept, opened.csrf, back, HTTPStatus.OK)
    cookies.keep(answer, "session", opened.session_id, sign_in.limits.longest)
    return answer


def for_signed_in(allowed: params.Depends) -> APIRouter:
    """Give the pages of those who are signed in."""
    inside = APIRouter(route_class=PageRoute, dependencies=[allowed])

    @inside.post("/sign-out")
    async def sign_out(request: Request, signed: SignedIn) -> Response:
        sign_in = sign_in_of(request)
        async with pool_of(request).acquire() as connection, connection.transaction():
            await store.end_session(connection, signed.session.id_hash)
            await sign_in.directory.note(connection, Happening.SIGNED_OUT, signed.account)
        note_of(request, Occurrence.SIGNED_OUT, "session ended", who=str(signed.account.id))
        answer = RedirectResponse(f"{SIGN_IN}?done={Done.SIGNED_OUT}", HTTPStatus.SEE_OTHER)
        sign_in.cookies(request).drop(answer, "session")
        return answer

    return inside


async def _check(request: Request, login: str, password: str) -> Account:
    """Give whose login and password these are; the answer takes equally long for nobody's.

    Raises:
        Refused: they don't fit, somebody guesses, or nobody signs in so here.
    """
    sign_in = sign_in_of(request)
    directory = sign_in.directory
    if not sign_in.passwords or not is_private(sign_in.origin(request)):
        raise Refused("not_here")
    async with pool_of(request).acquire() as connection:
        credentials = await directory.credentials(connection, login)
        try:
            login_hash = await local.admit(
                connection, login, address_of(request), datetime.now(UTC)
            )
        except local.TooManyAttempts as refused:
            if refused.is_first:
                await directory.note(
                    connection, Happening.REFUSED, await _meant(connection, directory, credentials)
                )
            raise Refused("too_many") from None
    # Without a connection, of which there are few: this takes long.
    right = await local.fits(password, credentials)
    async with pool_of(request).acquire() as connection:
        known = await _meant(connection, directory, credentials)
        if known is None or not right:
            await directory.note(connection, Happening.REFUSED, known)
            raise Refused("wrong")
        await store.forget_attempts(connection, login_hash)
    return known


async def _meant(
    connection: Connection, directory: Directory, credentials: local.Credentials | None
) -> Account | None:
    return await directory.account(connection, credentials.account) if credentials else None


async def _kept(request: Request) -> Kept | None:
    """Give the form that waits for this sign-in, which the sign-in page carried along."""
    sent = (await request.form()).multi_items()
    fields = tuple(
        (name.removeprefix(_KEPT), str(value)) for name, value in sent if name.startswith(_KEPT)
    )
    to = own_page(next((str(value) for name, value in sent if name == "to"), ""))
    return Kept(to, fields) if fields else None
