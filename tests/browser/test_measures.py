"""A measure from its finding to its effect, and articles, in a real browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

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


async def test_the_picture_of_its_effect_is_seen_in_forced_colours(
    office: Office, page: Page
) -> None:
    visitor = await signs_in(page, office.address)
    await visitor.opens(f"/measures/{office.done}")
    await page.click("text=Wirkung jetzt prüfen")
    await page.wait_for_url("**told=checked")
    assert await visitor.in_every_way() == []
    await page.emulate_media(forced_colors="active")
    picture = page.get_by_role("img", name="Besser: Fehlerquote vorher")
    await expect(picture).to_be_visible()
    stroke, paper = await picture.evaluate(
        "one => [getComputedStyle(one.querySelector('circle')).stroke,"
        " getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert stroke != paper
