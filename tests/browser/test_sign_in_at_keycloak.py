"""Signing in at a real Keycloak, and what ends it from there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from pydantic import AnyHttpUrl

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.web.sign_in.recognising import SIGN_IN
from tests import keycloak
from tests.browser.conftest import Site, Visitor, served
from tests.integration.controlling_helpers import controlling
from tests.integration.workbench_helpers import add
from tests.keycloak import PASSWORD, Keycloak

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]  # it prepares itself for minutes

LEADER, STRANGER = "leader", "stranger"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    with keycloak.running(tmp_path_factory.mktemp("keycloak") / "keycloak.log") as found:
        yield found


@pytest.fixture(scope="module")
async def site(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory, provider: Keycloak
) -> AsyncIterator[Site]:
    """The pages as in production: nobody has a password here."""
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with controlling(stack.database_url, secrets) as pool:
        await add(pool, LEADER, Role.LEADERSHIP)
        settings = Settings(
            database_url=stack.database_url,
            secrets_directory=secrets,
            issuer=AnyHttpUrl(provider.issuer),
            client_id=keycloak.CLIENT,
            production=True,
        )
        async with served(create_app(settings)) as address:
            provider.open_realm([LEADER, STRANGER], address)
            yield Site(pool, address)


@pytest.fixture
async def visitor(site: Site, page: Page) -> Visitor:
    await site.pool.execute("DELETE FROM session")
    return Visitor(page, site.address)


async def signs_in(visitor: Visitor, person: str) -> None:
    await visitor.opens("/reviews")
    await visitor.page.click("#authority")
    await visitor.page.fill("#username", person)
    await visitor.page.fill("#password", PASSWORD)
    await visitor.page.click("#kc-login")
    await visitor.page.wait_for_url(f"{visitor.address}/**")


async def test_who_signs_in_there_is_led_to_the_page_they_wanted(visitor: Visitor) -> None:
    await signs_in(visitor, LEADER)
    assert visitor.page.url == f"{visitor.address}/reviews"
    await expect(visitor.page.locator(".top__who")).to_contain_text("Maria leader")


async def test_who_has_no_account_here_is_told_so(visitor: Visitor, site: Site) -> None:
    await signs_in(visitor, STRANGER)
    assert "kein Konto" in await visitor.reads()
    assert await site.pool.fetchval("SELECT count(*) FROM session") == 0


async def test_being_signed_out_there_ends_the_session_here(
    visitor: Visitor, provider: Keycloak
) -> None:
    await signs_in(visitor, LEADER)
    await asyncio.to_thread(provider.sign_out, LEADER)  # it tells the pages, which run in this loop
    await visitor.opens("/reviews")
    assert visitor.page.url.startswith(f"{visitor.address}{SIGN_IN}")


async def test_an_answer_to_another_question_begins_anew_and_signs_nobody_in(
    visitor: Visitor, site: Site
) -> None:
    """The back button, two windows, a form that lay open: the state isn't the one asked with."""
    await signs_in(visitor, LEADER)
    await visitor.page.context.clear_cookies()
    await site.pool.execute("DELETE FROM session")
    await visitor.opens(f"{SIGN_IN}/return?code=stolen&state=other")
    assert await visitor.page.locator("#authority").count() == 1
    assert await site.pool.fetchval("SELECT count(*) FROM session") == 0


async def test_a_code_that_it_never_gave_signs_nobody_in(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    await visitor.opens("/reviews")
    await page.click("#authority")
    await page.wait_for_selector("#username")
    state = next(part for part in page.url.split("&") if part.startswith("state="))
    await visitor.opens(f"{SIGN_IN}/return?code=forged&{state}")
    assert await page.locator("#authority").count() == 1
    assert await site.pool.fetchval("SELECT count(*) FROM session") == 0
