"""The dashboards as pages, for who has no Grafana: what stands on each panel, as it is now."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import inf
from pathlib import Path

from fastapi import APIRouter, Request, Response

from deploy.dashboards.boards import BOARDS
from deploy.desk.views.told import look
from deploy.desk.views.view import View, views
from services.controlling.accounts.access import allows
from services.controlling.entrance.navigation import OPERATES
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

FOLDER = Path(__file__).parent
WORDS: Mapping[str, str] = {
    "certificate": "operations.certificate",
    "channel": "messages.by",
    "clock": "views.clock",
    "event": "views.event",
    "kind": "views.kind",
    "outcome": "views.outcome",
    "period": "views.period",
    "reason": "views.reason",
    "standing": "views.standing",
    "state": "views.state",
    "use": "views.use",
}
"""Under which keys of the catalogues the values of a label stand; those of others are names."""
WORDS_OF: Mapping[tuple[str, str], str] = {
    ("gleichfall_intake_events_refused_total", "reason"): "defect"
}
"""The same, for a label of one metric alone."""
_BOARDS = {board.key: board for board in BOARDS}
router = APIRouter(
    prefix="/operations/views", route_class=PageRoute, dependencies=[allows(*OPERATES)]
)


@router.get("")
async def overview(request: Request, signed: SignedIn) -> Response:
    """List the dashboards, and on which panels something stands out."""
    found = await look(request.app.state.processes)
    outstanding = [
        (board, [one.panel for one in views(board, found) if one.stands_out]) for board in BOARDS
    ]
    return show(request, signed, "views.html", look=found, outstanding=outstanding)


@router.get("/{key}")
async def board(request: Request, signed: SignedIn, key: str) -> Response:
    """Show one dashboard."""
    if key not in _BOARDS:
        raise Problem(HTTPStatus.NOT_FOUND, "view-unknown", "There is no such view")
    found = await look(request.app.state.processes)
    return show(
        request,
        signed,
        "view.html",
        look=found,
        board=_BOARDS[key],
        boards=BOARDS,
        views=views(_BOARDS[key], found),
        words=_words,
        timedelta=timedelta,
        infinite=inf,
    )


def _words(view: View, label: str) -> str | None:
    """Give under which keys of the catalogues the values of a panel's label stand, if in words."""
    return WORDS_OF.get((view.metric, label), WORDS.get(label))
