"""The wall display as it hangs there: read from four metres, in every way of seeing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, ViewportSize

from tests.browser.conftest import Visitor
from tests.integration.display_helpers import OFFICE, a_day, hung_up
from tests.integration.workbench_helpers import Workbench

pytestmark = pytest.mark.stack

SCREEN = ViewportSize(width=1920, height=1080)
SMALLEST = """() => Math.min(...[...document.querySelectorAll('body *')]
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(one => parseFloat(getComputedStyle(one).fontSize))) / innerWidth"""
FITS = "document.documentElement.scrollHeight <= innerHeight"
LATER = "() => document.getAnimations().forEach(one => { one.currentTime = 200_000; })"


@pytest.fixture(scope="module")
async def address(running: tuple[Workbench, str]) -> str:
    workbench, where = running
    await a_day(workbench.pool)
    made = await hung_up(workbench.pool, OFFICE)
    return f"{where}/display/{made.text}"


@pytest.fixture
async def screen(browser: Browser, address: str) -> AsyncIterator[Visitor]:
    """A screen that is looked at for longer than a minute: it doesn't ask again meanwhile."""
    page = await (await browser.new_context(viewport=SCREEN)).new_page()

    async def once(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
        await route.fulfill(response=answer, headers=headers)

    await page.route("**/display", once)
    await page.goto(address)
    assert page.url.endswith("/display")
    yield Visitor(page, address)
    await page.context.close()


async def test_a_screen_is_for_everybody_however_they_see_it(screen: Visitor) -> None:
    assert await screen.in_every_way() == []


async def test_it_is_read_from_four_metres_and_fits(screen: Visitor, pictures: Path) -> None:
    assert await screen.page.evaluate(SMALLEST) > 0.022
    assert await screen.page.evaluate(FITS)
    for scheme in ("light", "dark"):
        await screen.page.emulate_media(color_scheme=scheme)
        await screen.page.screenshot(path=pictures / f"display-{scheme}.png")
    await screen.page.emulate_media(color_scheme="light", forced_colors="active")
    await screen.page.screenshot(path=pictures / "display-forced.png")


async def test_a_page_that_is_not_renewed_says_so_by_itself(
    screen: Visitor, pictures: Path
) -> None:
    assert "stehen geblieben" not in await screen.reads()
    await screen.page.emulate_media(reduced_motion="reduce")
    await screen.page.evaluate(LATER)
    assert "Diese Anzeige ist stehen geblieben" in await screen.reads()
    await screen.page.screenshot(path=pictures / "display-stuck.png")
