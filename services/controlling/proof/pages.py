"""The public pages of the draws: anyone may see what was promised, and check it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.chain.store import heads
from services.controlling.errors import PeriodUnknown
from services.controlling.policy.strata import Stratum
from services.controlling.proof import store
from services.controlling.proof.errors import HeadUnstamped
from services.controlling.proof.fault import FaultKind
from services.controlling.proof.publication import publication_of
from services.controlling.stamps.store import head_stamp, head_stamps
from shared.configuration.places import AUDITORS
from shared.events.vocabulary import WitnessRole
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.security.time_stamps import REPLY
from shared.web.access import Access, requires
from shared.web.pages.assets import Assets
from shared.web.pages.page import AskedLanguage, Pages, add_pages, pages_of
from shared.web.pages.policy import Caching, Content, headers
from shared.web.pages.refusals import PageRoute
from shared.web.pages.words import Language
from shared.web.problems import Problem

router = APIRouter(prefix="/draws", route_class=PageRoute, dependencies=[requires(Access.PUBLIC)])
start = APIRouter(dependencies=[requires(Access.PUBLIC)])
_SCRIPT: Final = "verify.js"
_PROGRAM: Final = "verify.py"
WORDS = (
    *FaultKind,
    *("checking", "confirmed", "differs", "failed", "no_head"),
    *("told_period", "told_key", "told_audit", "told_opened", "told_early", "told_in_time"),
    *("told_stamped", "told_less", "told_seed_alone"),
    *("told_gap", "told_gone", "told_heads", "told_head_stamp", "told_audit_stamp"),
    *("told_simulated", "told_witnessed", "told_witness", "told_alone"),
    *(f"is_{role}" for role in WitnessRole),
    *("is_yes", "is_no", "is_nothing", "is_random", "is_top_up"),
    *("is_header", "is_decision", "is_seal", "is_all", "is_alone"),
)
"""What the script says of a file; the catalogues have each behind `verify.`."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that verifies a draw, as it can be taken from here; `digest` is SHA-256."""

    name: str
    address: str
    digest: str


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


def add_public_pages(app: FastAPI, organisation: Organisation, home: str | None = None) -> None:
    """Give the service its pages; they read from `app.state.pool`, and lead staff to `home`."""
    app.state.labels = Labels(DecisionTypes.load(), organisation)
    app.state.zone = organisation.jurisdiction.time_zone
    scripts = Assets(AUDITORS)
    app.state.programs = [
        _program(_SCRIPT, scripts.address(_SCRIPT)),
        _program(_PROGRAM, f"{router.prefix}/{_PROGRAM}"),
    ]
    served = scripts.routers(requires(Access.PUBLIC))
    pages = Pages([Path(__file__).parent], organisation, home=home)
    add_pages(app, pages, start, router, *served)


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
    now = datetime.now(UTC)
    periods = [publication_of(one, request.app.state.zone, now) for one in records]
    return pages_of(request).show("draws.html", language, periods=periods)


@router.get("/verify")
async def verify(request: Request, language: AskedLanguage = Language.GERMAN) -> Response:
    """Let anybody check a file that they have: in their browser, which sends nothing."""
    programs: Sequence[Program] = request.app.state.programs
    answer = pages_of(request).show(
        "verify.html", language, programs=programs, script=programs[0].address, words=WORDS
    )
    answer.headers.update(headers(Caching.PUBLIC, Content.SCRIPT))
    return answer


@router.get("/verify.py")
async def program() -> Response:
    """Give the verifier in Python."""
    content = (AUDITORS / _PROGRAM).read_bytes()
    kept = {"Cache-Control": Caching.PUBLIC.value}
    return Response(content, media_type="text/x-python", headers=kept)


@router.get("/{period}")
async def draw(
    request: Request, period: str, pool: Connections, language: AskedLanguage = Language.GERMAN
) -> Response:
    """Show one period: its commitment, and once it is closed its seed and counts."""
    async with pool.acquire() as connection:
        found = await store.public_records(connection, period)
        published = await heads(connection, period)
        stamps = await head_stamps(connection, period)
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "period-unknown", str(PeriodUnknown(period)))
    state = request.app.state
    publication = publication_of(found[0], state.zone, datetime.now(UTC), published, stamps)
    return pages_of(request).show("draw.html", language, period=publication, labels=state.labels)


@router.get("/{period}/heads/{day}.tsr")
async def stamp(period: str, day: date, pool: Connections) -> Response:
    """Give the time stamp on a head of a register, as it came from who stamped it."""
    async with pool.acquire() as connection:
        found = await head_stamp(connection, period, day)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "stamp-unknown", str(HeadUnstamped(period, day)))
    kept = {"Cache-Control": Caching.PUBLIC.value}
    return Response(found, media_type=REPLY, headers=kept)


def _program(name: str, address: str) -> Program:
    digest = hashlib.sha256((AUDITORS / name).read_bytes()).hexdigest()
    return Program(name, address, digest)
