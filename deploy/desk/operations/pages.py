"""How everything is: a line per process, and what waits in each service."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from deploy.desk.operations import look
from services.controlling.accounts.access import allows, may_open
from services.controlling.entrance.navigation import OPERATES
from shared.web.pages.refusals import PageRoute
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
REFRESH = 30
"""Seconds after which the page comes anew, for who wants that."""
TIMES = 60
"""So often it does, half an hour: if it never ended, no session of somebody who has left would."""
router = APIRouter(prefix="/operations", route_class=PageRoute, dependencies=[allows(*OPERATES)])


@router.get("")
async def operations(
    request: Request,
    signed: SignedIn,
    *,
    refresh: bool = False,
    left: Annotated[int, Query(ge=0, le=TIMES)] = TIMES,
) -> Response:
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
        refresh=refresh and left > 0,
        seconds=REFRESH,
    )
    if refresh and left:
        answer.headers["Refresh"] = f"{REFRESH}; url=/operations?refresh=true&left={left - 1}"
    return answer
