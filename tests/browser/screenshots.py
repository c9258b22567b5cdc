"""`make screenshots`: photographs the workbench that runs here, page by page, for docs/guide.

It takes what `make run` has left, signs in as the invented people, and changes nothing but the log
of who has read what. `--looks DIR` writes each page dark, in forced colours, on a telephone and in
English too, to be looked at. The wall display shows a day that isn't over: its picture is that of
`test_display.py`.
"""

import asyncio
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import click
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from deploy.demo.people import password_in
from deploy.local import presence, record
from deploy.local.folder import STACK
from shared.configuration.places import ROOT
from tests.browser.headless import launch

FOLDER = ROOT / "docs" / "guide" / "pictures"
WIDTH, LOWEST, HIGHEST = 1280, 420, 1000
COLOURS = 96
_SETTLED = """SELECT login, '/reviews/' || review.id || '/comparison' AS path
    FROM controlling.review JOIN controlling.account ON account.id = account
    WHERE state = 'closed' ORDER BY signed_at DESC LIMIT 1"""
_BEGUN = """SELECT login, '/reviews/' || review.id || '/form' AS path
    FROM controlling.review JOIN controlling.account ON account.id = account
    WHERE state = 'in_review' AND round < 3 AND task IS NULL
    ORDER BY questions - (SELECT count(DISTINCT question) FROM controlling.answer
        WHERE answer.review = review.id AND grade IS NOT NULL), review.id LIMIT 1"""
_TWINS = """SELECT login, '/reviews/' || review.id || '/form' AS path
    FROM controlling.review JOIN controlling.account ON account.id = account
    WHERE (task, account) IN (SELECT task, account FROM controlling.review
        WHERE state = 'in_review' GROUP BY task, account HAVING count(*) > 1)
    ORDER BY review.id LIMIT 1"""
PAGES: Mapping[str, tuple[str, str, str]] = {
    "reviews": ("leitung-1", "/reviews", ""),
    "conflict": ("leitung-1", "/reviews", "tr:has-text('noch nicht') th a"),
    "review": ("", _BEGUN, ""),
    "twins": ("", _TWINS, ""),
    "signed": ("leitung-1", "/reviews/signed", ""),
    "comparison": ("", _SETTLED, ""),
    "board": ("controlling", "/board", ""),
    "findings": ("leitung-1", "/findings?state=all", ""),
    "finding": ("leitung-1", "/findings?state=replied", "tbody a"),
    "appeals": ("leitung-1", "/appeals", ""),
    "measures": ("controlling", "/measures?state=all", ""),
    "measure": ("controlling", "/measures?state=done", "tbody a"),
    "article": ("controlling", "/guidance/anhoerung", ""),
    "results": ("leitung-1", "/results", ""),
    "today": ("leitung-1", "/today", ""),
    "process": ("leitung-1", "/process", ""),
    "clocks": ("leitung-1", "/clocks", ""),
    "audit": ("pruefung", "/audit", ""),
    "accounts": ("verwaltung", "/accounts", ""),
}
"""By name: who opens what, and which link they follow then; a query where no list leads there."""
LOOKS: Mapping[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "narrow": {"viewport": {"width": 320, "height": 700}},
    "english": {},
}


async def shoot(page: Page, address: str, path: str, link: str, look: str) -> bytes:
    """Open a page and photograph it."""
    await page.goto(f"{address}{path}{'&' if '?' in path else '?'}language=de")
    if link:
        await page.locator(link).first.click()
        await page.wait_for_load_state()
    if look == "english":
        await page.click("[hreflang=en]")
        await page.wait_for_load_state()
    return await page.screenshot(full_page=True)


async def place(name: str) -> tuple[str, str, str]:
    """Give who opens a page, where, and which link they follow then."""
    login, path, link = PAGES[name]
    if login:
        return login, path, link
    connection = await asyncpg.connect(presence.owner_database_url(STACK, os.environ))
    row = await connection.fetchrow(path)
    await connection.close()
    assert row is not None, f"{name}: nothing to be photographed"
    return row["login"], row["path"], link


def small(picture: bytes) -> Image.Image:
    """Cut off what is too long for a guide, and store as few colours as nobody misses."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, HIGHEST)))
    return image.quantize(COLOURS)


async def signed_in(browser: Browser, address: str, login: str, **look: Any) -> Page:
    """Open a window in which somebody is signed in."""
    options = {"viewport": {"width": WIDTH, "height": LOWEST}} | look
    page = await (await browser.new_context(**options)).new_page()
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", password_in(STACK.demo_password))
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return page


async def take(names: list[str], looks: Path | None) -> None:
    address = record.load(STACK.record).addresses["workbench"]
    async with async_playwright() as play:
        browser = await launch(play)
        for look in LOOKS if looks else ["light"]:
            pages: dict[str, Page] = {}
            for name in names:
                login, path, link = await place(name)
                if login not in pages:
                    pages[login] = await signed_in(browser, address, login, **LOOKS[look])
                picture = await shoot(pages[login], address, path, link, look)
                if looks:
                    (looks / f"{name}-{look}.png").write_bytes(picture)
                else:
                    small(picture).save(FOLDER / f"{name}.png", optimize=True)
        await browser.close()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PAGES)))
@click.option("--looks", type=click.Path(file_okay=False, path_type=Path))
def main(names: tuple[str, ...], looks: Path | None) -> None:
    """Photograph NAMES, or every page."""
    for folder in (FOLDER, looks):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(list(names) or list(PAGES), looks))


if __name__ == "__main__":
    main()
