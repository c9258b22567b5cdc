"""Where everybody begins, and what there isn't."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.accounts.access import EVERYBODY
from services.controlling.entrance.navigation import START, begins_at
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

router = APIRouter(route_class=PageRoute, dependencies=[EVERYBODY])
missing = APIRouter(route_class=PageRoute, dependencies=[EVERYBODY])
"""Included last: what no other router has."""


@router.get("/")
async def start(request: Request, signed: SignedIn) -> Response:
    """Lead to the first page of the role here.

    A page of another process is linked to: where a form led, as that of sign-in, browsers refuse to
    go on elsewhere.
    """
    first = begins_at(request.app.state.navigation(signed.account.role))
    if first == START:
        return show(request, signed, "start.html")
    return RedirectResponse(first, HTTPStatus.SEE_OTHER)


@missing.get("/{path:path}")
async def nothing(path: str) -> Response:
    """Say that there is no such page."""
    raise Problem(HTTPStatus.NOT_FOUND, "page-unknown", f"There is no page /{path}")
