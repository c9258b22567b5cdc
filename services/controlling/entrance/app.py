"""An application at which people sign in: how they come in, and the frame of its pages."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.controlling.accounts.access import EVERYBODY, access_table
from services.controlling.accounts.account import Role
from services.controlling.accounts.directory import Accounts
from services.controlling.entrance import announcing
from services.controlling.entrance import pages as entrance
from services.controlling.entrance.navigation import Place, navigation
from services.controlling.entrance.settings import EntranceSettings
from shared.errors import PermanentError
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.tracing import configure_tracing
from shared.organisation.model import Organisation
from shared.postgres.pool import open_pool
from shared.service.database import require_database
from shared.service.looking import looking
from shared.web.access import Access, Recognise
from shared.web.application import Lifespan, create_service
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Content
from shared.web.sign_in import authority
from shared.web.sign_in import pages as sign_in
from shared.web.sign_in.identity_provider import IdentityProvider
from shared.web.sign_in.recognising import SignIn, add_sign_in, signed_in
from shared.web.sign_in.session import Limits

HOST = "controlling"
"""In whose schema accounts, sessions and the log of what was done are."""
BODY_LIMIT = 256 * 1024
FOLDERS = (sign_in.FOLDER, Path(__file__).parent)
"""Where the frame has its templates, words and scripts."""


@dataclass(frozen=True, slots=True)
class House:
    """What a process has beside the frame.

    Attributes:
        process: Its name, and whose role it has at the database.
        folders: Where its rooms have templates, words and scripts; with those of the frame.
        routers: Of its rooms.
        places: What its own navigation leads to.
        beyond: What other processes have, and people are led to from here.
        recognisers: How callers are recognised who don't sign in.
    """

    process: str
    folders: Sequence[Path]
    routers: Sequence[APIRouter]
    places: Sequence[Place]
    beyond: Sequence[Place]
    recognisers: Mapping[Access, Recognise] = field(default_factory=dict)


class NobodyCanSignIn(PermanentError):
    """There are no passwords in production, and no identity provider is named."""

    def __init__(self) -> None:
        super().__init__(
            "nobody could sign in: in production (GLEICHFALL_PRODUCTION) WORKBENCH_ISSUER "
            "must name the identity provider"
        )


def open_house(
    house: House,
    settings: EntranceSettings,
    organisation: Organisation,
    beside: Callable[[FastAPI, Health], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Wire a process at which people sign in; nothing is opened before it starts.

    Args:
        house: What it has.
        settings: What the operator decides.
        organisation: Whose pages they are.
        beside: What else is open while it runs.

    Raises:
        NobodyCanSignIn: no way to sign in is left.
        AccessUndeclared: a page doesn't say for whom it is.
    """
    configure_logging(house.process, settings.log_level)
    configure_tracing(house.process)
    health = Health()
    app = create_service(
        house.process,
        lifespan=_lifespan(house, settings, health, beside or (lambda *_: nullcontext())),
        health=health,
        body_limit=BODY_LIMIT,
        recognisers={Access.SESSION: signed_in, **house.recognisers},
        hosts=settings.names,
    )
    add_sign_in(app, _sign_in(settings))
    _add_pages(app, house, organisation)
    return app


def _lifespan(
    house: House,
    settings: EntranceSettings,
    health: Health,
    beside: Callable[[FastAPI, Health], AbstractAsyncContextManager[None]],
) -> Lifespan:
    login = settings.login(house.process)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await open_pool(login, service=HOST, process=house.process) as pool:
            app.state.pool = pool
            require_database(health, pool, login, service=HOST, process=house.process)
            looks = announcing.looks(pool, app.state.pages, production=settings.production)
            async with beside(app, health), looking(health, pool, settings.secrets, looks):
                yield

    return lifespan


def _sign_in(settings: EntranceSettings) -> SignIn:
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


def _add_pages(app: FastAPI, house: House, organisation: Organisation) -> None:
    assets = Assets(KERN, *house.folders)
    app.state.pages = Pages(house.folders, organisation, Content.FORMS, assets)
    routers = [
        *assets.routers(EVERYBODY),
        sign_in.router,
        authority.router,
        sign_in.for_signed_in(EVERYBODY),
        *house.routers,
        entrance.router,
        entrance.missing,
    ]
    for router in routers:
        app.include_router(router)
    app.state.access = access_table(app)
    places = navigation(app.state.access, house.places, house.beyond)
    app.state.navigation = lambda role: places[Role(role)]
