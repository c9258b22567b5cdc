"""The head of a unit reads what was found and replies, with the keyboard alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from tests.browser.conftest import Visitor, served
from tests.integration.controlling_helpers import controlling
from tests.integration.finding_helpers import raised
from tests.integration.review_form_helpers import emptied
from tests.integration.workbench_helpers import PASSWORD, Workbench, add

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def running(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Workbench, str]]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with controlling(stack.database_url, secrets) as pool:
        await add(pool, "leadership", Role.LEADERSHIP)
        await add(pool, "second", Role.LEADERSHIP)
        head = await add(pool, "head", Role.UNIT_HEAD, "unit-2")
        app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
        async with served(app) as address:
            yield Workbench(app, pool, {Role.UNIT_HEAD: head}), address


@pytest.fixture
async def number(running: tuple[Workbench, str], stack: Addresses) -> int:
    await emptied(running[0], stack.database_url)
    return await raised(running[0])


async def head_at(page: Page, address: str) -> Visitor:
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", "head")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return Visitor(page, address)


async def test_a_reply_is_given_with_the_keyboard_alone(
    page: Page, running: tuple[Workbench, str], number: int
) -> None:
    visitor = await head_at(page, running[1])
    assert page.url.endswith("/findings")
    await page.focus(f"a[href='/findings/{number}']")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/findings/{number}")
    await page.focus("[name=step][value=agree]")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[name=step][value=disagree]")).to_be_checked()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Frau Yilmaz wurde gefragt")
    await page.focus("#reply button")
    await page.keyboard.press("Enter")
    await expect(page.locator("mark")).to_have_text("Frau Yilmaz")
    await page.fill("textarea", "Die Person wurde gefragt")
    await page.focus("main button")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**told=replied")
    text = await visitor.reads()
    assert "Ihre Antwort ist gespeichert." in text
    assert "Die Person wurde gefragt" in text
    assert "Yilmaz" not in text
