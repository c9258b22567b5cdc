"""Somebody who answers applicants looks up a case, and notes that they have called."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.notify.reference import code_of
from tests.browser.conftest import Visitor, served
from tests.integration.message_log_helpers import BOUNCED, MessageLog, prepared
from tests.integration.workbench_helpers import PASSWORD

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def running(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[MessageLog, str]]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    async with (
        prepared(stack, secrets, "message_log_pages") as log,
        served(log.desk.app) as address,
    ):
        yield log, address


async def at(page: Page, address: str, role: Role) -> Visitor:
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=login]", role.value)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return Visitor(page, address)


async def test_a_call_is_noted_with_the_keyboard_alone_on_pages_for_everybody(
    page: Page, running: tuple[MessageLog, str], pictures: Path
) -> None:
    log, address = running
    case_ref, message = await log.missed()
    clerk = await at(page, address, Role.FRONT_DESK)
    assert page.url.endswith("/messages")
    await page.screenshot(path=pictures / "messages.png", full_page=True)
    assert await clerk.in_every_way() == []

    await page.focus("[name=case]")
    await page.keyboard.type(code_of(case_ref).lower())
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/messages/cases/{case_ref}")
    await page.focus("summary")
    await page.keyboard.press("Enter")
    await page.screenshot(path=pictures / "messages_of_case.png", full_page=True)
    assert await clerk.in_every_way() == []

    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".errors")).to_be_focused()
    await page.fill(f"#reason-told-{message}", "angerufen")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**done=told**")
    assert "Eingetragen: Die Person weiß Bescheid." in await clerk.reads()
    assert await clerk.in_every_way() == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("message_texts", "/messages/texts"),
        ("message_text", "/messages/texts/appointment_booked?in=ar"),
        ("message_sms", "/messages/texts/appointment_booked?in=uk&by=sms"),
        ("message_letter", "/messages/texts/appointment_booked?by=letter"),
        ("message_lacks", "/messages/texts/delivery_failed?in=tr"),
    ],
)
async def test_texts_are_read_by_everybody(
    page: Page, running: tuple[MessageLog, str], pictures: Path, name: str, path: str
) -> None:
    clerk = await at(page, running[1], Role.FRONT_DESK)
    assert await clerk.opens(path) == 200
    await page.screenshot(path=pictures / f"{name}.png", full_page=True)
    assert await clerk.in_every_way() == []


async def test_figures_are_read_by_everybody(
    page: Page, running: tuple[MessageLog, str], pictures: Path
) -> None:
    log, address = running
    for number in range(20):
        _, message = await log.told()
        if number < 8:
            await log.notify.execute(BOUNCED, message)
    operator = await at(page, address, Role.OPERATIONS)
    assert await operator.opens("/messages/statistics") == 200
    await page.screenshot(path=pictures / "message_statistics.png", full_page=True)
    assert await operator.in_every_way() == []
