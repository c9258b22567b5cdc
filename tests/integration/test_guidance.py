"""Articles on a real database: versions, what leads to them, and a law that changes."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from deploy.demo.articles import PACKAGED as FILE
from deploy.demo.articles import write_articles
from deploy.local.infrastructure import Addresses
from services.controlling.guidance import store
from services.controlling.guidance.article import Article, Draft, Said, Text
from services.controlling.guidance.entering import enter, read_articles, write
from services.controlling.guidance.errors import ArticleChanged, ArticleIncomplete
from services.controlling.guidance.store import Filter
from shared.events.catalogue.office import LawChanged
from shared.events.event import Event, new_event
from shared.postgres.pool import Connection
from shared.web.pages.words import Language
from tests.integration.controlling_helpers import MAY, ZONE, Operator, apply, office_events, policy
from tests.integration.review_helpers import CONTROLLER, NOW, Desk

pytestmark = pytest.mark.stack


def said(norm: str = "§ 28 VwVfG", title: str = "Anhören") -> Said:
    return Said(norm=norm, de=Text(title=title, body="Erst hören, dann entscheiden."))


async def written(desk: Desk, key: str = "anhoerung", based_on: int = 0, **facts: str) -> int:
    async with desk.change() as change:
        return await write(change, CONTROLLER, Draft(key, based_on, said(**facts)), NOW)


def law_changed(citation: str, since: date) -> Event:
    facts = LawChanged(legal_basis=citation, valid_from=since)
    return new_event("urn:gleichfall:test", "law", facts, time=MAY)


async def test_a_new_version_leaves_the_old_one_as_it_was(desk: Desk) -> None:
    await desk.person(99, role="controlling")
    assert await written(desk) == 1
    assert await written(desk, based_on=1, title="Früh anhören") == 2
    async with desk.workbench.acquire() as connection:
        first = await store.read(connection, "anhoerung", 1)
        last = await store.read(connection, "anhoerung")
        every = await store.versions(connection, "anhoerung")
    assert first is not None
    assert last is not None
    assert (first.said.de.title, last.said.de.title) == ("Anhören", "Früh anhören")
    assert [one.version for one in every] == [2, 1]
    assert await desk.acts() == ["guidance_written", "guidance_written"]


async def test_who_writes_on_an_older_version_is_told(desk: Desk) -> None:
    await desk.person(99, role="controlling")
    await written(desk)
    for based_on in (0, 2):
        with pytest.raises(ArticleChanged) as refused:
            await written(desk, based_on=based_on, title="Anders")
        assert refused.value.version == 1
    with pytest.raises(ArticleIncomplete):
        await written(desk, based_on=1, title="")
    assert await desk.acts() == ["guidance_written"]


async def test_a_norm_leads_to_the_article_that_is_most_about_it(desk: Desk) -> None:
    async with desk.change() as change:
        await enter(change, read_articles(FILE), NOW)
    async with desk.workbench.acquire() as connection:
        found = await store.for_norms(
            connection, ["§ 28 VwVfG", "§ 39 (1) VwVfG; § 77 (1) AufenthG", "§ 77 (1) AufenthG",
                         "§ 28 AufenthG", "§ 37 (6) VwVfG; § 58 VwGO", "§ 37 (3) VwVfG"],
        )  # fmt: skip
        assert await store.for_norms(connection, []) == {}
    assert {norm: link.article for norm, link in found.items()} == {
        "§ 28 VwVfG": "anhoerung",
        "§ 39 (1) VwVfG; § 77 (1) AufenthG": "begruendung",
        "§ 77 (1) AufenthG": "begruendung",
        "§ 37 (6) VwVfG; § 58 VwGO": "rechtsbehelfsbelehrung",
    }
    assert all(link.stale is None and link.version == 1 for link in found.values())


async def page(connection: Connection, wanted: Filter) -> Sequence[Article]:
    """The first page of the list, by title."""
    german, usual = Language.GERMAN, store.ARTICLES.usual
    found = await store.page(connection, wanted, usual, language=german, zone=ZONE)
    return found.lines


async def test_a_changed_law_marks_what_is_written_about_it_from_its_first_day(desk: Desk) -> None:
    async with desk.change() as change:
        await enter(change, read_articles(FILE), NOW)
    handler = office_events(policy())
    days = (date(2027, 3, 1), date(2027, 1, 1), date(2027, 2, 1))
    await apply(
        desk.controlling,
        handler,
        *(law_changed("§ 28 (1) VwVfG", day) for day in days),
    )
    await apply(desk.controlling, handler, law_changed("§ 37 (3) VwVfG", days[0]))
    async with desk.workbench.acquire() as connection:
        stale = await page(connection, Filter(stale=True))
        fresh = await page(connection, Filter(stale=False))
    assert [(one.key, one.stale_since) for one in stale] == [("anhoerung", date(2027, 1, 1))]
    assert len(fresh) == 7

    last = stale[0]
    async with desk.change() as change:
        await write(change, None, Draft(last.key, 1, said(title="Neu gelesen")), NOW)
    async with desk.workbench.acquire() as connection:
        assert await page(connection, Filter(stale=True)) == []
        history = await store.versions(connection, "anhoerung")
    assert [one.stale_since for one in history] == [None, date(2027, 1, 1)]


async def test_articles_are_found_by_their_words(desk: Desk) -> None:
    async with desk.change() as change:
        await enter(change, read_articles(FILE), NOW)
    async with desk.workbench.acquire() as connection:
        everything = await page(connection, Filter())
        english = await page(connection, Filter(text="LEASE"))
        nothing = await page(connection, Filter(text="%"))
    titles = [one.said.de.title for one in everything]
    assert len(titles) == 8
    assert titles == sorted(titles)
    assert [one.key for one in english] == ["unterlagen"]
    assert nothing == []


async def test_a_file_is_loaded_once_and_only_what_changed_again(
    stack: Addresses, desk: Desk, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, "guidance")
    changed = tmp_path / "changed.yaml"
    changed.write_text(FILE.read_text().replace("Vor einer belastenden", "Vor jeder belastenden"))
    told = [await operator.does("load", str(file)) for file in (FILE, FILE, changed)]
    told = [line.split(", ")[-1].strip() for line in told]
    assert told == ["8 new or changed", "0 new or changed", "1 new or changed"]
    assert len(await desk.acts()) == 9


async def test_the_demo_leaves_alone_what_people_wrote(desk: Desk) -> None:
    await desk.person(99, role="controlling")
    await written(desk)
    await write_articles(desk.controlling, NOW)
    async with desk.workbench.acquire() as connection:
        assert await connection.fetchval("SELECT count(DISTINCT article) FROM guidance") == 1


async def test_the_demo_brings_its_articles_once(desk: Desk) -> None:
    for _ in range(2):
        await write_articles(desk.controlling, NOW)
    assert await desk.acts() == ["guidance_written"] * 8
