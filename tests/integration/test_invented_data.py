"""Where the demo's data are shown, every page of people at work says that they are invented."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from deploy.demo.promising import promise
from deploy.desk.app import create_app as create_desk
from deploy.desk.settings import Settings as DeskSettings
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.entrance import announcing
from services.controlling.workbench.app import create_app as create_workbench
from services.controlling.workbench.settings import Settings
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import SEED_KEY, policy
from tests.integration.workbench_helpers import Browser, Workbench, open_to, peopled
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

IT_SAYS = "Invented data: no case, no person and no figure on these pages is real."
FIRST, LAST = date(2026, 1, 5), date(2026, 2, 1)
WALL = "/today/display"


async def said(browser: Browser) -> None:
    """Wait until pages say it: a process looks every few seconds."""
    async with asyncio.timeout(PATIENCE):
        while IT_SAYS not in (await browser.get("/sign-in", language="en")).text:
            await asyncio.sleep(0.05)


async def told(pages: Workbench, role: Role) -> dict[str, int]:
    """How often each page says it that a role may open."""
    browser = await pages.signed_in(role)
    paths = [path for path in open_to(pages, role) if not path.endswith(".csv")]
    answers = {path: await browser.get(path, language="en") for path in paths}
    return {path: one.text.count(IT_SAYS) for path, one in answers.items() if one.is_success}


async def test_each_page_of_workbench_and_desk_says_it_once_and_no_wall(
    stack: Addresses, secrets: Path, pool: Pool
) -> None:
    given = {"database_url": stack.database_url, "secrets_directory": secrets}
    async with peopled(create_workbench(Settings(**given)), pool) as pages:  # type: ignore[arg-type]
        assert sum((await told(pages, Role.LEADERSHIP)).values()) == 0

        await promise(pool, SEED_KEY, policy("0.5"), FIRST, LAST)
        await said(pages.browser())
        at_workbench = await told(pages, Role.LEADERSHIP)

    desk = create_desk(DeskSettings(**given))  # type: ignore[arg-type]
    async with desk.router.lifespan_context(desk):
        there = Workbench(desk, pool, pages.accounts)
        await said(there.browser())
        at_desk = await told(there, Role.OPERATIONS)

    assert min(map(len, (at_workbench, at_desk))) > 3
    assert at_workbench == dict.fromkeys(at_workbench, 1) | {WALL: 0}
    assert at_desk == dict.fromkeys(at_desk, 1)


async def test_in_production_nobody_looks_whether_to_say_it(
    stack: Addresses, secrets: Path, pool: Pool
) -> None:
    app = create_workbench(Settings(database_url=stack.database_url, secrets_directory=secrets))
    await promise(pool, SEED_KEY, policy("0.5"), FIRST, LAST)

    assert announcing.looks(pool, app.state.pages, production=True) == []
    [look] = announcing.looks(pool, app.state.pages, production=False)
    await look.read()

    assert app.state.pages.notice == announcing.NOTICE
