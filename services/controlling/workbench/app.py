"""The workbench: the pages on which the authority's people review what was drawn.

A process of its own, so that a full consumer never slows a page, with a database role that may read
no seed and write nothing of the register. What it publishes goes into controlling's outbox.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.controlling.accounts import pages as accounts
from services.controlling.accounts.access import EVERYBODY, access_table
from services.controlling.accounts.account import Role
from services.controlling.accounts.directory import Accounts
from services.controlling.appeals import pages as appeals
from services.controlling.audit_log import pages as audit_log
from services.controlling.displays import pages as displays
from services.controlling.displays.screens import Screens
from services.controlling.findings import pages as findings
from services.controlling.guidance import pages as guidance
from services.controlling.measures import pages as measures
from services.controlling.practice.practice import Practice
from services.controlling.results import pages as results
from services.controlling.results.store import Results
from services.controlling.reviews import pages as reviews
from services.controlling.reviews.board import pages as board
from services.controlling.reviews.comparing import pages as comparing
from services.controlling.reviews.form import pages as review_form
from services.controlling.reviews.signed import pages as signed_reviews
from services.controlling.service_figures import pages as service
from services.controlling.workbench import pages as workbench
from services.controlling.workbench.navigation import navigation
from services.controlling.workbench.settings import Settings
from shared.errors import PermanentError
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.tracing import configure_tracing
from shared.organisation.file import load_organisation
from shared.postgres.pool import open_pool
from shared.service.database import require_database
from shared.service.looking import looking
from shared.web.access import Access
from shared.web.application import create_service
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Content
from shared.web.sign_in import authority
from shared.web.sign_in import pages as sign_in
from shared.web.sign_in.identity_provider import IdentityProvider
from shared.web.sign_in.recognising import SignIn, add_sign_in, signed_in
from shared.web.sign_in.session import Limits

SERVICE, HOST = "workbench", "controlling"
BODY_LIMIT = 256 * 1024
FOLDERS = [
    sign_in.FOLDER,
    Path(accounts.__file__).parent,
    reviews.FOLDER,
    signed_reviews.FOLDER,
    review_form.FOLDER,
    comparing.FOLDER,
    board.FOLDER,
    measures.FOLDER,
    results.FOLDER,
    service.FOLDER,
    displays.FOLDER,
    guidance.FOLDER,
    findings.FOLDER,
    appeals.FOLDER,
    audit_log.FOLDER,
    Path(__file__).parent,
]
"""Where rooms have their templates, words and scripts."""
ROUTERS = [
    signed_reviews.router,  # before what takes anything behind /reviews/ for a review
    reviews.router,
    review_form.router,
    comparing.router,
    board.router,
    measures.router,
    results.router,
    service.router,
    displays.router,
    guidance.router,
    findings.router,
    appeals.router,
    audit_log.router,
    accounts.router,
    workbench.router,
]


class NobodyCanSignIn(PermanentError):
    """There are no passwords in production, and no identity provider is named."""

    def __init__(self) -> None:
        super().__init__(
            "nobody could sign in: in production (GLEICHFALL_PRODUCTION) WORKBENCH_ISSUER "
            "must name the identity provider"
        )


def create_app(settings: Settings) -> FastAPI:
    """Wire the process; nothing is opened before it starts.

    Raises:
        NobodyCanSignIn: no way to sign in is left.
        AccessUndeclared: a page doesn't say for whom it is.
    """
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    health = Health()
    login = settings.login(SERVICE)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await open_pool(login, service=HOST, process=SERVICE) as pool:
            app.state.pool = pool
            require_database(health, pool, login, service=HOST, process=SERVICE)
            async with looking(health, pool, settings.secrets):
                yield

    app = create_service(
        SERVICE,
        lifespan=lifespan,
        health=health,
        body_limit=BODY_LIMIT,
        recognisers={Access.SESSION: signed_in, Access.DISPLAY: displays.recognised},
        hosts=settings.names,
    )
    add_sign_in(app, _sign_in(settings))
    _add_pages(app, settings)
    return app


def _sign_in(settings: Settings) -> SignIn:
    if settings.production and settings.issuer is None:
        raise NobodyCanSignIn
    return SignIn(
        directory=Accounts(),
        limits=Limits(settings.idle, settings.longest),
        url=None if settings.url is None else str(settings.url),
        passwords=not settings.production,
        provider=None
        if settings.issuer is None
        else IdentityProvider(str(settings.issuer), settings.client_id, settings.login_claim),
    )


def _add_pages(app: FastAPI, settings: Settings) -> None:
    assets = Assets(KERN, *FOLDERS)
    organisation = load_organisation(settings.organisation_file)
    app.state.practice = Practice.of(organisation, settings.criteria_file, settings.file_url)
    app.state.results = Results(organisation)
    app.state.screens = Screens()
    app.state.pages = Pages(FOLDERS, organisation, Content.FORMS, assets)
    routers = [
        *assets.routers(EVERYBODY),
        sign_in.router,
        authority.router,
        sign_in.for_signed_in(EVERYBODY),
        *ROUTERS,
        workbench.missing,
    ]
    for router in routers:
        app.include_router(router)
    app.state.access = access_table(app)
    places = navigation(app.state.access)
    app.state.navigation = lambda role: places[Role(role)]
