"""The page of a display, and the same for people who are signed in.

It is asked for by a screen that nobody sits at, so it needs no script: the answer itself says when
to ask again.
"""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.displays import store
from services.controlling.displays.display import Display
from services.controlling.displays.screens import Screens
from services.controlling.displays.wall import Wall
from services.controlling.practice.pages import practice_of
from services.controlling.service_figures.names import Names
from services.controlling.service_figures.pages import READERS
from shared.errors import TransientError
from shared.organisation.calendar import Calendar
from shared.postgres.errors import TRANSIENT
from shared.security.bearer import hash_of
from shared.web.access import Access, requires
from shared.web.pages.page import pages_of
from shared.web.pages.policy import Caching
from shared.web.pages.refusals import PageRoute, language_of
from shared.web.pages.words import Language
from shared.web.problems import Problem
from shared.web.sign_in.recognising import SignedIn, pool_of, sign_in_of
from shared.web.sign_in.session import Cookies
from shared.web.strangers import refusal

FOLDER = Path(__file__).parent
AGAIN = timedelta(minutes=1)
"""After so long a screen asks again."""
LISTED = 4
"""Services whose lead time has room on a screen."""
_COOKIE, _LASTS = "display", timedelta(days=400)
"""No browser keeps one longer; each answer begins its time anew."""
_AWAY = (TransientError, *TRANSIENT)
router = APIRouter(route_class=PageRoute)


class KeyUnknown(Problem):
    """Somebody has no key of a display, or one that was revoked."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN, "display-unknown", "No display has this key", "Ask for a new one."
        )


class NothingToShow(Problem):
    """The database is away, and this display has shown nothing today; it asks again by itself."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "display-dark",
            "There is nothing to show now",
            headers={"Refresh": f"{AGAIN.total_seconds():.0f}"},
        )


async def recognised(request: Request) -> Display:
    """Give the display whose key a request has, in its address or from before.

    Raises:
        KeyUnknown: it has none that is good.
        NothingToShow: that can't be asked now, and wasn't before.
    """
    key = request.path_params.get("key") or request.cookies.get(_cookies(request).named(_COOKIE))
    key_hash, screens = hash_of(key or ""), _screens(request)
    try:
        async with pool_of(request).acquire() as connection:
            display = await store.use(connection, key_hash)
    except _AWAY:
        known = screens.known(key_hash)
        if known is None:
            raise NothingToShow from None
        return known
    if display is None:
        screens.refused(key_hash)
        raise refusal(request, KeyUnknown())
    screens.recognised(key_hash, display)
    return display


Shown = Annotated[Display, requires(Access.DISPLAY)]


@router.get("/display/{key}", dependencies=[requires(Access.DISPLAY)])
async def begin(request: Request, key: str) -> Response:
    """Let a screen keep its key, and lead it where none stands in the address."""
    asked = f"?{request.url.query}" if request.url.query else ""
    response = RedirectResponse(f"/display{asked}", HTTPStatus.SEE_OTHER)
    _cookies(request).keep(response, _COOKIE, key, _LASTS)
    return response


@router.get("/display")
async def display(request: Request, shown: Shown) -> Response:
    """Say how the service stands today; while the database is away, how it last did.

    Raises:
        NothingToShow: the database is away, and nothing was shown today.
    """
    found, dark = await _found(request, shown)
    response = _show(request, language_of(request), found, shown.office, dark=dark)
    response.headers["Refresh"] = f"{AGAIN.total_seconds():.0f}"
    cookies = _cookies(request)
    cookies.keep(response, _COOKIE, request.cookies[cookies.named(_COOKIE)], _LASTS)
    return response


async def _found(request: Request, shown: Display) -> tuple[Wall, bool]:
    """Give what a display shows, and whether that is what it showed before."""
    organisation, screens, now = practice_of(request).law.organisation, _screens(request), _now()
    try:
        async with pool_of(request).acquire() as connection:
            found = await store.read_wall(connection, organisation, shown.office, now)
    except _AWAY:
        last = screens.last(shown)
        day_of = Calendar.of(organisation).day_of
        if last is None or day_of(last.read_at) != day_of(now):
            raise NothingToShow from None
        return last, True
    screens.shown(shown, found)
    return found, False


@router.get("/today/display", dependencies=[READERS])
async def preview(request: Request, signed: SignedIn) -> Response:
    """Show people what hangs there; it doesn't ask again, or no session of theirs would end."""
    organisation = practice_of(request).law.organisation
    async with pool_of(request).acquire() as connection:
        found = await store.read_wall(connection, organisation, None, _now())
    return _show(request, signed.session.language, found, None, preview=True)


def _show(
    request: Request,
    language: Language,
    found: Wall,
    office: str | None,
    *,
    dark: bool = False,
    preview: bool = False,
) -> Response:
    organisation = practice_of(request).law.organisation
    return pages_of(request).show(
        "display.html",
        language,
        caching=Caching.PRIVATE,
        found=found,
        listed=found.lead_times[:LISTED],
        more=max(0, len(found.lead_times) - LISTED),
        dark=dark,
        told_on=None if found.told_at is None else Calendar.of(organisation).day_of(found.told_at),
        office=office,
        names=Names.of(organisation, language),
        goals=organisation.goals.service,
        preview=preview,
    )


def _screens(request: Request) -> Screens:
    found = request.app.state.screens
    assert isinstance(found, Screens)
    return found


def _cookies(request: Request) -> Cookies:
    return sign_in_of(request).cookies(request)


def _now() -> datetime:
    return datetime.now(UTC)
