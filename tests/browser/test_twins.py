"""Like cases side by side: both answered with the keyboard alone, on any screen, in any colours."""

import re
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from deploy.local.infrastructure import Addresses
from tests.browser.conftest import Visitor
from tests.browser.test_review import SAVED, signs_in
from tests.integration.review_form_helpers import emptied
from tests.integration.twin_helpers import held_pair
from tests.integration.workbench_helpers import Workbench

pytestmark = pytest.mark.stack


@pytest.fixture
async def both(running: tuple[Workbench, str], stack: Addresses) -> tuple[UUID, UUID]:
    pages, _ = running
    await emptied(pages, stack.database_url)
    return await held_pair(pages)


async def states(pages: Workbench) -> set[str]:
    return {row["state"] for row in await pages.pool.fetch("SELECT state FROM review")}


async def answered(page: Page, side: str) -> None:
    """Give the answer of one side, with its reason where one is needed, by keyboard."""
    status = page.locator(f".answers__side:has(#side-{side}) [role=status]")
    if not await status.count() or await status.get_by_text("automatische").count():
        return
    if "gespeichert" not in await status.inner_text():
        await page.keyboard.press("1")
        await expect(status).to_have_text(SAVED)
    if await status.locator("strong").count():
        await page.focus(f".answers__side:has(#side-{side}) textarea[name=comment]")
        await page.keyboard.type("geprüft")
        await page.keyboard.press("Tab")
        await expect(status).to_have_text(SAVED)
        await expect(status.locator("strong")).to_have_count(0)
    await page.evaluate("document.activeElement.blur()")


async def test_both_are_reviewed_and_signed_with_the_keyboard_alone(
    running: tuple[Workbench, str], both: tuple[UUID, UUID], page: Page
) -> None:
    pages, address = running
    visitor = Visitor(page, address)
    await signs_in(page, address)
    await visitor.opens("/reviews")
    await page.get_by_role("link", name="Blaue Karte").first.press("Enter")
    await page.get_by_role("button", name="Bei keinem gibt es einen Grund").press("Enter")
    await page.wait_for_url("**/form*")
    for _ in range(30):
        for side in "ab":
            await answered(page, side)
        if not await page.locator("a[data-next]").count():
            break
        heading = await page.locator("#question h3").inner_text()
        await page.keyboard.press("n")
        await expect(page.locator("#question h3")).not_to_have_text(heading)
        await page.wait_for_load_state()
    for left in (1, 0):
        await page.keyboard.press("s")
        await expect(page.locator("#ready p")).to_have_count(1 + left)
        await expect(page.locator("#ready")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile("done=signed"))
        if left:
            assert await states(pages) == {"signed", "in_review"}
            await page.get_by_role("link", name="Weiter mit dem ähnlichen Fall").press("Enter")
            await page.wait_for_url("**/form")
            await expect(page.locator("form[data-sign]")).to_have_count(1)
    assert await states(pages) == {"signed"}


async def test_text_of_one_case_never_goes_to_the_other(
    running: tuple[Workbench, str], both: tuple[UUID, UUID], page: Page
) -> None:
    pages, address = running
    visitor = Visitor(page, address)
    await signs_in(page, address)
    await visitor.opens(f"/reviews/{both[0]}")
    await page.click("text=Bei keinem gibt es einen Grund")
    await visitor.opens(f"/reviews/{both[0]}/form?q=M4")
    for side, grade, text in (("a", "2", "in diesem Fall"), ("b", "3", "im anderen Fall")):
        await page.focus(f".answers__side:has(#side-{side}) input[name=grade]")
        await page.keyboard.press(grade)
        await page.fill(f".answers__side:has(#side-{side}) textarea[name=comment]", text)
    for side in "ab":
        status = page.locator(f".answers__side:has(#side-{side}) [role=status]")
        await expect(status).to_have_text(SAVED)
    rows = await pages.pool.fetch(
        "SELECT DISTINCT ON (review) review, grade, comment FROM answer WHERE question = 'M4'"
        " ORDER BY review, version DESC"
    )
    assert {row["review"]: (row["grade"], row["comment"]) for row in rows} == {
        both[0]: ("minor_error", "in diesem Fall"),
        both[1]: ("significant_error", "im anderen Fall"),
    }


async def test_the_two_cases_are_for_everybody_however_they_see_them(
    running: tuple[Workbench, str], both: tuple[UUID, UUID], page: Page
) -> None:
    visitor = Visitor(page, running[1])
    await signs_in(page, visitor.address)
    await visitor.opens(f"/reviews/{both[0]}")
    assert await visitor.in_every_way() == []
    await page.click("text=Bei keinem gibt es einen Grund")
    await page.wait_for_url("**/form*")
    await visitor.opens(f"/reviews/{both[0]}/form?q=M4")
    await page.keyboard.press("1")
    status = page.locator(".answers__side:has(#side-a) [role=status]")
    await expect(status).to_have_text(SAVED)
    assert await visitor.in_every_way() == []
    assert len(set(await tops(page))) == 1, "side by side"
    await page.set_viewport_size({"width": 320, "height": 900})
    assert len(set(await tops(page))) == 2, "under each other"


async def tops(page: Page) -> list[float]:
    """Tell where the two cases begin."""
    find = "one => one.getBoundingClientRect().top"
    return [await page.locator(f"#side-{side}").evaluate(find) for side in "ab"]
