"""A measure from its finding to its effect, and articles, in a real browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.demo.articles import PACKAGED as FILE
from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.guidance.entering import enter, read_articles
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from tests.browser.conftest import Visitor, served
from tests.integration.controlling_helpers import controlling
from tests.integration.review_helpers import NOW, Desk, desk_of
from tests.integration.test_measures import AFTER, BEFORE, agreed, done, finding, reviewed
from tests.integration.workbench_helpers import PASSWORD, add

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Office:
    """A workbench with a finding, a measure that is done, and the articles of the demo."""

    desk: Desk
    address: str
    finding: int
    done: int


@pytest.fixture(scope="module")
async def office(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with (
        controlling(stack.database_url, secrets) as pool,
        desk_of(stack.database_url, secrets, pool) as desk,
    ):
        await desk.person(50)
        await add(pool, "controller", Role.CONTROLLING)
        async with desk.change() as change:
            await enter(change, read_articles(FILE), NOW)
        await reviewed(desk, range(40), 12, BEFORE)
        await reviewed(desk, range(40, 80), 1, AFTER)
        on = await finding(desk, 1)
        number = await agreed(desk, on)
        await done(desk, number)
        app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
        async with served(app) as address:
            yield Office(desk, address, on, number)


async def signs_in(page: Page, address: str) -> Visitor:
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", "controller")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return Visitor(page, address)


async def test_a_measure_is_agreed_and_carried_out(office: Office, page: Page) -> None:
    visitor = await signs_in(page, office.address)
    await visitor.opens(f"/measures/new?finding={office.finding}")
    assert await visitor.barriers() == []
    await page.click("label[for=kind-training]")
    await page.fill("[name=title]", "Anhörung üben")
    await page.click("button[type=submit] >> text=Maßnahme vereinbaren")
    await expect(page.locator(".errors")).to_be_focused()
    await expect(page.locator("#owner-error")).to_be_visible()
    assert await visitor.barriers() == []
    await page.select_option("[name=owner]", "controlling")
    await page.click("button[type=submit] >> text=Maßnahme vereinbaren")
    await expect(page.locator("h1")).to_have_text("Anhörung üben")
    await page.click("text=Als erledigt melden")
    await expect(page.locator("main")).to_contain_text("Die Maßnahme ist erledigt.")
    await page.click("text=Vor einer belastenden Entscheidung anhören")
    await expect(page.locator("h1")).to_have_text("Vor einer belastenden Entscheidung anhören")


@pytest.mark.parametrize("scheme", ["light", "dark", "forced"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_every_page_can_be_read_by_everybody(
    browser: Browser, office: Office, pictures: Path, *, scheme: str, width: int
) -> None:
    colours: Literal["light", "dark"] = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(
        color_scheme=colours,
        forced_colors="active" if scheme == "forced" else "none",
        viewport={"width": width, "height": 900},
        locale="de-DE",
    )
    page = await context.new_page()
    visitor = await signs_in(page, office.address)
    await visitor.opens(f"/measures/{office.done}")
    if await page.locator("text=Wirkung jetzt prüfen").count():
        await page.click("text=Wirkung jetzt prüfen")
    for path, name in (
        (f"/measures/{office.done}", "measure"),
        ("/measures?state=all", "measures"),
        (f"/measures/new?finding={office.finding}", "measure-form"),
        ("/guidance", "articles"),
        ("/guidance/anhoerung", "article"),
        ("/guidance/anhoerung/edit", "article-form"),
    ):
        assert await visitor.opens(path) == 200
        await page.screenshot(path=pictures / f"{name}-{scheme}-{width}.png", full_page=True)
        assert await visitor.barriers() == [], name
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(wider), name
    await visitor.opens(f"/measures/{office.done}")
    picture = page.get_by_role("img", name="Besser: Fehlerquote vorher")
    await expect(picture).to_be_visible()
    stroke, paper = await picture.evaluate(
        "one => [getComputedStyle(one.querySelector('circle')).stroke,"
        " getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert stroke != paper
    await context.close()
