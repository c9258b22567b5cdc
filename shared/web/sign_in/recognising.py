"""Telling who sends a request, and asking those to sign in who aren't."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Protocol
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.errors import GleichfallError
from shared.postgres.pool import Connection, Pool
from shared.web.pages.page import pages_of
from shared.web.pages.policy import Caching
from shared.web.pages.refusals import SAFE_METHODS, language_of
from shared.web.pages.words import Language
from shared.web.sign_in import csrf, store
from shared.web.sign_in.identity_provider import IdentityProvider
from shared.web.sign_in.local import Credentials
from shared.web.sign_in.session import Account, Cookies, Limits, Signed

SIGN_IN = "/sign-in"


class Happening(Enum):
    """What sign-in tells the service that keeps the accounts, for its log."""

    SIGNED_IN = "signed_in"
    REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    FORGED = "forged"


class Directory(Protocol):
    """Who keeps the accounts."""

    async def account(self, connection: Connection, account: UUID) -> Account | None:
        """Give an account that isn't locked."""

    async def credentials(self, connection: Connection, login: str) -> Credentials | None:
        """Give what somebody signs in with here; None without a password, or locked."""

    async def named(self, connection: Connection, login: str) -> Account | None:
        """Give the account that isn't locked and that an identity provider calls so."""

    async def note(self, connection: Connection, what: Happening, account: Account | None) -> None:
        """Write down what happened."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in to a service; kept in the state of its application.

    Attributes:
        directory: Who keeps the accounts.
        limits: How long sessions last.
        url: Where browsers find the service; None for the address of each request.
        passwords: Whether there are passwords of our own.
        provider: Who else says who people are.
    """

    directory: Directory
    limits: Limits
    url: str | None
    passwords: bool
    provider: IdentityProvider | None

    def origin(self, request: Request) -> str:
        """Give scheme, host and port as the browser sees them."""
        found = urlsplit(self.url or str(request.base_url))
        return f"{found.scheme}://{found.netloc}"

    def cookies(self, request: Request) -> Cookies:
        """Give what the browser keeps for us."""
        return Cookies(secure=urlsplit(self.origin(request)).scheme == "https")


class Instead(GleichfallError):
    """Nobody is signed in: what asks them to takes the place of the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("nobody is signed in")
        self.response = response


def add_sign_in(app: FastAPI, sign_in: SignIn) -> None:
    """Let people sign in to an application; its pages are included by whoever makes it."""
    app.state.sign_in = sign_in
    app.add_exception_handler(Instead, _ask_instead)


async def _ask_instead(_: Request, error: Exception) -> Response:
    assert isinstance(error, Instead)
    return error.response


def sign_in_of(request: Request) -> SignIn:
    """Give the sign-in of the application that a request reached."""
    found = request.app.state.sign_in
    assert isinstance(found, SignIn)
    return found


def pool_of(request: Request) -> Pool:
    """Give the connections of the application that a request reached."""
    found = request.app.state.pool
    assert isinstance(found, Pool)
    return found


async def signed_in(request: Request) -> Signed:
    """Give who sends a request; a request that changes something must be one of our forms.

    Raises:
        Instead: nobody is signed in; the answer asks them to.
        Forged: somebody else's page sent it.
    """
    known = getattr(request.state, "signed", None)
    if isinstance(known, Signed):
        return known
    sign_in = sign_in_of(request)
    changes = request.method not in SAFE_METHODS
    found = await _find(request, sign_in)
    if found is not None:
        request.state.language = found.session.language
    if changes:
        await _check_form(request, sign_in, found)
    if found is None:
        partly = asked_by_script(request)
        raise Instead(await ask(request) if changes or partly else _redirect(request))
    request.state.signed = found
    return found


def asked_by_script(request: Request) -> bool:
    """Whether a page's own script asks, which wants a part of a page and keeps what was typed."""
    return "x-requested-with" in request.headers


SignedIn = Annotated[Signed, Depends(signed_in)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was sent after its session's end: where it goes, and what stood in it."""

    to: str
    fields: tuple[tuple[str, str], ...]


BACK = "back"
"""The field of a form that names the page to go back to, where the browser can't tell."""


async def ask(request: Request) -> Response:
    """Answer something that was sent after the session's end: nothing of it is lost.

    A page's own script keeps what stands in its form; without it, the sign-in page does.
    """
    if asked_by_script(request):
        return pages_of(request).show(
            "session_over.html",
            language_of(request),
            HTTPStatus.UNAUTHORIZED,
            Caching.PRIVATE,
            back=SIGN_IN,
        )
    return show_form(request, back=await came_from(request), kept=await _sent(request))


def offer(request: Request, kept: Kept, token: str, back: str, status: HTTPStatus) -> Response:
    """Show that what was written in an earlier session is still there, to be sent in this one.

    Args:
        request: What it answers.
        kept: What was sent.
        token: Of the session.
        back: The page to go to instead.
        status: Of the answer.
    """
    return pages_of(request).show(
        "kept.html",
        language_of(request),
        status,
        Caching.PRIVATE,
        kept=kept,
        csrf=token,
        back=back,
        switches={},
    )


def show_form(
    request: Request,
    *,
    back: str,
    problem: str | None = None,
    done: str | None = None,
    login: str = "",
    kept: Kept | None = None,
) -> Response:
    """Show where one signs in.

    Args:
        request: What it answers.
        back: The page to go to afterwards.
        problem: What went wrong before, as the catalogue's key has it.
        done: What went well before, likewise.
        login: What was typed before.
        kept: What was sent after its session's end.
    """
    sign_in = sign_in_of(request)
    fine = problem is None and kept is None
    return pages_of(request).show(
        "sign_in.html",
        language_of(request),
        HTTPStatus.OK if fine else HTTPStatus.UNAUTHORIZED,
        Caching.PRIVATE,
        problem=problem,
        done=done,
        login=login,
        back=back,
        kept=kept,
        passwords=sign_in.passwords,
        elsewhere=sign_in.provider is not None,
        switches={}
        if kept or sign_in.passwords  # the form has them, so that nothing typed is lost
        else switches(f"{SIGN_IN}?next={quote(back, safe='')}"),
    )


def switches(address: str) -> Mapping[Language, str]:
    """Give the addresses of a page in each language."""
    joint = "&" if "?" in address else "?"
    return {language: f"{address}{joint}language={language}" for language in Language}


def own_page(address: str) -> str:
    """Give an address if it is one of our pages, or else the first one: nobody is led elsewhere."""
    parts = urlsplit(address)
    ours = (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not parts.netloc
        and address.isprintable()
        and "\\" not in address
    )
    return address if ours else "/"


async def came_from(request: Request) -> str:
    """Give our own page from which a form was sent, as it says itself, or else the browser."""
    if named := (await request.form()).get(BACK):
        return own_page(str(named))
    parts = urlsplit(request.headers.get("referer", ""))
    return own_page(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")


async def _sent(request: Request) -> Kept:
    """Give the form that was sent, without the token of its session."""
    sent = (await request.form()).multi_items()
    fields = tuple((name, str(value)) for name, value in sent if name != csrf.FIELD)
    return Kept(own_page(request.url.path), fields)


async def _check_form(request: Request, sign_in: SignIn, signed: Signed | None) -> None:
    """Take forms of our own pages only, and of this session if there is one.

    Raises:
        Forged: it comes from elsewhere, or from another session with nothing in it.
        Instead: it comes from another session; what was written can be sent in this one.
    """
    try:
        csrf.check_origin(request, sign_in.origin(request))
        if signed:
            await csrf.check_token(request, signed.session)
    except csrf.Forged as forged:
        if signed and forged.doubt is csrf.Doubt.OTHER and not asked_by_script(request):
            kept = await _sent(request)
            if kept.fields:
                back, token = await came_from(request), signed.session.csrf
                raise Instead(offer(request, kept, token, back, HTTPStatus.FORBIDDEN)) from None
        if signed:
            async with pool_of(request).acquire() as connection:
                await sign_in.directory.note(connection, Happening.FORGED, signed.account)
        raise


async def _find(request: Request, sign_in: SignIn) -> Signed | None:
    session_id = request.cookies.get(sign_in.cookies(request).session)
    if session_id is None:
        return None
    asked = request.query_params.get("language")
    language = Language(asked) if asked in set(Language) else None
    async with pool_of(request).acquire() as connection:
        found = await store.find_session(
            connection, session_id, sign_in.limits, datetime.now(UTC), language
        )
        account = found and await sign_in.directory.account(connection, found.account)
    return Signed(found.session, account) if found and account else None


def _redirect(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    back = own_page(f"{request.url.path}{query}")
    target = SIGN_IN if back == "/" else f"{SIGN_IN}?next={quote(back, safe='')}"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)
