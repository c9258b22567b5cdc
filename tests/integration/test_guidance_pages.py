"""Guidance as people read and write it, without script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.demo.articles import PACKAGED as FILE
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import access_table
from services.controlling.accounts.account import Role
from services.controlling.guidance.entering import enter, read_articles
from tests.integration.review_helpers import NOW, Desk
from tests.integration.workbench_helpers import Workbench, workbench

pytestmark = pytest.mark.stack

ARTICLE = {
    "norm": "§ 25 (2) VwVfG",
    "title": "Bald sagen, wie lange es dauert",
    "body": "Sagen Sie **bald**, ob etwas fehlt.\r\n\r\n- <script>alert(1)</script>",
}
KEY = "/guidance/bald-sagen-wie-lange-es-dauert"


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    """The pages with the articles of the demo."""
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        async with desk.change() as change:
            await enter(change, read_articles(FILE), NOW)
        yield running


def test_everybody_may_read_but_who_sees_no_case_and_two_roles_write(pages: Workbench) -> None:
    may = {
        (call.method, call.path): set(roles)
        for call, roles in access_table(pages.app).items()
        if call.path.startswith("/guidance")
    }
    readers = set(Role) - {Role.FRONT_DESK, Role.OPERATIONS, Role.ADMIN}
    writing = {("POST", "/guidance"), ("POST", "/guidance/{key}"), ("GET", "/guidance/new"),
               ("GET", "/guidance/{key}/edit")}  # fmt: skip
    assert may == {
        call: {Role.LEADERSHIP, Role.CONTROLLING} if call in writing else readers for call in may
    }
    assert writing < may.keys()


async def test_an_article_is_written_read_and_written_anew(pages: Workbench, desk: Desk) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    assert "Artikel veröffentlichen" in (await controller.get("/guidance/new")).text
    kept = await controller.post("/guidance", ARTICLE)
    assert (kept.status_code, kept.headers["location"]) == (303, f"{KEY}?done=written")
    reader = await pages.signed_in(Role.UNIT_HEAD)
    shown = (await reader.get(KEY)).text
    assert "<strong>bald</strong>" in shown
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    assert "Wurde bald nach dem Antrag gesagt" in shown
    assert "Neue Fassung schreiben" not in shown

    filled = (await controller.get(f"{KEY}/edit")).text
    assert 'name="based_on" value="1"' in filled
    await controller.post(KEY, ARTICLE | {"based_on": "1", "title": "Sofort sagen"})
    assert "Sofort sagen" in (await reader.get(KEY)).text
    old = (await reader.get(KEY, version="1")).text
    assert "Sie gilt nicht mehr" in old
    acts = [act for act in await desk.acts() if act != "signed_in"]
    assert acts == ["guidance_written"] * 10


async def test_who_was_overtaken_loses_nothing(pages: Workbench) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    await controller.post("/guidance", ARTICLE)
    await controller.post(KEY, ARTICLE | {"based_on": "1"})
    late = await controller.post(KEY, ARTICLE | {"based_on": "1", "body": "Mein langer Text"})
    assert late.status_code == 409
    assert "Mein langer Text" in late.text
    assert 'name="based_on" value="2"' in late.text
    twice = await controller.post("/guidance", ARTICLE)
    assert twice.status_code == 409
    assert "Einen Artikel mit diesem Titel gibt es schon" in twice.text


async def test_an_article_that_is_sent_twice_is_kept_once(pages: Workbench, desk: Desk) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    for path, sent in (("/guidance", ARTICLE), (KEY, ARTICLE | {"based_on": "1", "body": "Neu."})):
        kept = [await controller.post(path, sent) for _ in range(2)]
        assert [one.headers["location"] for one in kept] == [f"{KEY}?done=written"] * 2
    assert (await desk.acts()).count("guidance_written") == len(read_articles(FILE)) + 2


@pytest.mark.parametrize("field", ["norm", "title", "body"])
async def test_what_is_missing_is_named_at_its_field(pages: Workbench, field: str) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    answer = await controller.post("/guidance", ARTICLE | {field: " "})
    assert answer.status_code == 422
    assert answer.text.count(f'href="#{field}"') == 1
    assert f'id="{field}-error"' in answer.text


async def test_what_looks_like_a_person_is_asked_about_first(pages: Workbench) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    named = ARTICLE | {"example": "Herr Müller, geboren am 3.4.1985, hat nichts gehört."}
    asked = await controller.post("/guidance", named)
    assert asked.status_code == 422
    assert "<mark>Herr Müller</mark>" in asked.text
    assert (await controller.get(KEY)).status_code == 404
    assert (await controller.post("/guidance", named | {"confirmed": "true"})).status_code == 303


async def test_articles_are_found_filtered_and_taken_whole(pages: Workbench, desk: Desk) -> None:
    reader = await pages.signed_in(Role.STAFF_COUNCIL)
    assert "Ermessen erkennen" in (await reader.get("/guidance")).text
    found = (await reader.get("/guidance", q="zur Post")).text
    assert "/guidance/bekanntgabe" in found
    assert "/guidance/anhoerung" not in found
    assert "Dazu passt nichts." in (await reader.get("/guidance", stale="yes")).text
    english = (await reader.get("/guidance/anhoerung", language="en")).text
    assert "Hear the person before a decision" in english
    table = await reader.get("/guidance/list.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.count("§") >= 8
    assert (await desk.acts())[-1] == "exported"


async def test_what_isnt_there_is_said_as_a_page(pages: Workbench) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    for path in ("/guidance/none", "/guidance/anhoerung?version=7", "/guidance/none/edit"):
        assert (await controller.client.get(path)).status_code == 404
    assert (await controller.post("/guidance/none", ARTICLE)).status_code == 404
    assert (await controller.get("/guidance/anhoerung", version="0")).status_code == 422
    assert (await controller.post("/guidance", ARTICLE | {"body": "x" * 5_000})).status_code == 422
