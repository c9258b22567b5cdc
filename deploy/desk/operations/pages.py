"""How everything is: a line per process, and what waits in each service."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from deploy.desk.operations import look
from services.controlling.accounts.access import allows, may_open
from services.controlling.entrance.navigation import OPERATES
from shared.web.pages.refusals import PageRoute
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
REFRESH = 30
"""Seconds after which the page comes anew, for who wants that."""
router = APIRouter(prefix="/operations", route_class=PageRoute, dependencies=[allows(*OPERATES)])


@router.get("")
async def operations(request: Request, signed: SignedIn, *, refresh: bool = False) -> Response:
    """Show how everything is; what doesn't answer is a line that says so."""
    running = await look.processes(request.app.state.processes)
    async with pool_of(request).acquire() as connection:
        found = await look.look(connection, running)
    settles = may_open(request, signed, "/operations/dead-letters")
    answer = show(
        request,
        signed,
        "operations.html",
        found=found,
        settles=settles,
        refresh=refresh,
        seconds=REFRESH,
    )
    if refresh:
        answer.headers["Refresh"] = str(REFRESH)
    return answer
