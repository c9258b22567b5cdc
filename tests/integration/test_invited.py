"""Invented people get in, the log says so, and nobody is signed out without need."""

import pytest

from deploy.demo.people import let_in, people
from services.controlling.accounts import store
from shared.web.sign_in.local import fits
from tests.integration.review_helpers import NOW, Desk

pytestmark = pytest.mark.stack

EVERYBODY = len(people())


async def test_everybody_gets_an_account_once_and_the_log_says_so(desk: Desk) -> None:
    await let_in(desk.controlling, "correct horse")
    await let_in(desk.controlling, "correct horse")
    assert await desk.acts() == ["account_added"] * EVERYBODY


async def test_who_is_there_gets_another_password_and_who_is_locked_stays_so(desk: Desk) -> None:
    await let_in(desk.controlling, "correct horse")
    async with desk.controlling.acquire() as connection:
        locked = await store.of_login(connection, "leitung-2")
        await store.lock(connection, locked.id, NOW)
        await let_in(desk.controlling, "battery staple")
        known = await store.credentials(connection, "leitung-1")
        assert await fits("battery staple", known)
        assert await store.credentials(connection, "leitung-2") is None
    assert (await desk.acts()).count("password_reset") == EVERYBODY - 1
