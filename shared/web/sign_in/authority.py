"""Signing in with the authority's account: the way there, the way back, and its end."""

import hmac
import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from shared.web.access import Access, requires
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in import store
from shared.web.sign_in.identity_provider import (
    Attempt,
    IdentityProvider,
    ProviderAway,
    ProviderDisagrees,
)
from shared.web.sign_in.pages import Back, begin
from shared.web.sign_in.recognising import (
    SIGN_IN,
    Happening,
    own_page,
    pool_of,
    show_form,
    sign_in_of,
)

RETURN = f"{SIGN_IN}/return"
_COOKIE = "sign-in"
_PATIENCE = timedelta(minutes=10)

logger = logging.getLogger(__name__)
router = APIRouter(route_class=PageRoute, dependencies=[requires(Access.PUBLIC)])


@router.get(f"{SIGN_IN}/authority")
async def leave(request: Request, back: Back = "/") -> Response:
    """Send somebody to where the authority's people sign in."""
    attempt = Attempt.begin(own_page(back))
    try:
        address = await _provider(request).address(attempt, _return_to(request))
    except ProviderAway as away:
        logger.warning("%s", away)
        return show_form(request, back=own_page(back), problem="away")
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    # One for all windows: many unfinished sign-ins must not fill the browser's room for cookies.
    sign_in_of(request).cookies(request).keep(answer, _COOKIE, quote(str(attempt)), _PATIENCE)
    return answer


@router.get(RETURN)
async def come_back(
    request: Request,
    code: Annotated[str, Query(max_length=4_000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Sign in whoever comes back with an answer to what this browser has asked.

    What doesn't fit (two windows, the back button, a form that lay open for long) begins anew.
    """
    sign_in = sign_in_of(request)
    cookies = sign_in.cookies(request)
    attempt = Attempt.parse(unquote(request.cookies.get(cookies.named(_COOKIE), "")))
    back = own_page(attempt.back) if attempt else "/"
    if attempt is None or not code or not hmac.compare_digest(attempt.state, state):
        return show_form(request, back=back, problem="begin_anew")
    try:
        identity = await _provider(request).redeem(attempt, code, _return_to(request))
    except ProviderAway as away:
        logger.warning("%s", away)
        return show_form(request, back=back, problem="away")
    except ProviderDisagrees as error:
        logger.warning("a sign-in was refused: %s", error)
        return show_form(request, back=back, problem="begin_anew")
    async with pool_of(request).acquire() as connection:
        account = await sign_in.directory.named(connection, identity.login)
        if account is None:
            await sign_in.directory.note(connection, Happening.REFUSED, None)
    if account is None:
        return show_form(request, back=back, problem="no_account")
    answer = await begin(request, account, back, sid=identity.sid)
    cookies.drop(answer, _COOKIE)
    return answer


@router.post(f"{SIGN_IN}/ended")
async def ended(request: Request, logout_token: Annotated[str, Form(max_length=8_000)]) -> Response:
    """Take from the provider that somebody has signed out, or was: back-channel logout.

    https://openid.net/specs/openid-connect-backchannel-1_0.html
    """
    try:
        sid = await _provider(request).ended(logout_token)
    except ProviderDisagrees as error:
        logger.warning("a logout was refused: %s", error)
        raise Problem(HTTPStatus.BAD_REQUEST, "no-logout", "This is no logout of ours") from None
    async with pool_of(request).acquire() as connection:
        await store.end_sessions_of_sid(connection, sid)
    return Response()


def _provider(request: Request) -> IdentityProvider:
    provider = sign_in_of(request).provider
    if provider is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-provider", "Nobody signs in this way here")
    return provider


def _return_to(request: Request) -> str:
    return f"{sign_in_of(request).origin(request)}{RETURN}"
