"""The workbench as each role uses it, and each of its pages in every way of seeing."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.access import access_table
from tests.browser.conftest import Visitor
from tests.browser.lived_in import DECISIONS, Home, lived_in

pytestmark = pytest.mark.stack

PAGES = [
    ("leitung-1", "/reviews"),
    ("leitung-1", "/reviews/signed"),
    ("{assigned_by}", "/reviews/{assigned}"),
    ("{begun_by}", "/reviews/{begun}/form"),
    ("{signed_by}", "/reviews/{signed}/form"),
    ("{settled_by}", "/reviews/{settled}/form"),
    ("{settled_by}", "/reviews/{settled}/comparison"),
    ("leitung-1", "/results"),
    ("leitung-1", "/today"),
    ("leitung-1", "/today/display"),
    ("leitung-1", "/process"),
    ("leitung-1", "/clocks"),
    ("leitung-1", "/policy"),
    ("leitung-1", "/findings?state=withdrawn"),
    ("leitung-1", "/findings/{replied}"),
    ("leitung-1", "/appeals"),
    ("leitung-1", "/measures?state=all"),
    ("leitung-1", "/measures/{measure}"),
    ("leitung-1", "/guidance"),
    ("leitung-1", "/guidance/anhoerung"),
    ("controlling", "/board?waiting=true"),
    ("controlling", "/measures/new?finding={finding}"),
    ("controlling", "/measures/{agreed}/done"),
    ("controlling", "/guidance/new"),
    ("controlling", "/guidance/anhoerung/edit"),
    ("sachgebiet-1", "/findings"),
    ("pruefung", "/audit?act=reopened"),
    ("betrieb", "/"),
    ("betrieb", "/reviews"),
    ("verwaltung", "/accounts"),
    ("verwaltung", "/accounts/{account}/lock"),
]
"""Who opens which page; operations are refused reviews."""
_FOR_NOBODY_TO_READ = ("/scripts/{name}", "/{path:path}")


@pytest.fixture(scope="module")
async def home(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with lived_in(stack.database_url, secrets) as found:
        yield found


async def at(
    home: Home, browser: Browser, login: str, path: str = "/", language: str = "de"
) -> Visitor:
    page = await (await home.window(browser, login)).new_page()
    visitor = Visitor(page, home.address)
    await visitor.opens(_in(path, language))
    return visitor


def _in(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}language={language}"


@pytest.mark.parametrize(("login", "template"), PAGES)
async def test_a_page_is_for_everybody_however_they_see_it(
    home: Home, browser: Browser, login: str, template: str
) -> None:
    visitor = await at(home, browser, home.of(login), home.of(template), "en")
    assert await visitor.page.get_attribute("html", "lang") == "en"
    assert await visitor.barriers() == []
    await visitor.opens(_in(home.of(template), "de"))
    assert await visitor.page.get_attribute("html", "lang") == "de"
    assert await visitor.in_every_way() == []
    await visitor.page.context.close()


@pytest.mark.parametrize("path", ["/today", "/process", "/clocks"])
async def test_what_is_unfolded_fits_a_telephone(home: Home, browser: Browser, path: str) -> None:
    visitor = await at(home, browser, "leitung-1", path)
    await visitor.page.evaluate(
        "document.querySelectorAll('details').forEach(it => it.open = true)"
    )
    await visitor.page.set_viewport_size({"width": 320, "height": 800})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await visitor.page.evaluate(wide)
    assert await visitor.barriers() == []
    await visitor.page.context.close()


async def test_every_page_is_looked_at(home: Home) -> None:
    looked_at = {template.split("?")[0] for _, template in PAGES}
    pages = {
        call.path
        for call in access_table(home.app)
        if call.method == "GET" and not call.path.endswith(".csv")
    }.difference(_FOR_NOBODY_TO_READ)
    routes = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in pages}
    assert [
        path for path, route in routes.items() if not any(map(route.fullmatch, looked_at))
    ] == []


async def test_no_page_and_no_table_tells_who_decided(home: Home, browser: Browser) -> None:
    rows = await home.pool.fetch(
        "SELECT decider AS secret FROM draw WHERE decider IS NOT NULL"
        " UNION SELECT staff_number FROM account WHERE staff_number IS NOT NULL"
    )
    secrets = {row["secret"] for row in rows}
    assert len(secrets) > DECISIONS
    tables = {call.path for call in access_table(home.app) if call.path.endswith(".csv")}
    paths = [*tables, *(home.of(template) for _, template in PAGES)]
    for login in ("leitung-1", "controlling", "sachgebiet-1", "pruefung"):
        window, read = await home.window(browser, login), 0
        for path in paths:
            answer = await window.request.get(f"{home.address}{path}")
            text = await answer.text()
            assert [one for one in secrets if one in text] == [], (login, path)
            read += answer.ok
        assert read > 10, login
        await window.close()


async def test_who_is_to_sign_in_sees_the_page_however_they_see(home: Home, page: Page) -> None:
    visitor = Visitor(page, home.address)
    await visitor.opens("/sign-in?language=en")
    assert await visitor.barriers() == []
    await visitor.opens("/sign-in?language=de")
    assert await visitor.in_every_way() == []


async def test_two_reviewers_at_once_get_different_reviews_and_open_no_others(
    home: Home, browser: Browser
) -> None:
    visitors = [await at(home, browser, login, "/reviews") for login in ("leitung-2", "leitung-4")]
    await asyncio.gather(*(_takes_the_next(one.page) for one in visitors))
    first, second = (one.page.url.removeprefix(home.address).split("?")[0] for one in visitors)
    assert first != second
    for one, other in zip(visitors, (second, first), strict=True):
        await expect(one.page.locator("form[data-answer]")).to_be_visible()
        assert await one.opens(other) == 404
        await one.page.context.close()


async def _takes_the_next(page: Page) -> None:
    await page.click("text=Nächste Prüfung beginnen")
    await page.click("main form[action$='/take'] button")
    await page.wait_for_url("**/form*")


async def test_controlling_spreads_what_waits_and_moves_a_review(
    home: Home, browser: Browser
) -> None:
    visitor = await at(home, browser, "controlling", "/board?waiting=true")
    page = visitor.page
    assert await page.locator("[name=review]").count() > 0
    await page.click("text=Wartende Prüfungen verteilen")
    await expect(page.locator(".kern-alert")).to_contain_text("Neu zugewiesen")
    await visitor.opens("/board")
    holder = await page.locator("tr:has([name=review]) td:last-child").first.inner_text()
    other = "Julia Hartmann" if "Hartmann" not in holder else "Emre Demir"
    await page.check("[name=review] >> nth=0")
    await page.select_option("[name=to]", label=other)
    await page.click("main form[action='/board/assign'] button >> nth=0")
    await expect(page.locator(".kern-alert")).to_contain_text("Neu zugewiesen")
    await page.context.close()


async def test_a_units_head_sees_the_own_unit_alone(home: Home, browser: Browser) -> None:
    visitor = await at(home, browser, "sachgebiet-1", "/findings?state=all")
    page = visitor.page
    assert await page.locator("tbody tr").count() > 0
    others = await home.pool.fetchval("SELECT min(number) FROM finding WHERE unit <> 'unit-1'")
    assert await visitor.opens(f"/findings/{others}") == 404
    assert "Diese Seite gibt es nicht" in await visitor.reads()
    assert await visitor.opens("/measures?state=all") == 200
    await page.context.close()


async def test_a_list_is_gone_through_by_keys_that_can_be_switched_off(
    home: Home, browser: Browser
) -> None:
    visitor = await at(home, browser, "leitung-1", "/findings?state=all")
    page = visitor.page
    links = [page.locator("tbody tr a:first-of-type").nth(place) for place in range(2)]
    for key, place in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        await page.keyboard.press(key)
        await expect(links[place]).to_be_focused()
    await page.fill("[name=q]", "")
    await page.focus("[name=q]")
    await page.keyboard.type("jk")
    await expect(page.locator("[name=q]")).to_have_value("jk")
    await page.click("text=Diese Tasten ausschalten")
    await page.keyboard.press("j")
    await expect(page.locator("#list-keys button")).to_be_focused()
    await page.click("text=Diese Tasten einschalten")
    await page.context.close()


async def test_who_leaves_a_page_with_words_of_their_own_is_asked_first(
    home: Home, browser: Browser
) -> None:
    number = await home.pool.fetchval("SELECT min(number) FROM open_finding WHERE unit = 'unit-1'")
    visitor = await at(home, browser, "sachgebiet-1", f"/findings/{number}")
    page, asked = visitor.page, []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.locator("textarea").press_sequentially("Abgewogen")
    await page.click("nav.top__languages a")
    await expect(page.locator("textarea")).to_have_value("Abgewogen")
    assert asked == ["beforeunload"]
    await page.fill("textarea", "")
    await page.click("nav.top__languages a")
    await page.wait_for_url("**language=en*")
    assert asked == ["beforeunload"]
    await page.context.close()


async def test_an_auditor_narrows_the_log_and_takes_it_along(home: Home, browser: Browser) -> None:
    visitor = await at(home, browser, "pruefung", "/audit")
    page = visitor.page
    await page.select_option("[name=act]", "signed")
    await page.click("main form >> text=Anzeigen")
    assert "act=signed" in page.url
    acts = await page.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert set(acts) == {"Prüfung unterschrieben"}
    async with page.expect_download() as file:
        await page.click("a[href*='.csv']")
    assert (await file.value).suggested_filename.endswith(".csv")
    assert await page.locator("a[href*='vis:']").count() == 0
    await page.context.close()


async def test_the_staff_council_reads_results_and_log_and_no_review(
    home: Home, browser: Browser
) -> None:
    visitor = await at(home, browser, "personalrat")
    links = await visitor.page.locator("nav.side a").all_inner_texts()
    assert {"Ergebnisse", "Protokoll"} <= set(links)
    assert "Meine Prüfungen" not in links
    assert await visitor.opens("/results") == 200
    assert await visitor.opens("/reviews") == 403
    await visitor.page.context.close()


async def test_operations_is_told_where_to_look(home: Home, browser: Browser) -> None:
    visitor = await at(home, browser, "betrieb")
    assert "Willkommen" in await visitor.reads()
    assert await visitor.page.locator("nav.side a").all_inner_texts() == ["Heute", "Verfahren"]
    await visitor.page.context.close()


async def test_who_keeps_accounts_locks_one_and_its_sessions_end(
    home: Home, browser: Browser
) -> None:
    locked = await at(home, browser, "leitung-8", "/reviews")
    visitor = await at(home, browser, "verwaltung", "/accounts")
    page = visitor.page
    await page.click("[aria-label='Sperren: Martin Vogel']")
    await expect(page.locator("h1")).to_have_text("Konto von Martin Vogel sperren?")
    await page.click("text=Ja, sperren")
    await expect(page.locator(".kern-alert")).to_contain_text("Das Konto ist gesperrt")
    await locked.page.reload()
    await expect(locked.page).to_have_url(re.compile("/sign-in"))
    home.forget("leitung-8")
    await page.click("[aria-label='Freigeben: Martin Vogel']")
    await expect(page.locator(".kern-alert")).to_contain_text("wieder frei")
    await page.context.close()
    await locked.page.context.close()
