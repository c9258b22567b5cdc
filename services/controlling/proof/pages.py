"""The public pages of the draws: anyone may see what was promised, and check it."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.errors import PeriodUnknown
from services.controlling.policy.strata import Stratum
from services.controlling.proof import store
from services.controlling.proof.publication import publication_of
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.web.access import Access, requires
from shared.web.pages.page import AskedLanguage, Pages, add_pages, pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.words import Language
from shared.web.problems import Problem

router = APIRouter(prefix="/draws", route_class=PageRoute, dependencies=[requires(Access.PUBLIC)])
start = APIRouter(dependencies=[requires(Access.PUBLIC)])


class Labels:
    """What strata are called on pages."""

    def __init__(self, types: DecisionTypes, organisation: Organisation) -> None:
        self._groups: Mapping[str, object] = {one.key: one.name for one in types.groups}
        self._units: Mapping[str, object] = {one.key: one.name for one in organisation.units}

    def group(self, stratum: Stratum, language: Language) -> str:
        """Name a group of decisions; one that isn't known any more by its key."""
        return getattr(self._groups.get(stratum.group), language, stratum.group)

    def unit(self, stratum: Stratum, language: Language) -> str:
        """Name a unit; one of logs from elsewhere by its key."""
        return getattr(self._units.get(stratum.unit), language, stratum.unit)


def add_public_pages(app: FastAPI, organisation: Organisation) -> None:
    """Give the service its pages; they read from `app.state.pool`."""
    app.state.labels = Labels(DecisionTypes.load(), organisation)
    app.state.zone = organisation.jurisdiction.time_zone
    add_pages(app, Pages([Path(__file__).parent], organisation), start, router)


def connections(request: Request) -> Pool:
    """Give the connections that the app put into its state."""
    found = request.app.state.pool
    assert isinstance(found, Pool)
    return found


Connections = Annotated[Pool, Depends(connections)]


@start.get("/")
@router.get("/")
async def lead() -> Response:
    """Lead to the pages that there are."""
    return RedirectResponse(router.prefix)


@router.get("")
async def draws(
    request: Request, pool: Connections, language: AskedLanguage = Language.GERMAN
) -> Response:
    """List all periods with their commitments."""
    async with pool.acquire() as connection:
        records = await store.public_records(connection)
    periods = [publication_of(one, request.app.state.zone) for one in records]
    return pages_of(request).show("draws.html", language, periods=periods)


@router.get("/{period}")
async def draw(
    request: Request, period: str, pool: Connections, language: AskedLanguage = Language.GERMAN
) -> Response:
    """Show one period: its commitment, and once it is closed its seed and counts."""
    async with pool.acquire() as connection:
        found = await store.public_records(connection, period)
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "period-unknown", str(PeriodUnknown(period)))
    state = request.app.state
    publication = publication_of(found[0], state.zone)
    return pages_of(request).show("draw.html", language, period=publication, labels=state.labels)
