"""Leadership at the page of results: the answer, its picture, a choice, in every way of seeing."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Page, expect

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from tests.browser.conftest import Visitor, served
from tests.integration.controlling_helpers import controlling, policy
from tests.integration.reviewed_period_helpers import Reviewers, closed, released
from tests.integration.workbench_helpers import PASSWORD, add

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def address(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with controlling(stack.database_url, secrets) as pool:
        await add(pool, "leader", Role.LEADERSHIP)
        app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
        await closed(pool, 150, months=(1, 2, 3))
        await closed(pool, 6, policy("1"), months=(4,))
        await closed(pool, 150, months=(5,))
        owner = await asyncpg.connect(stack.database_url)
        await Reviewers(owner, pool, 7).review()
        await released(pool, *(f"2026-{month:02}" for month in range(1, 6)))
        await owner.close()
        async with served(app) as found:
            yield found


async def signs_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", "leader")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def test_leadership_reads_the_answer_and_chooses_a_part(address: str, page: Page) -> None:
    await signs_in(page, address)
    visitor = Visitor(page, address)
    await page.click("nav.side >> text=Ergebnisse")
    await expect(page.locator(".answer")).to_contain_text("Sind unsere Entscheidungen rechtmäßig?")
    assert await page.locator("svg.chart .chart__step").count() == 4
    assert await page.locator("svg.chart").get_attribute("role") == "img"
    assert await visitor.barriers() == []
    await page.select_option("#unit", "unit-2")
    await page.select_option("#direction", "adverse")
    await page.click("main form >> text=Zeigen")
    assert "unit=unit-2" in page.url
    assert "Ablehnungen und Eingriffe · Mai 2026" in await visitor.reads()
    assert await visitor.barriers() == []


async def test_it_can_be_read_on_a_telephone(address: str, page: Page) -> None:
    await signs_in(page, address)
    await page.set_viewport_size({"width": 320, "height": 800})
    await page.goto(f"{address}/results")
    size = await page.evaluate(
        "document.querySelector('svg.chart text').getBoundingClientRect().height"
    )
    assert size >= 11
    await page.click("summary >> text=So gerechnet")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
