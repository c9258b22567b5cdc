"""The page of results says what the command line says, and no way of asking tells more."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.figures.cells import Cell, Kind, cells_of
from services.controlling.figures.errors import TooLittleNew
from services.controlling.results import pages as results
from tests.integration.controlling_helpers import Operator, policy
from tests.integration.reviewed_period_helpers import (
    Reviewers,
    closed,
    closed_without_decisions,
    released,
)
from tests.integration.workbench_helpers import Browser, Workbench, cells

pytestmark = pytest.mark.stack

MAY = "2026-05"
NOT_SHOWN = "nicht gezeigt"
MONTHS = {"2026-03": ("März", "March"), "2026-04": ("April", "April"), MAY: ("Mai", "May")}
UNITS = ("", "unit-1", "unit-2", "unit-3", "unit-4")
DIRECTIONS = ("", "favourable", "adverse", "neutral")
Table = Mapping[Cell, Mapping[str, str]]


@pytest.fixture
async def owner(stack: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def leader(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


@pytest.fixture
def stats(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path, group="stats")


async def table(browser: Browser, **asked: str) -> Table:
    """Read the table of a selection as its file gives it."""
    answer = await browser.get("/results/table.csv", **asked)
    _, *lines = cells(answer)
    as_numbers = [[re.sub(r"^(\d+),(\d+)$", r"\1.\2", cell) for cell in line] for line in lines]
    rows = [dict(zip(results.HEADS, line, strict=True)) for line in as_numbers]
    return {Cell(Kind(row["results.kind"]), row["results.key"]): row for row in rows}


def told(text: str) -> str:
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def test_before_a_period_is_closed_it_says_what_will_be_here(leader: Browser) -> None:
    assert "Noch ist kein Zeitraum abgeschlossen." in (await leader.get("/results")).text
    assert (await leader.get("/results/table.csv")).status_code == 404


async def test_a_unit_that_there_is_not_is_refused(pages: Workbench, leader: Browser) -> None:
    await closed(pages.pool, 60)
    for path in ("/results", "/results/table.csv"):
        assert (await leader.get(path, unit="unit-1")).status_code == 200
        assert (await leader.get(path, unit="nix")).status_code == 422


async def test_before_anything_is_reviewed_nobody_knows(pages: Workbench, leader: Browser) -> None:
    await closed(pages.pool, 60)
    page = told((await leader.get("/results")).text)
    assert "Das weiß noch niemand." in page
    assert "Noch sind weniger als 7 Entscheidungen doppelt geprüft" in page


async def test_a_month_without_decisions_is_a_period_that_says_so(
    pages: Workbench, leader: Browser
) -> None:
    await closed(pages.pool, 60)
    await closed_without_decisions(pages.pool)
    page = told((await leader.get("/results", period="2026-04")).text)
    assert "Es gab nichts zu entscheiden. In diesem Zeitraum gab es keine Entscheidungen." in page
    table = told((await leader.get("/results")).text)
    said = {"April 2026": "keine Entscheidungen", "Mai 2026": "noch nicht fertig geprüft"}
    for month, words in said.items():
        assert table.count(f"{month} {words}") == 2, "the picture says it as the table does"


async def test_what_is_too_little_is_no_figure(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 6, policy("1"))
    await Reviewers(owner, pages.pool, 1).review(ended=1)
    await released(pages.pool, MAY)
    page = told((await leader.get("/results")).text)
    assert "Dafür ist noch zu wenig geprüft." in page
    assert {row["results.reviewed"] for row in (await table(leader)).values()} == {NOT_SHOWN}


async def test_the_line_on_the_page_gives_the_same_figures(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser, stats: Operator
) -> None:
    await closed(pages.pool, 150)
    await Reviewers(owner, pages.pool, 5).review()
    await released(pages.pool, MAY)
    found: Any = None
    for unit, direction in product(UNITS, DIRECTIONS):
        page = await leader.get("/results", unit=unit, direction=direction)
        [line] = re.findall(r"<code>gleichfall stats (period .*?)</code>", page.text)
        found = from_json(await stats.does(*html.unescape(line).split(), "--json"))
        lines = await table(leader, unit=unit, direction=direction)
        assert lines or direction == "neutral"
        for cell, row in lines.items():
            assert figures(row) == expected(found, cell), cell
    whole = expected(found, Cell(Kind.WHOLE, ""))
    words = told((await leader.get("/results")).text)
    printed = " ".join((await stats.does("period", MAY)).split())
    [alike] = re.findall(r"Irren Sachgebiete gleich oft\? (.*?) Einigkeit", words)
    assert alike in printed
    names = ("results.share_from", "results.share_to", "results.lower", "results.upper")
    share = [f"{100 * float(whole[name]):.1f}".replace(".", ",") for name in names]
    assert (
        f"Von 100 Entscheidungen waren {share[0]} bis {share[1]} falsch; mit 95 % Sicherheit sind "
        f"es zwischen {share[2]} und {share[3]}." in words
    )


def figures(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row[name] for name in _OURS}


def expected(found: Any, cell: Cell) -> dict[str, str]:
    row = found["whole"] if cell.kind is Kind.WHOLE else found[cell.kind][cell.name]
    if row is None:
        return dict.fromkeys(_OURS, "") | {"results.reviewed": NOT_SHOWN}
    told = {**row, **{f"rate_{end}": share for end, share in (row["rate"] or {}).items()}}
    return {ours: "" if told[name] is None else str(told[name]) for ours, name in _OURS.items()}


_OURS = {
    "results.population": "population",
    "results.reviewed": "n",
    "results.share_from": "rate_lower",
    "results.share_to": "rate_upper",
    "results.lower": "lower",
    "results.upper": "upper",
    "results.method": "method",
}


@pytest.mark.parametrize("seed", range(3))
async def test_no_choice_of_filters_tells_of_fewer_than_seven(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser, seed: int
) -> None:
    """All that any address shows, taken together, leaves what is hidden open."""
    await closed(pages.pool, 70 + 30 * seed)
    rows = await Reviewers(owner, pages.pool, seed).review()
    await released(pages.pool, MAY)
    shown: dict[Cell, str] = {}
    for unit, direction in product(UNITS, DIRECTIONS):
        for cell, row in (await table(leader, unit=unit, direction=direction)).items():
            assert shown.setdefault(cell, row["results.reviewed"]) == row["results.reviewed"]
    truth: dict[str, int] = {}
    for review in rows:
        truth[review["stratum"]] = truth.get(review["stratum"], 0) + 1
    holds = {cell: [cell in cells_of(key) for key in truth] for cell in shown}
    sizes = np.array(list(truth.values()))
    known = [cell for cell, told_of in shown.items() if told_of.isdigit()]
    hidden = [cell for cell in shown if cell not in known]
    assert hidden
    for cell in known:
        assert int(shown[cell]) == sizes @ np.array(holds[cell]) >= 7
    for one, other in product(known, known):
        beyond = np.array(holds[one]) & ~np.array(holds[other])
        inside = not (np.array(holds[other]) & ~np.array(holds[one])).any()
        assert not (inside and 0 < sizes @ beyond < 7), (one, other)
    equations = np.array([holds[cell] for cell in known], dtype=float).reshape(-1, len(truth))
    rank = np.linalg.matrix_rank(equations) if known else 0
    for cell in hidden:
        if sizes @ np.array(holds[cell]) >= 7:
            continue  # withheld for what it would tell of others; how many they are is no secret
        with_it = np.vstack([equations, np.array(holds[cell], dtype=float)])
        assert np.linalg.matrix_rank(with_it) > rank, cell


REOPENED = (
    "UPDATE controlling.review SET state = $1, signed_at = $2, version = version + 1"
    " WHERE decision_id IN (SELECT decision_id FROM controlling.review"
    " ORDER BY decision_id LIMIT $3)"
)


async def test_until_all_is_reviewed_or_leadership_says_so_no_signature_shows(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 60, policy("1"))
    await Reviewers(owner, pages.pool, 2).review(ended=0.9)
    assert not await table(leader)
    assert "Das weiß noch niemand." in told((await leader.get("/results")).text)
    await owner.execute(
        "UPDATE controlling.review SET state = 'signed', signed_at = '2026-07-01',"
        " version = version + 1 WHERE state NOT IN ('signed', 'closed')"
    )
    first = await table(leader)
    assert first[Cell(Kind.WHOLE, "")]["results.reviewed"] == "60"
    page = told((await leader.get("/results")).text)
    assert "Diese Zahlen stehen seit dem" in page


async def test_what_was_told_stays_until_seven_decisions_have_another_answer(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 60, policy("1"))
    await Reviewers(owner, pages.pool, 2).review(ended=1)
    await released(pages.pool, MAY)
    first = await table(leader)
    signed_at = await owner.fetchval("SELECT max(signed_at) FROM controlling.review")
    await owner.execute(REOPENED, "in_review", None, 6)
    with pytest.raises(TooLittleNew):
        await released(pages.pool, MAY)
    assert await table(leader) == first
    await owner.execute(REOPENED, "in_review", None, 9)
    await released(pages.pool, MAY)
    whole = (await table(leader))[Cell(Kind.WHOLE, "")]
    assert whole["results.reviewed"] in {"51", NOT_SHOWN}
    assert "Das ist die 2. Ausgabe" in told((await leader.get("/results")).text)
    await owner.execute(REOPENED, "signed", signed_at, 9)
    acts = await pages.pool.fetch("SELECT object FROM audit WHERE act = 'figures_released'")
    assert [row["object"] for row in acts[-2:]] == [f"results:{MAY}"] * 2


async def test_a_page_asks_the_database_as_often_with_many_periods_as_with_one(
    pages: Workbench,
    owner: asyncpg.Connection,
    leader: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    send = vars(asyncpg.Connection)["_execute"]

    async def counting(self: asyncpg.Connection, query: str, *others: Any, **more: Any) -> Any:
        asked.append(query)
        return await send(self, query, *others, **more)

    async def queries() -> int:
        await leader.get("/results")
        asked.clear()
        await leader.get("/results")
        return len(asked)

    monkeypatch.setattr(asyncpg.Connection, "_execute", counting)
    await closed(pages.pool, 40)
    await Reviewers(owner, pages.pool, 1).review()
    await released(pages.pool, MAY)
    one = await queries()
    await closed(pages.pool, 40, months=(2, 3, 4))
    await Reviewers(owner, pages.pool, 2).review()
    await released(pages.pool, "2026-02", "2026-03", "2026-04")
    assert await queries() == one > 0


async def is_shown(who: Browser, period: str) -> bool:
    """Whether the whole is told; chance draws what is found, and few findings aren't."""
    whole = (await table(who, period=period))[Cell(Kind.WHOLE, "")]
    return whole["results.reviewed"] != NOT_SHOWN


async def test_periods_stand_beside_each_other_and_the_latest_is_looked_at(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 80, months=(3, 4, 5))
    await Reviewers(owner, pages.pool, 3).review()
    await released(pages.pool, "2026-03", "2026-04", MAY)
    shown = [key for key in MONTHS if await is_shown(leader, key)]
    latest, english = MONTHS[shown[-1] if shown else MAY]
    page = told((await leader.get("/results")).text)
    assert f"Alle Sachgebiete · Jeder Ausgang · {latest} 2026" in page
    older = await leader.get("/results", period="2026-03")
    assert "Alle Sachgebiete · Jeder Ausgang · März 2026" in told(older.text)
    assert older.text.count("chart__step") == len(shown)
    assert older.text.count("* verspätet festgelegt") == older.text.count(" *</text>") == 3
    assert (await leader.get("/results", period="2031-01")).status_code == 404
    assert (await leader.get("/results", direction="sideways")).status_code == 422
    page = told((await leader.get("/results", language="en")).text)
    assert f"All units · Every outcome · {english} 2026" in page
    await leader.get("/results", language="de")


async def test_what_was_taken_as_a_file_is_noted(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 60)
    await table(leader)
    act = await pages.pool.fetchrow("SELECT act, object FROM audit ORDER BY number DESC LIMIT 1")
    assert act is not None
    assert tuple(act) == ("exported", f"results:{MAY}")


async def test_deadlines_count_what_both_have_signed(
    pages: Workbench, owner: asyncpg.Connection, leader: Browser
) -> None:
    await closed(pages.pool, 40, policy("1"))
    await Reviewers(owner, pages.pool, 4).review(ended=1)
    await owner.execute("UPDATE controlling.draw SET drawn_at = '2026-06-01'")
    await owner.execute("UPDATE controlling.review SET signed_at = '2026-07-01'")
    page = told((await leader.get("/results")).text)
    assert "40 von 40 Entscheidungen, die vor mehr als 90 Tagen gezogen wurden (100 %)." in page
    assert "Das Ziel von 95 % ist erreicht." in page
    await owner.execute(
        "UPDATE controlling.review SET signed_at = '2026-09-05', version = version + 1 WHERE id IN"
        " (SELECT id FROM controlling.review LIMIT 3)"
    )
    page = told((await leader.get("/results")).text)
    assert "37 von 40 Entscheidungen" in page
    assert "Das Ziel von 95 % ist verfehlt." in page


def test_the_columns_are_those_that_the_tests_know() -> None:
    assert set(_OURS) < set(results.HEADS)
