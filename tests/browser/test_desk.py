"""The desk as operations use it, and each of its pages in every way of seeing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, expect
from prometheus_client import start_http_server

from deploy.dashboards.boards import BOARDS
from deploy.desk.settings import Watched
from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from tests.browser.conftest import Visitor, served
from tests.integration.controlling_helpers import controlling
from tests.integration.desk import parts
from tests.integration.desk.parts import Desk, Lost
from tests.integration.workbench_helpers import PASSWORD

pytestmark = pytest.mark.stack

PAGES = [
    "/operations",
    "/operations/dead-letters?settled=true",
    "/operations/dead-letters/{letter}",
    "/operations/parked",
    "/operations/held-items?settled=true",
    "/operations/held-items/{item}",
    "/operations/views",
    *(f"/operations/views/{board.key}" for board in BOARDS),
]


@dataclass(frozen=True)
class Home:
    """The desk as it is served, with something that waits."""

    desk: Desk
    address: str
    lost: Lost
    item: UUID

    async def visitor(self, browser: Browser, role: Role = Role.OPERATIONS) -> Visitor:
        """Sign somebody in as people do."""
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        visitor = Visitor(await context.new_page(), self.address)
        await visitor.opens("/")
        await visitor.page.fill("[name=login]", role.value)
        await visitor.page.fill("[name=password]", PASSWORD)
        await visitor.page.press("[name=password]", "Enter")
        await expect(visitor.page.locator(".side")).to_be_visible()
        return visitor


@pytest.fixture(scope="module")
async def home(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with (
        controlling(stack.database_url, secrets) as pool,
        parts.standing(stack.database_url, secrets, pool) as desk,
        served(desk.pages.app) as address,
    ):
        lost = await desk.gives_up()
        async with Holding(HeldItems(pool), Loop.PERIOD_OPENER).item("2027-01"):
            raise ValueError("no such document")
        item = await pool.fetchval("SELECT id FROM held_item")
        dead = Watched(url="http://127.0.0.1:1", metrics="http://127.0.0.1:1/metrics")
        figures, _ = start_http_server(0, "127.0.0.1")
        told = f"http://127.0.0.1:{figures.server_port}/metrics"
        here = Watched(url=address, metrics=told)
        desk.pages.app.state.processes = {"notify": dead, "desk": here}
        yield Home(desk, address, lost, item)
        figures.shutdown()


@pytest.mark.parametrize("template", PAGES)
async def test_a_page_is_for_everybody_however_they_see_it(
    home: Home, browser: Browser, template: str, pictures: Path
) -> None:
    visitor = await home.visitor(browser)
    path = template.format(letter=home.lost.letter, item=home.item)
    joint = "&" if "?" in path else "?"
    await visitor.opens(f"{path}{joint}language=en")
    assert await visitor.page.get_attribute("html", "lang") == "en"
    assert await visitor.barriers() == []
    await visitor.opens(f"{path}{joint}language=de")
    name = template.strip("/").split("?")[0].replace("/", "-").replace("{", "").replace("}", "")
    await visitor.page.screenshot(path=pictures / f"{name}.png", full_page=True)
    assert await visitor.in_every_way() == []
    await visitor.page.set_viewport_size({"width": 320, "height": 800})
    await visitor.page.screenshot(path=pictures / f"{name}-narrow.png", full_page=True)
    await visitor.page.context.close()


async def test_operations_find_mend_and_replay_what_was_given_up(
    home: Home, browser: Browser
) -> None:
    lost = await home.desk.gives_up()
    visitor = await home.visitor(browser)
    page = visitor.page
    await page.click("tbody a[href='/operations/dead-letters?service=notify']")
    await page.click(f"tbody a[href='/operations/dead-letters/{lost.letter}']")
    await page.fill("#reason-replay", "cut off by a proxy")
    await page.click("form[action$='/replay'] button")
    await expect(page.locator(".errors")).to_be_focused()
    await expect(page.locator(".errors")).to_contain_text("So würde es wieder aufgegeben")
    assert await visitor.barriers() == []
    assert await page.input_value("#reason-replay") == "cut off by a proxy"

    await page.fill("#value", lost.right.decode())
    await page.click("form[action$='/replay'] button")

    await expect(page.locator(".kern-alert")).to_contain_text("Es ist unterwegs.")
    assert await home.desk.states(lost.letter) == {
        ("replayed", home.desk.operator, "cut off by a proxy")
    }
    [record] = await home.desk.sent()
    assert record["value"] == lost.right
    await page.context.close()
