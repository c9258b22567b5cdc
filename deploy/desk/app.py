"""The desk: pages for those who keep the system running, over all services.

A process of its own, for a service knows its own schema and nothing of the others. Its database
role may see what waits everywhere, settle what a person must, and read nobody's contact and no
seed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from deploy.dashboards import board
from deploy.desk import messages
from deploy.desk.dead_letters import pages as dead_letters
from deploy.desk.held_items import pages as held_items
from deploy.desk.operations import pages as operations
from deploy.desk.settings import Settings
from deploy.desk.views import pages as views
from services.controlling.entrance import app as entrance
from services.controlling.entrance.app import House, open_house
from services.controlling.entrance.navigation import AT_DESK, WORKBENCH, located
from shared.observe.health import Health
from shared.organisation.file import load_organisation
from shared.postgres.pool import open_pool

PROCESS = "desk"
FOLDERS = [
    *entrance.FOLDERS,
    operations.FOLDER,
    dead_letters.FOLDER,
    held_items.FOLDER,
    board.FOLDER,
    views.FOLDER,
    *messages.FOLDERS,
    Path(__file__).parent,
]
"""Where rooms have their templates and words."""
ROUTERS = [
    operations.router,
    dead_letters.router,
    held_items.router,
    views.router,
    *messages.routers(),
]


def create_app(settings: Settings) -> FastAPI:
    """Wire the process; nothing is opened before it starts.

    Raises:
        NobodyCanSignIn: no way to sign in is left.
        AccessUndeclared: a page doesn't say for whom it is.
    """
    login = settings.login(PROCESS)
    organisation = load_organisation(settings.organisation_file)

    @asynccontextmanager
    async def beside(app: FastAPI, _: Health) -> AsyncIterator[None]:
        async with await open_pool(login, service="notify", process=PROCESS) as notify:
            app.state.staff = messages.staff(app, notify, organisation)
            yield

    beyond = located(WORKBENCH, settings.workbench_url)
    house = House(PROCESS, FOLDERS, ROUTERS, AT_DESK, beyond)
    app = open_house(house, settings, organisation, beside)
    app.state.processes = settings.processes
    return app
