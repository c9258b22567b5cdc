"""What somebody has signed is found again, and tells of no second review before all are done."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.forms import store as catalogues
from services.controlling.reviews import answering
from services.controlling.reviews.errors import BothSigned
from services.controlling.reviews.signed.store import SIGNED
from services.controlling.reviews.verdict import VERDICTS
from tests.integration.controlling_helpers import JUNE, closer, decision_id
from tests.integration.review_helpers import NOW, Desk, Person, by
from tests.integration.reviewed_period_helpers import NOW_ASKED, released
from tests.integration.test_reviews import TWICE, finish, new, save, sign, take
from tests.integration.workbench_helpers import Browser, Workbench, add, open_to, workbench

pytestmark = pytest.mark.stack

ORDERS = ["", *(f"{sign}{column}" for column in SIGNED.columns for sign in ("", "-"))]
COMPARISON = re.compile(r'href="/reviews/([0-9a-f-]+)/comparison"')


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    """The pages on a database in which two decisions that are alike wait, for two reviews each."""
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.drawn(*(by(50, number, unit="unit-2") for number in (1, 2)), in_force=TWICE)
        yield running


@pytest.fixture
def leader(pages: Workbench) -> Person:
    return Person(pages.accounts[Role.LEADERSHIP])


@pytest.fixture
async def me(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


async def given(desk: Desk, who: Person, number: int, a_round: int = 1) -> UUID:
    found: UUID = await desk.owner.fetchval(
        "UPDATE controlling.review SET account = $1, state = 'assigned'"
        " WHERE decision_id = $2 AND round = $3 RETURNING id",
        who.id, decision_id(number), a_round,
    )  # fmt: skip
    return found


async def somebody(desk: Desk, pages: Workbench, login: str) -> tuple[Person, Browser]:
    person = Person(await add(desk.controlling, login, Role.LEADERSHIP))
    browser = pages.browser()
    await browser.sign_in(login)
    return person, browser


async def reopen(desk: Desk, who: Person, review: UUID) -> None:
    async with desk.change() as change:
        await answering.reopen(change, who, review, "slip", NOW)


def lines(page: str) -> list[str]:
    """The list's lines, without which review each one is of."""
    body = page.rsplit("<tbody", 1)[-1].split("</tbody>", maxsplit=1)[0]
    body = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", body)
    return [line.strip() for line in body.split("<tr")[1:]]


async def test_what_is_signed_is_found_newest_first_and_leads_to_its_page(
    pages: Workbench, desk: Desk, leader: Person, me: Browser
) -> None:
    empty = (await me.get("/reviews/signed")).text
    assert "Sie haben noch nichts unterschrieben." in empty
    reviews = [await given(desk, leader, number) for number in (1, 2)]
    await finish(desk, leader, reviews[0])
    await finish(desk, leader, reviews[1], "wrong")
    await desk.owner.execute(
        "UPDATE controlling.review SET signed_at = signed_at + $2::interval WHERE id = $1",
        reviews[0], timedelta(minutes=1),
    )  # fmt: skip
    page = (await me.get("/reviews/signed")).text
    assert re.findall(r'href="/reviews/([0-9a-f-]+)/form"', page) == list(map(str, reviews))
    assert 'href="/reviews/signed"' in (await me.get("/reviews")).text
    wrong = (await me.get("/reviews/signed", verdict="wrong")).text
    assert str(reviews[1]) in wrong
    assert str(reviews[0]) not in wrong
    assert (await me.get("/reviews/signed", verdict="x")).status_code == 422

    await reopen(desk, leader, reviews[1])
    page = (await me.get("/reviews/signed")).text
    assert str(reviews[1]) not in page
    await save(desk, leader, reviews[1], new("on_the_file", "disputable", 1, "why"))
    await sign(desk, leader, reviews[1])
    assert str(reviews[1]) in (await me.get("/reviews/signed", verdict="disputable")).text


async def test_nobody_is_told_of_a_second_review_before_all_are_done(
    pages: Workbench, desk: Desk, leader: Person, me: Browser
) -> None:
    """One of two decisions is reviewed twice: until it is final, both look alike in every way."""
    first, alone = [await given(desk, leader, number) for number in (1, 2)]
    await desk.owner.execute(
        "DELETE FROM controlling.review WHERE decision_id = $1 AND round = 2", decision_id(2)
    )
    for review in (first, alone):
        await finish(desk, leader, review)
    await alike(me)
    second, their_window = await somebody(desk, pages, "second")
    theirs = await given(desk, second, 1, a_round=2)
    await alike(me)
    await take(desk, second, theirs)
    await alike(me)
    for question, grade in (("V1", "correct"), *((one, "wrong") for one in VERDICTS)):
        await save(desk, second, theirs, new(question, grade, comment="why"))
    await sign(desk, second, theirs)
    await alike(me)
    assert not COMPARISON.findall((await their_window.get("/reviews/signed")).text)
    third, third_window = await somebody(desk, pages, "third")
    settling = await given(desk, third, 1, a_round=3)
    await alike(me)
    await take(desk, third, settling)
    for question in VERDICTS:
        await save(desk, third, settling, new(question, "disputable", comment="why"))
    await sign(desk, third, settling)

    windows = ((me, first), (their_window, theirs), (third_window, settling))
    for who, review in windows:
        assert COMPARISON.findall((await who.get("/reviews/signed")).text) == [str(review)]
    table = (await me.get("/reviews/signed/list.csv")).text.splitlines()
    assert [line.endswith(";ja") for line in table].count(True) == 1
    await reopen(desk, third, settling)
    await alike(me)


async def test_who_still_has_to_sign_sees_no_sign_of_the_other_s_signature(
    pages: Workbench, desk: Desk, leader: Person
) -> None:
    """No page that the second may open changes when the first signs, errors found and all."""
    await desk.drawn(*(by(50, number, unit="unit-2") for number in range(3, 11)), in_force=TWICE)
    await closer(desk.controlling).close("2026-05", JUNE)
    second, window = await somebody(desk, pages, "second")
    for number, (a_round, who) in product(range(3, 11), enumerate((leader, second), start=1)):
        await finish(desk, who, await given(desk, who, number, a_round))
    first = await given(desk, leader, 1)
    theirs = await given(desk, second, 1, a_round=2)
    await take(desk, second, theirs)
    await asked_as_today(desk, theirs)
    await desk.owner.execute(
        "UPDATE controlling.review SET form_digest = $1 WHERE state = 'signed'", NOW_ASKED.digest
    )
    await released(desk.controlling, "2026-05")
    before = await everything(pages, window, theirs)
    assert "8" in before["/results/table.csv"]

    await take(desk, leader, first)
    await asked_as_today(desk, first)
    for question in ("V1", *VERDICTS):
        grade = "wrong" if question in VERDICTS else "significant_error"
        await save(desk, leader, first, new(question, grade, comment="why"))
    await sign(desk, leader, first)

    assert await everything(pages, window, theirs) == before
    for question in ("V1", *VERDICTS):
        grade = "wrong" if question in VERDICTS else "significant_error"
        await save(desk, second, theirs, new(question, grade, comment="why"))
    await sign(desk, second, theirs)
    after = await everything(pages, window, theirs)
    changed = {path for path, text in after.items() if text != before[path]}
    assert {"/findings", "/reviews/signed"} <= changed
    assert after["/results/table.csv"] == before["/results/table.csv"]


async def asked_as_today(desk: Desk, review: UUID) -> None:
    """Let a review be asked by a catalogue that can be shown."""
    async with desk.change() as change:
        await catalogues.keep(change.connection, NOW_ASKED)
    await desk.owner.execute(
        "UPDATE controlling.review SET form = $2, form_digest = $3 WHERE id = $1",
        review, NOW_ASKED.version, NOW_ASKED.digest,
    )  # fmt: skip


async def everything(pages: Workbench, who: Browser, review: UUID) -> dict[str, str]:
    """Open all that leadership may open without naming a thing, and a review of one's own."""
    calls = open_to(pages, Role.LEADERSHIP)
    asked = [*calls, *(f"{path}?state=all" for path in calls), f"/reviews/{review}/form"]
    return {path: (await who.get(path)).text for path in asked}


async def test_who_may_compare_can_not_go_back_to_their_own_answers(
    pages: Workbench, desk: Desk, leader: Person, me: Browser
) -> None:
    first = await given(desk, leader, 1)
    await finish(desk, leader, first)
    second, window = await somebody(desk, pages, "second")
    theirs = await given(desk, second, 1, a_round=2)
    await finish(desk, second, theirs)
    for who, review in ((me, first), (window, theirs)):
        assert COMPARISON.findall((await who.get("/reviews/signed")).text) == [str(review)]
    for person, review in ((leader, first), (second, theirs)):
        with pytest.raises(BothSigned):
            await reopen(desk, person, review)
    answer = await me.post(f"/reviews/{first}/reopen", {"reason": "seen the other"})
    assert "missing=settling" in answer.headers["location"]


async def alike(who: Browser) -> None:
    """Make sure that nothing tells one of two signed reviews from the other."""
    for sort in ORDERS:
        one, other = lines((await who.get("/reviews/signed", sort=sort)).text)
        assert one == other
        _, *table = (await who.get("/reviews/signed/list.csv", sort=sort)).text.splitlines()
        assert len(table) == 2
        assert table[0] == table[1]
    assert len(lines((await who.get("/reviews/signed", verdict="correct")).text)) == 2
    hidden = (
        "Vergleich", "comparison", "yes", "signed", "closed", "Zweit", decision_id(1),
        decision_id(2),
    )  # fmt: skip
    for text in hidden:
        assert "Dazu passt nichts." in (await who.get("/reviews/signed", q=text)).text


async def test_whoever_assigns_sees_one_of_two_reviews_at_a_time(
    pages: Workbench, desk: Desk, leader: Person
) -> None:
    """One of two decisions is reviewed twice: in lists, counts and files there are two lines."""
    await desk.owner.execute(
        "DELETE FROM controlling.review WHERE decision_id = $1 AND round = 2", decision_id(2)
    )
    assigns = await pages.signed_in(Role.CONTROLLING)
    second, _ = await somebody(desk, pages, "second")

    async def seen() -> tuple[int, int, int]:
        board = (await assigns.get("/board")).text
        table = (await assigns.get("/board/list.csv")).text.strip().splitlines()
        counted = re.findall(r'cell--numeric">([0-9,]+)</td>', board)[:4:2]
        return (board.count('name="review"'), len(table) - 1, sum(map(int, counted)))

    assert await seen() == (2, 2, 2)
    first = await given(desk, leader, 1)
    assert await seen() == (2, 2, 2)
    theirs = await given(desk, second, 1, a_round=2)
    assert await seen() == (2, 2, 2)
    await assigns.post("/board/spread")
    assert await seen() == (2, 2, 2)
    await finish(desk, leader, first)
    assert await seen() == (2, 2, 2)
    await finish(desk, second, theirs)
    assert await seen() == (1, 1, 1)
