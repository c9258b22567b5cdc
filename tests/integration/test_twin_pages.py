"""Like cases side by side on one page, each with a review, answers and a signature of its own."""

import html
import re
from uuid import UUID, uuid4

import pytest

from services.controlling.accounts.account import Role
from services.controlling.reviews.verdict import VERDICTS
from tests.integration.controlling_helpers import decision_id
from tests.integration.test_review_form import acts, alike, answers, open_page, state, version
from tests.integration.twin_helpers import drawn_pair, held_pair
from tests.integration.workbench_helpers import Browser, Workbench, add

pytestmark = pytest.mark.stack


@pytest.fixture
async def me(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


@pytest.fixture
async def both(pages: Workbench, me: Browser) -> tuple[UUID, UUID]:
    refusal, grant = await held_pair(pages)
    await me.post(f"/reviews/{refusal}/take")
    return refusal, grant


async def test_both_are_one_line_one_declaration_and_one_page(
    pages: Workbench, me: Browser
) -> None:
    refusal, grant = await held_pair(pages)
    mine = html.unescape((await me.get("/reviews")).text)
    assert "2 ähnliche Fälle, eine Aufgabe" in mine
    assert mine.count("/hand-back") == 1
    declared = html.unescape((await me.get(f"/reviews/{grant}")).text)
    for one in (refusal, grant):
        assert f"/reviews/{one}/decline" in declared
    assert "Ablehnung" not in declared
    answer = await me.post(f"/reviews/{grant}/take")
    assert answer.headers["location"] == f"/reviews/{grant}/form"
    for one in (refusal, grant):
        assert await state(pages, one) == "taken"
        page = await open_page(me, one)
        for other in (refusal, grant):
            assert f"/reviews/{other}/answers/" in page
            assert f"/reviews/{other}/file" in page


async def test_each_look_at_the_page_is_a_look_at_both_cases(
    pages: Workbench, me: Browser, both: tuple[UUID, UUID]
) -> None:
    before = await read(pages)
    await open_page(me, both[0])
    assert sorted((await read(pages))[len(before) :]) == sorted([decision_id(1), decision_id(2)])


async def read(pages: Workbench) -> list[str]:
    """The decisions whose cases were read, in the order of time."""
    rows = await pages.pool.fetch(
        "SELECT object FROM audit WHERE act = 'case_read' ORDER BY number"
    )
    return [row["object"] for row in rows]


async def test_what_differs_is_said_in_words(me: Browser, both: tuple[UUID, UUID]) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await open_page(me, both[0])))
    assert "Jahre im Land verschieden 4 5" in page
    assert "Lebensunterhalt gesichert ja ja" in page
    assert "Anhörung verschieden" in page
    assert "keine Anhörung verzeichnet" not in page, "what is missing is called alike in both"


async def test_the_open_answer_of_the_other_case_comes_before_the_next_question(
    pages: Workbench, me: Browser, both: tuple[UUID, UUID]
) -> None:
    refusal, grant = both
    code = "M4"
    saved = await answers(me, refusal, code, "correct")
    assert f"q={code}&done=saved" in saved.headers["location"]
    saved = await answers(me, grant, code, "minor_error", comment="anders begründet")
    assert f"q={code}&" not in saved.headers["location"]
    assert await version(pages, refusal, code) == await version(pages, grant, code) == 1
    page = await open_page(me, refusal)
    line = next(one for one in re.findall(r"<li.*?</li>", page, re.DOTALL) if f"q={code}#" in one)
    assert "A: Richtig" in line
    assert "B: Kleiner Fehler" in line
    assert "verschieden" in line


async def test_the_script_gets_the_answer_of_one_case_and_the_foot_of_both(
    me: Browser, both: tuple[UUID, UUID]
) -> None:
    part = await answers(me, both[1], "M4", "correct", script=True)
    text = html.unescape(part.text)
    assert 'id="status-M4-b"' in text
    assert 'id="based-on-M4-b"' in text
    assert "M4-a" not in text
    assert "Fall A:" in text
    assert "Fall B:" in text


async def test_a_stale_answer_of_one_case_leaves_the_other_alone(
    pages: Workbench, me: Browser, both: tuple[UUID, UUID]
) -> None:
    refusal, grant = both
    await answers(me, grant, "M4", "correct")
    stale = await answers(me, grant, "M4", "not_applicable")
    assert stale.status_code == 409
    assert f'action="/reviews/{grant}/answers/M4"' in stale.text
    assert await version(pages, refusal, "M4") == 0


async def complete(me: Browser, pages: Workbench, review: UUID) -> None:
    """Answer what is open of one of the two, wherever it stands on the page."""
    for _ in range(40):
        page = await open_page(me, review)
        if f"/reviews/{review}/sign" in page:
            return
        asked = re.findall(r'question__line" href="/reviews/[^?]+\?q=([A-Za-z0-9_]+)#', page)
        shown = re.findall(r'data-answer="([^"]+)" data-review="([^"]+)"', page)
        for code in dict.fromkeys([*(one for one, _ in shown), *asked]):
            current = await open_page(me, review, q=code)
            if f"/reviews/{review}/answers/{code}" not in current:
                continue
            based_on = await version(pages, review, code)
            if not based_on:
                await answers(me, review, code, "correct", comment="geprüft")
    raise AssertionError("the review can't be completed")


async def test_each_is_signed_by_itself_and_the_other_stays_beside_it(
    pages: Workbench, me: Browser, both: tuple[UUID, UUID]
) -> None:
    refusal, grant = both
    assert f"/reviews/{refusal}/sign" not in await open_page(me, refusal)
    await complete(me, pages, refusal)
    page = await open_page(me, refusal)
    assert "Fall A unterschreiben" in page
    assert f"/reviews/{grant}/sign" not in page
    await me.post(f"/reviews/{refusal}/sign")
    assert (await state(pages, refusal), await state(pages, grant)) == ("signed", "taken")

    signed = await open_page(me, refusal)
    assert f'href="/reviews/{grant}/form"' in signed
    left = await open_page(me, grant)
    assert "Fall A:" in left
    assert f"/reviews/{refusal}/answers/" not in left, "it is signed"
    assert f"/reviews/{grant}/answers/" in left
    await complete(me, pages, grant)
    await me.post(f"/reviews/{grant}/sign")
    assert await state(pages, grant) == "signed"
    assert (await acts(pages)).count("signed") >= 2
    counted = await pages.pool.fetchval("SELECT count(*) FROM decision WHERE drawn")
    assert counted == 0, "no figure counts what chance didn't draw"


async def test_one_whose_like_case_is_with_somebody_else_says_so_and_shows_nothing_of_it(
    pages: Workbench, me: Browser
) -> None:
    refusal, grant = await held_pair(pages, together=False)
    before = await read(pages)
    await me.post(f"/reviews/{refusal}/take")
    page = await open_page(me, refusal)
    assert "Er wird getrennt geprüft" in page
    assert str(grant) not in page
    assert "Fall B" not in page
    assert (await me.get(f"/reviews/{grant}/form")).status_code == 404
    assert (await read(pages))[len(before) :] == [decision_id(1)]


async def test_the_verdicts_stand_last_and_are_asked_of_both(
    me: Browser, both: tuple[UUID, UUID]
) -> None:
    page = await open_page(me, both[0], q=VERDICTS[0])
    for one in both:
        assert f"/reviews/{one}/answers/{VERDICTS[0]}" in page


async def test_who_reviews_blindly_sees_the_same_whichever_of_the_two_they_are(
    pages: Workbench, me: Browser
) -> None:
    await drawn_pair(pages, twice=True)
    account = await add(pages.pool, f"second{uuid4().hex}", Role.LEADERSHIP)
    second = pages.browser()
    seen = []
    login = await pages.pool.fetchval("SELECT login FROM account WHERE id = $1", account)
    await second.sign_in(login)
    second.csrf = await pages.pool.fetchval(
        "SELECT encode(csrf, 'hex') FROM session WHERE account = $1", account
    )
    for who, holder, a_round in ((me, pages.accounts[Role.LEADERSHIP], 1), (second, account, 2)):
        rows = await pages.pool.fetch(
            "UPDATE review SET state = 'assigned', account = $1, assigned_at = now()"
            " WHERE round = $2 RETURNING id, decision_id",
            holder, a_round,
        )  # fmt: skip
        refusal = next(row["id"] for row in rows if row["decision_id"] == decision_id(1))
        listed, declared = await who.get("/reviews"), await who.get(f"/reviews/{refusal}")
        await who.post(f"/reviews/{refusal}/take")
        page = await open_page(who, refusal)
        assert "Er wird getrennt geprüft" in page
        assert "eine Aufgabe" not in listed.text
        seen.append([sorted(alike(html.unescape(one)).splitlines()) for one in (
            listed.text, declared.text, page
        )])  # fmt: skip
    assert seen[0] == seen[1]
    assert {row["task"] for row in await pages.pool.fetch("SELECT task FROM review")} == {None}
