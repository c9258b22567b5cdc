"""How the software is: one line per process, and what waits for a person."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.entrance.navigation import OPERATES
from shared.web.pages.refusals import PageRoute
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

FOLDER = Path(__file__).parent
router = APIRouter(prefix="/operations", route_class=PageRoute, dependencies=[allows(*OPERATES)])


@router.get("")
async def operations(request: Request, signed: SignedIn) -> Response:
    """Show how everything is."""
    return show(request, signed, "operations.html")
