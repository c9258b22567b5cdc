"""A whole review by keyboard, and nothing that was typed is lost on the way."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import Browser, Dialog, Page, Route, expect

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from tests.browser.conftest import Visitor
from tests.integration.review_form_helpers import emptied, taken
from tests.integration.test_review_form import answers, complete
from tests.integration.workbench_helpers import PASSWORD, Workbench

pytestmark = pytest.mark.stack

NOT_SAVED = "nicht gespeichert"
SAVED = re.compile(r"gespeichert \d\d:\d\d")


@pytest.fixture
async def review(running: tuple[Workbench, str], stack: Addresses) -> UUID:
    pages, _ = running
    await emptied(pages, stack.database_url)
    return await taken(pages, pages.accounts[Role.LEADERSHIP])


@pytest.fixture
async def visitor(running: tuple[Workbench, str], review: UUID, page: Page) -> Visitor:
    visitor = Visitor(page, running[1])
    await signs_in(page, visitor.address)
    await visitor.opens(f"/reviews/{review}/form")
    return visitor


async def signs_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", "leader")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def is_saved(page: Page) -> None:
    await expect(page.locator("#question > [role=status]")).to_have_text(SAVED)


@pytest.mark.parametrize("code", ["F3", "on_the_file"])
async def test_on_a_small_screen_of_a_desk_the_foot_hides_nothing_of_a_question(
    visitor: Visitor, code: str
) -> None:
    page = visitor.page
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.locator(f"a.question__line[href*='q={code}#']").click()
    await expect(page.locator(f"form[data-answer={code}]")).to_be_in_viewport(ratio=1)
    foot = await page.locator("#foot").bounding_box()
    main = await page.locator("#question .kern-btn--primary").bounding_box()
    assert foot is not None
    assert main is not None
    assert main["y"] + main["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= 800


async def test_a_whole_review_is_done_with_the_keyboard_alone(
    visitor: Visitor, running: tuple[Workbench, str], review: UUID
) -> None:
    page = visitor.page
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_have_attribute("open", "")
    await page.keyboard.press("?")
    for _ in range(30):
        code = await page.get_attribute("form[data-answer]", "data-answer")
        await page.keyboard.press("1")
        await is_saved(page)
        needed = await page.locator("#question > [role=status] strong").count()
        if needed:
            await page.focus("textarea[name=comment]")
            await page.keyboard.type("geprüft und in Ordnung")
            await page.keyboard.press("Tab")
            await is_saved(page)
            await expect(page.locator("#question > [role=status] strong")).to_have_count(0)
        if await page.locator("form[data-sign]").count():
            break
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("n")
        await page.wait_for_function(
            "before => document.querySelector('form[data-answer]')?.dataset.answer !== before",
            arg=code,
        )
    await page.evaluate("document.activeElement.blur()")
    await page.focus("form[data-answer] button")
    await page.keyboard.press("Enter")
    ready = page.locator("#ready")
    await expect(ready).to_be_focused()
    await expect(ready).to_contain_text("nach damaliger Aktenlage: Richtig")
    await expect(ready).to_contain_text("nach heutiger Kenntnis: Richtig")
    await page.keyboard.press("Enter")
    assert await state_of(running[0], review) == "in_review", "nobody signs what they haven't seen"
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("s")
    await expect(ready).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("done=signed"))
    assert "Die Prüfung ist unterschrieben." in await visitor.reads()
    assert await state_of(running[0], review) == "signed"


async def state_of(pages: Workbench, review: UUID) -> str:
    found: str = await pages.pool.fetchval("SELECT state FROM review WHERE id = $1", review)
    return found


async def test_what_was_found_is_confirmed_with_one_key(visitor: Visitor, review: UUID) -> None:
    await visitor.opens(f"/reviews/{review}/form?q=Z1#question")
    await visitor.page.keyboard.press("b")
    await visitor.page.wait_for_url(re.compile(r"q=(?!Z1)"))
    await visitor.opens(f"/reviews/{review}/form?q=Z1")
    await is_saved(visitor.page)
    await expect(visitor.page.locator("form[data-confirm]")).to_have_count(0)


async def test_who_is_at_a_button_while_an_answer_is_saved_stays_there(visitor: Visitor) -> None:
    page, goes_on = visitor.page, asyncio.Event()

    async def wait(route: Route) -> None:
        if route.request.method == "POST":
            await goes_on.wait()
        await route.continue_()

    await page.route("**/answers/**", wait)
    await page.keyboard.press("1")
    await page.focus("a[data-next]")
    goes_on.set()
    await is_saved(page)
    await expect(page.locator("a[data-next]")).to_be_focused()


async def test_who_goes_on_while_an_answer_is_saved_leaves_nothing_unsaved(
    visitor: Visitor,
) -> None:
    page = visitor.page

    async def wait(route: Route) -> None:
        if route.request.method == "POST":
            await asyncio.sleep(0.3)
        await route.continue_()

    await page.route("**/answers/**", wait)
    before = await page.get_attribute("form[data-answer]", "data-answer")
    await page.keyboard.press("1")
    await page.keyboard.press("n")
    await page.wait_for_function(
        "before => document.querySelector('form[data-answer]')?.dataset.answer !== before",
        arg=before,
    )
    assert await page.evaluate("Object.keys(sessionStorage).filter(one => one[6] === ':')") == []


async def test_single_keys_can_be_switched_off_and_on_again(visitor: Visitor) -> None:
    page = visitor.page
    await page.click("#keys summary")
    await page.click("text=Diese Tasten ausschalten")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("1")
    await expect(page.locator("form[data-answer] input:checked")).to_have_count(0)
    await page.reload()
    await page.keyboard.press("1")
    await expect(page.locator("form[data-answer] input:checked")).to_have_count(0)
    await page.click("#keys summary")
    await page.click("text=Diese Tasten einschalten")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("1")
    await expect(page.locator("form[data-answer] input:checked")).to_have_count(1)


async def test_of_two_tabs_the_second_sees_both_answers_and_chooses(visitor: Visitor) -> None:
    first = visitor.page
    second = await first.context.new_page()
    await second.goto(first.url)
    await first.keyboard.press("1")
    await is_saved(first)
    await second.keyboard.press("2")
    both = second.locator("#question .both")
    await expect(both).to_be_visible()
    await expect(both).to_contain_text("Richtig")
    await expect(both).to_contain_text("Kleiner Fehler")
    await second.click("text=Meine Fassung speichern")
    await is_saved(second)
    await first.reload()
    await first.goto(f"{first.url.split('?')[0]}?q=Z1")
    await expect(first.locator("input[value=minor_error]")).to_be_checked()


async def test_text_survives_an_expired_session(
    visitor: Visitor, running: tuple[Workbench, str]
) -> None:
    page = visitor.page
    page.on("dialog", lambda asked: asked.accept())
    await page.keyboard.press("2")
    await is_saved(page)
    await running[0].pool.execute("DELETE FROM session")
    await page.fill("textarea[name=comment]", "Das Sachgebiet war nicht zuständig.")
    await expect(page.locator("#question > [role=status]")).to_contain_text(
        "Sitzung ist abgelaufen"
    )
    await expect(page.locator("#question > [role=status]")).to_contain_text(NOT_SAVED)
    await signs_in(page, visitor.address)
    await page.go_back()
    await page.goto(f"{visitor.address}{await path_of(running)}?q=Z1")
    await expect(page.locator("textarea[name=comment]")).to_have_value(
        "Das Sachgebiet war nicht zuständig."
    )
    await is_saved(page)
    kept = await running[0].pool.fetchval(
        "SELECT comment FROM answer WHERE question = 'Z1' ORDER BY version DESC LIMIT 1"
    )
    assert kept == "Das Sachgebiet war nicht zuständig."


async def path_of(running: tuple[Workbench, str]) -> str:
    return (
        f"/reviews/{await running[0].pool.fetchval('SELECT id FROM review WHERE round = 1')}/form"
    )


@pytest.fixture
async def without_net(
    browser: Browser, running: tuple[Workbench, str], review: UUID
) -> AsyncIterator[Page]:
    """A window in which requests may fail: the browser complains of them, as it should."""
    context = await browser.new_context()
    page = await context.new_page()
    await signs_in(page, running[1])
    await page.goto(f"{running[1]}/reviews/{review}/form")
    yield page
    await context.close()


async def test_text_survives_a_lost_connection_and_is_saved_when_it_is_back(
    without_net: Page,
) -> None:
    page = without_net
    await page.context.set_offline(True)
    await page.keyboard.press("2")
    await expect(page.locator("#question > [role=status]")).to_contain_text("Die Verbindung fehlt")
    await page.context.set_offline(False)
    await is_saved(page)


async def test_text_survives_the_back_button(without_net: Page) -> None:
    page = without_net
    await page.route("**/answers/*", lambda route: route.abort())
    await page.fill("textarea[name=comment]", "noch nicht fertig")
    await page.click(".question__line >> nth=1")
    await expect(page.locator(".foot__drafts a")).to_be_visible()
    await page.unroute("**/answers/*")
    await page.go_back()
    await expect(page.locator("textarea[name=comment]")).to_have_value("noch nicht fertig")
    await is_saved(page)


async def test_who_leaves_at_once_has_the_last_words_saved(
    visitor: Visitor, running: tuple[Workbench, str]
) -> None:
    page = visitor.page
    await page.fill("textarea[name=comment]", "gerade noch")
    await page.goto("about:blank")
    last = "SELECT comment FROM answer WHERE origin = 'human' ORDER BY saved_at DESC LIMIT 1"
    async with asyncio.timeout(20):
        while await running[0].pool.fetchval(last) != "gerade noch":
            await asyncio.sleep(0.1)


async def test_who_would_lose_what_could_not_be_saved_is_asked_first(without_net: Page) -> None:
    page, asked = without_net, []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.context.set_offline(True)
    await page.locator("textarea[name=comment]").press_sequentially("nur hier")
    await expect(page.locator("#question > [role=status]")).to_contain_text("Die Verbindung fehlt")
    await page.close(run_before_unload=True)
    await expect(page.locator("textarea[name=comment]")).to_have_value("nur hier")
    async with asyncio.timeout(20):
        while not asked:
            await asyncio.sleep(0.1)
    assert asked == ["beforeunload"]


async def test_a_question_with_an_error_chosen_is_for_everybody(visitor: Visitor) -> None:
    await visitor.page.keyboard.press("2")
    await is_saved(visitor.page)
    assert await visitor.in_every_way() == []


async def test_who_is_told_of_an_older_answer_without_script_sees_both(visitor: Visitor) -> None:
    """What a form sends by itself doesn't pass our script."""
    first = visitor.page
    second = await first.context.new_page()
    await second.goto(first.url)
    for page, grade in ((second, "correct"), (first, "minor_error")):
        async with page.expect_navigation():
            await page.evaluate(_SENDS, grade)
    await expect(first.locator(".both")).to_contain_text("Kleiner Fehler")
    assert await visitor.in_every_way() == []


_SENDS = """grade => {
  const form = document.querySelector('form[data-answer]');
  form.querySelector(`[value=${grade}]`).checked = true;
  form.submit();
}"""


async def test_who_signs_words_that_look_personal_is_shown_them(
    visitor: Visitor, running: tuple[Workbench, str], review: UUID
) -> None:
    pages, _ = running
    leader = pages.browser()
    await leader.sign_in("leader")
    leader.csrf = await pages.pool.fetchval(
        "SELECT encode(csrf, 'hex') FROM session ORDER BY created_at DESC"
    )
    await complete(pages, leader, review)
    await answers(leader, review, "Z1", "minor_error", 1, comment="Herr Yilmaz, geb. 3.4.1987")
    await visitor.opens(f"/reviews/{review}/form")
    await visitor.page.click("form[data-sign] button")
    await expect(visitor.page.locator("mark >> nth=0")).to_have_text("Herr Yilmaz")
    assert await visitor.in_every_way() == []


async def test_a_list_scrolls_by_itself_on_a_narrow_screen(visitor: Visitor) -> None:
    await visitor.page.set_viewport_size({"width": 320, "height": 900})
    await visitor.page.goto(f"{visitor.address}/reviews")
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
