"""Who isn't there is given no reviews, whoever says so and however they are given."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from tests.integration.controlling_helpers import Operator
from tests.integration.review_helpers import CALENDAR, Desk, by
from tests.integration.workbench_helpers import Browser, Workbench, workbench

pytestmark = pytest.mark.stack

TODAY = CALENDAR.day_of(datetime.now(UTC))
DAYS = {"first": str(TODAY), "last": str(TODAY + timedelta(days=9))}


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.drawn(by(50, 1), by(50, 2))
        yield running


@pytest.fixture
async def leader(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


@pytest.fixture
async def controller(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.CONTROLLING)


async def held(pages: Workbench) -> int:
    found: int = await pages.pool.fetchval("SELECT count(*) FROM review WHERE account IS NOT NULL")
    return found


async def entered(desk: Desk) -> list[tuple[str | None, str]]:
    rows = await desk.owner.fetch(
        "SELECT role, detail->>'from' AS day FROM controlling.audit"
        " WHERE act = 'absence_entered' ORDER BY number"
    )
    return [tuple(row) for row in rows]


async def test_who_says_that_they_are_away_is_given_nothing_until_they_are_back(
    pages: Workbench, desk: Desk, leader: Browser, controller: Browser
) -> None:
    for _ in range(2):
        answer = await leader.post("/reviews/absence", DAYS)
        assert answer.headers["location"] == "/reviews?told=away"
    page = (await leader.get("/reviews", told="away")).text
    assert "Ihre Abwesenheit ist eingetragen." in page
    assert f'value="{DAYS["last"]}"' in page
    assert (await leader.post("/reviews/next")).headers["location"] == "/reviews?told=absent"

    board = (await controller.get("/board")).text
    assert "abwesend" in board
    account = pages.accounts[Role.LEADERSHIP]
    assert f'<option value="{account}"' not in board
    await controller.post("/board/spread")
    review = await pages.pool.fetchval("SELECT id FROM review ORDER BY id LIMIT 1")
    told = await controller.post("/board/assign", {"to": str(account), "review": f"{review}:"})
    assert "told=nobody" in told.headers["location"]
    assert await held(pages) == 0

    back = await leader.post("/reviews/absence", {"first": "", "last": ""})
    assert back.headers["location"] == "/reviews?told=back"
    await controller.post("/board/spread")
    assert await held(pages) == 2
    assert await entered(desk) == [("leadership", DAYS["first"]), ("leadership", None)]


async def test_who_assigns_says_who_is_not_there(
    pages: Workbench, desk: Desk, leader: Browser, controller: Browser
) -> None:
    account = str(pages.accounts[Role.LEADERSHIP])
    told = await controller.post("/board/absence", {"account": account} | DAYS)
    assert "told=away" in told.headers["location"]
    assert "abwesend" in (await controller.get("/board", told="away")).text
    assert (await leader.post("/reviews/next")).headers["location"] == "/reviews?told=absent"
    told = await controller.post("/board/absence", {"account": account})
    assert "told=back" in told.headers["location"]
    assert (await leader.post("/reviews/next")).headers["location"].startswith("/reviews/")
    assert [role for role, _ in await entered(desk)] == ["controlling", "controlling"]


async def test_an_absence_to_come_takes_nothing_away_today(leader: Browser) -> None:
    days = {"first": str(TODAY + timedelta(days=3)), "last": str(TODAY + timedelta(days=9))}
    await leader.post("/reviews/absence", days)
    assert "Für Sie ist eingetragen:" in (await leader.get("/reviews")).text
    assert "told" not in (await leader.post("/reviews/next")).headers["location"]


@pytest.mark.parametrize(
    "days",
    [
        {"first": DAYS["first"]},
        {"last": DAYS["last"]},
        {"first": DAYS["last"], "last": DAYS["first"]},
        {"first": "2020-01-01", "last": "2020-02-01"},
        {"first": DAYS["first"], "last": "9999-12-31"},
    ],
)
async def test_what_is_no_absence_is_told_and_changes_nothing(
    pages: Workbench, desk: Desk, leader: Browser, controller: Browser, days: dict[str, str]
) -> None:
    assert (await leader.post("/reviews/absence", days)).headers["location"].endswith("away_unfit")
    assert "Das hat nicht geklappt." in (await leader.get("/reviews", told="away_unfit")).text
    account = {"account": str(pages.accounts[Role.LEADERSHIP])}
    told = await controller.post("/board/absence", account | days)
    assert "told=away_unfit" in told.headers["location"]
    assert await entered(desk) == []


async def test_nobody_is_sent_away_who_does_not_review(
    pages: Workbench, desk: Desk, leader: Browser, controller: Browser
) -> None:
    auditor = {"account": str(pages.accounts[Role.AUDITOR])}
    assert (await controller.post("/board/absence", auditor | DAYS)).status_code == 404
    assert (await leader.post("/board/absence", auditor | DAYS)).status_code == 403
    wrong = {"first": "x", "last": DAYS["last"]}
    assert (await leader.post("/reviews/absence", wrong)).status_code == 422
    assert await entered(desk) == []


async def test_an_operator_says_it_by_a_command(
    stack: Addresses, pages: Workbench, desk: Desk, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, "accounts")
    days = ("--from", DAYS["first"], "--until", DAYS["last"])
    told = await operator.does("absent", "leadership", *days)
    assert told.strip() == f"leadership isn't there from {DAYS['first']} until {DAYS['last']}"
    assert f"absent {DAYS['first']}" in " ".join((await operator.does("list")).split())
    assert (await operator.does("absent", "leadership")).strip() == "leadership is there"
    row = await pages.pool.fetchrow("SELECT absent_from FROM account WHERE login = 'leadership'")
    assert row is not None
    assert row["absent_from"] is None
    assert await entered(desk) == [(None, DAYS["first"]), (None, None)]
