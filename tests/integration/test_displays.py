"""A screen on a wall shows one page by its key alone, and never looks newer than it is."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.displays import store
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.observe import security_log
from shared.postgres.pool import Pool
from shared.security.bearer import NewBearer
from shared.web.sign_in.session import Cookies
from tests.integration.display_helpers import CLOCKS, OFFICE, a_day, hung_up
from tests.integration.spine_helpers import gleichfall
from tests.integration.workbench_helpers import Browser, Workbench

pytestmark = pytest.mark.stack

AGAIN = "60"


async def switched_on(pages: Workbench, made: NewBearer) -> Browser:
    """Open the address at a screen, whose browser keeps the key."""
    screen = pages.browser()
    first = await screen.get(f"/display/{made.text}")
    assert (first.status_code, first.headers["location"]) == (303, "/display")
    assert "httponly" in first.headers["set-cookie"].lower()
    return screen


def says(page: httpx.Response) -> str:
    return " ".join(page.text.replace("\xa0", " ").split())


async def test_a_screen_shows_how_today_stands_and_asks_again(pages: Workbench) -> None:
    await a_day(pages.pool)
    screen = await switched_on(pages, await hung_up(pages.pool, OFFICE))
    page = await screen.get("/display")
    assert page.status_code == 200
    assert page.headers["refresh"] == AGAIN
    assert page.headers["cache-control"] == "private, no-store"
    assert "Kaiserallee 8" in says(page)
    assert "Freie Plätze: 5" in says(page)
    assert "90 von 100" in says(page)
    assert f"Stand {datetime.now(CLOCKS.calendar.zone):%H:}" in says(page)
    assert "<script" not in page.text
    assert "<a " not in page.text
    english = await screen.get("/display", language="en")
    assert "Free slots: 5" in says(english)


async def test_when_nothing_is_told_any_more_a_screen_shows_the_last_day_and_says_so(
    pages: Workbench,
) -> None:
    await a_day(pages.pool, days_ago=99)
    screen = await switched_on(pages, await hung_up(pages.pool, OFFICE))
    leader = await pages.signed_in(Role.LEADERSHIP)
    for page in (await screen.get("/display"), await leader.get("/today/display")):
        text = says(page)
        day = CLOCKS.calendar.day_of(datetime.now(UTC)) - timedelta(days=99)
        assert re.search(rf"Nicht von heute: gezeigt wird \w+\., {day.day}\. \w+ {day.year}", text)
        assert "90 von 100" in text
        assert "geöffnet</p>" in text
        for word in ("Freie Plätze", "Heute", "für heute", "heute nicht", "Keine neuen Daten"):
            assert word not in text.replace("Zurück zu Heute", ""), word
    await a_day(pages.pool)
    now = says(await screen.get("/display"))
    assert "Nicht von heute" not in now
    assert "Freie Plätze: 5" in now


async def test_of_few_calls_a_screen_shows_nothing(pages: Workbench) -> None:
    await a_day(pages.pool, calls=6)
    screen = await switched_on(pages, await hung_up(pages.pool))
    page = says(await screen.get("/display"))
    assert "Heute noch keine 7 Anrufe" in page
    assert "von 100" not in page


async def test_a_key_opens_nothing_else(pages: Workbench) -> None:
    screen = await switched_on(pages, await hung_up(pages.pool))
    for path in ("/today", "/today/display", "/today/table.csv", "/clocks", "/process", "/"):
        answer = await screen.get(path)
        assert answer.headers["location"].startswith("/sign-in"), path
    assert (await screen.client.post("/display")).status_code == 405


async def test_who_is_signed_in_sees_the_same_and_opens_no_screen(pages: Workbench) -> None:
    await a_day(pages.pool)
    leader = await pages.signed_in(Role.LEADERSHIP)
    assert 'href="/today/display"' in (await leader.get("/today")).text
    page = await leader.get("/today/display")
    assert "Freie Plätze: 5" in says(page)
    assert "refresh" not in page.headers, "a session would never end"
    assert (await leader.get("/display")).status_code == 403
    admin = await pages.signed_in(Role.ADMIN)
    assert (await admin.get("/today/display")).status_code == 403


@pytest.mark.parametrize("key", ["wrong", "", "\u00e4" * 40])
async def test_a_wrong_key_is_refused(
    pages: Workbench, key: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security_log, "_dam", security_log._Dam())  # others are refused, too
    await hung_up(pages.pool)
    answer = await pages.browser().get(f"/display/{key}" if key else "/display")
    assert answer.status_code == 403
    assert "Dieser Bildschirm ist nicht freigegeben" in says(answer)
    assert "refresh" not in answer.headers
    [noted] = [one for one in caplog.records if one.name == "gleichfall.security"]
    assert noted.__dict__["event"] == "refused"
    assert noted.__dict__["route"] == ("/display/{key}" if key else "/display")


async def test_a_stranger_who_tries_many_keys_is_slowed_down(own: Workbench) -> None:
    made = await hung_up(own.pool)
    stranger = own.browser()
    answers = [await stranger.get(f"/display/{number}") for number in range(140)]
    assert {one.status_code for one in answers} == {403, 429}
    assert int(answers[-1].headers["retry-after"]) > 0
    screen = await switched_on(own, made)
    assert (await screen.get("/display")).status_code == 200, "whoever is known is let pass"


async def test_a_revoked_key_is_refused_at_once(pages: Workbench) -> None:
    made = await hung_up(pages.pool)
    screen = await switched_on(pages, made)
    assert (await screen.get("/display")).status_code == 200
    async with pages.pool.acquire() as connection:
        assert await store.revoke(connection, made.id) == "Wartebereich"
        assert await store.revoke(connection, made.id) is None
    assert (await screen.get("/display")).status_code == 403


async def test_each_use_is_counted_and_the_last_one_known(pages: Workbench) -> None:
    made = await hung_up(pages.pool)
    screen = await switched_on(pages, made)
    for _ in range(2):
        await screen.get("/display")
    async with pages.pool.acquire() as connection:
        [one] = await store.every(connection)
    assert one.uses == 3
    assert one.last_used is not None
    assert datetime.now(UTC) - one.last_used < timedelta(minutes=1)


@pytest.fixture
async def own(stack: Addresses, secrets: Path, pages: Workbench) -> AsyncIterator[Workbench]:
    """A process of its own, which knows no stranger and may lose its database."""
    app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
    async with app.router.lifespan_context(app):
        yield Workbench(app, pages.pool, pages.accounts)


async def test_a_screen_goes_on_without_the_database_and_says_since_when(own: Workbench) -> None:
    await a_day(own.pool)
    screen = await switched_on(own, await hung_up(own.pool))
    before = says(await screen.get("/display"))
    shown = before[before.index("Stand ") :][: len("Stand 00:00")].removeprefix("Stand ")
    await own.app.state.pool.close()
    page = await screen.get("/display")
    assert page.status_code == 200
    assert page.headers["refresh"] == AGAIN
    assert "Freie Plätze: 5" in says(page)
    assert f"Die Datenbank antwortet nicht: keine neuen Daten seit {shown} Uhr" in says(page)


async def test_a_screen_that_has_shown_nothing_yet_asks_on_without_the_database(
    own: Workbench,
) -> None:
    made = await hung_up(own.pool)
    await own.app.state.pool.close()
    screen = own.browser()
    screen.client.cookies.set(Cookies(secure=False).named("display"), made.text)
    page = await screen.get("/display")
    assert page.status_code == 503
    assert page.headers["refresh"] == AGAIN
    assert "Zurzeit gibt es keine Daten" in says(page)


async def test_a_key_is_made_listed_and_revoked_by_command(
    pages: Workbench, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    log = tmp_path / "security.log"
    environment = {
        "DATABASE_URL": stack.database_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "GLEICHFALL_SECURITY_LOG": str(log),
        "WORKBENCH_URL": "https://review.example.de/",
    }
    code, made, told = await gleichfall(
        environment, "displays", "create", "Flur", "--office", OFFICE
    )
    assert code == 0, told
    address = made.strip()
    assert address.startswith("https://review.example.de/display/")
    key = address.rpartition("/")[2]
    screen = pages.browser()
    assert (await screen.get(f"/display/{key}")).status_code == 303
    assert (await screen.get("/display")).status_code == 200
    [shown] = json.loads((await gleichfall(environment, "displays", "list", "--json"))[1])
    assert (shown["place"], shown["office"], shown["uses"]) == ("Flur", OFFICE, 2)
    assert "Flur" in (await gleichfall(environment, "displays", "list"))[1]
    assert (await gleichfall(environment, "displays", "revoke", shown["id"]))[0] == 0
    assert (await screen.get("/display")).status_code == 403
    assert (await gleichfall(environment, "displays", "revoke", shown["id"]))[0] == 1
    written = await asyncio.to_thread(log.read_text)
    acts = [json.loads(line)["reason"] for line in written.splitlines()]
    assert acts == ["display created", "display revoked"]
    kept = str(dict(await _kept(pages.pool)))
    assert key not in written + kept


async def _kept(pool: Pool) -> asyncpg.Record:
    row = await pool.fetchrow("SELECT * FROM display")
    assert row is not None
    return row


async def test_a_display_shows_an_office_that_is_described(
    pages: Workbench, stack: Addresses
) -> None:
    environment = {"DATABASE_URL": stack.database_url}
    code, _, told = await gleichfall(
        environment, "displays", "create", "Flur", "--office", "kaiseralee"
    )
    assert code == 1
    assert "no office kaiseralee" in told
    assert OFFICE in told
