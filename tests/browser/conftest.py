"""A service that really runs, and a real browser that looks at its pages."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.postgres.pool import Pool
from tests.browser.headless import launch
from tests.integration.controlling_helpers import controlling
from tests.integration.workbench_helpers import Workbench, add

WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Site:
    """A running service and its database."""

    pool: Pool
    address: str


@dataclass(frozen=True)
class Visitor:
    """Somebody at a browser, on one site."""

    page: Page
    address: str

    async def opens(self, path: str) -> int:
        """Open a page; gives its status."""
        answer = await self.page.goto(f"{self.address}{path}")
        assert answer is not None
        return answer.status

    async def reads(self) -> str:
        """Give the text that can be seen."""
        return await self.page.inner_text("body")

    async def table(self) -> list[list[str]]:
        """Give the cells of the page's table, row by row, without its head."""
        rows = self.page.locator("tbody tr, tfoot tr")
        return [await row.locator("th, td").all_inner_texts() for row in await rows.all()]

    async def barriers(self, *rules: str) -> list[str]:
        """Name what axe-core finds against WCAG 2.2 AA, or against some of its rules alone."""
        options = {
            "runOnly": {"type": "rule" if rules else "tag", "values": rules or WCAG_2_2_AA},
            "resultTypes": ["violations"],  # what is right is most of the answer, and of its price
            "preload": False,
        }
        found = await Axe().run(self.page, options=options)
        return [f"{one['id']}: {one['help']}" for one in found.response["violations"]]

    async def in_every_way(self) -> list[str]:
        """Look at the page that is open as everybody may; tell what somebody would miss."""
        page, missed = self.page, await self.barriers()
        await page.emulate_media(color_scheme="dark")
        missed += [f"dark: {one}" for one in await self.barriers("color-contrast")]
        await page.emulate_media(color_scheme="light", forced_colors="active")
        missed += [f"forced colours: {one} isn't seen" for one in await page.evaluate(_UNSEEN)]
        await page.emulate_media(forced_colors="none", reduced_motion="reduce")
        missed += [f"reduced motion: {one} moves" for one in await page.evaluate(_MOVING)]
        for width in _NARROW:
            await page.set_viewport_size({"width": width, "height": 800})
            if await page.evaluate(_WIDER):
                missed.append(f"{width} px: the page scrolls sideways")
            missed += [
                f"{width} px: {one} scrolls secretly" for one in await page.evaluate(_SECRET)
            ]
        missed += [f"{width} px: {one}" for one in await self.barriers("target-size")]
        await page.emulate_media(forced_colors="active")
        missed += [f"forced colours: {one} has no edge" for one in await page.evaluate(_EDGELESS)]
        await page.emulate_media(color_scheme=None, forced_colors=None, reduced_motion=None)
        await page.set_viewport_size({"width": 1280, "height": 900})
        return missed


_NARROW = (640, 320)
"""What is left of 1280 px at 200 % zoom, and a telephone."""
_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_SCROLLING = """const scrolling = [...document.querySelectorAll('main *')].filter(one =>
  /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
  && !one.matches('textarea, input, select'));"""
_SECRET = f"""() => {{ {_SCROLLING} return scrolling.filter(one =>
  one.tabIndex !== 0 || one.getAttribute('role') !== 'region'
  || !(one.ariaLabel || document.getElementById(one.getAttribute('aria-labelledby')))
  || !getComputedStyle(one).backgroundAttachment.includes('local')).map(one => one.className); }}"""
_EDGELESS = f"""() => {{ {_SCROLLING} return scrolling.filter(one =>
  parseFloat(getComputedStyle(one).borderInlineEndWidth) < 1).map(one => one.className); }}"""
_MOVING = """() => [...document.querySelectorAll('*')].filter(one => {
  const look = getComputedStyle(one);
  return [look.animationDuration, look.transitionDuration].some(
    time => time.split(', ').some(each => parseFloat(each) > 0.01));
}).map(one => one.className)"""
_UNSEEN = """() => [...document.querySelectorAll('input[type=radio]:checked')].filter(one => {
  const dot = getComputedStyle(one, '::before');
  return dot.backgroundColor === getComputedStyle(one).backgroundColor || dot.display === 'none';
}).map(one => one.value)"""


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application as long as it is looked at; gives its address."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        running = asyncio.create_task(server._serve([listener]))
        while not server.started:
            assert not running.done(), running
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as play:
        chromium = await launch(play)
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A new window; what it is told to run or load from elsewhere counts as an error."""
    context = await browser.new_context(locale="tr-TR", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    yield page
    await context.close()
    assert not [one for one in complaints if "status of" not in one]


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of pages are kept, to be looked at."""
    folder = Path(__file__).parents[2] / ".local" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
async def running(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Workbench, str]]:
    """The workbench as it runs, with somebody who reviews; and its address."""
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with controlling(stack.database_url, secrets) as pool:
        account = await add(pool, "leader", Role.LEADERSHIP)
        app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
        async with served(app) as address:
            yield Workbench(app, pool, {Role.LEADERSHIP: account}), address
