"""Articles in the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.controlling.guidance.article import Article, Draft, Said, Text
from services.controlling.guidance.errors import ArticleChanged
from services.controlling.guidance.norm import fit, paragraphs, touches
from shared.postgres.paging import Listing, Order, Page, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.web.pages.words import Language

QUERIES = load(__file__)


async def add_version(
    connection: Connection, draft: Draft, by: UUID | None, now: datetime
) -> tuple[int, bool]:
    """Keep a new version of an article; gives its number, and whether it is new.

    The same one sent twice is one.

    Args:
        connection: In a transaction.
        draft: What it is to say.
        by: Whose account; None for a command.
        now: What time it is.

    Raises:
        ArticleChanged: there is another version by now.
    """
    said = draft.said
    version: int | None = await connection.fetchval(
        QUERIES["write_article"],
        draft.key,
        draft.based_on,
        said.norm,
        sorted(paragraphs(said.norm)),
        said.de.title,
        said.de.body,
        said.de.example,
        said.en.title,
        said.en.body,
        said.en.example,
        by,
        now,
    )
    if version is None:
        last = await read(connection, draft.key)
        if last and (last.version, last.said) == (draft.based_on + 1, said):
            return last.version, False
        raise ArticleChanged(draft.key, 0 if last is None else last.version)
    return version, True


async def read(connection: Connection, key: str, version: int | None = None) -> Article | None:
    """Give a version of an article, or its last one."""
    row = await connection.fetchrow(QUERIES["article"], key, version)
    return None if row is None else _article(row)


@dataclass(frozen=True, slots=True)
class Version:
    """A line in an article's history."""

    version: int
    written_at: datetime
    stale_since: date | None


async def versions(connection: Connection, key: str) -> list[Version]:
    """Give all versions of an article, the newest first."""
    return [Version(**row) for row in await connection.fetch(QUERIES["versions"], key)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles are asked for; what is None doesn't narrow it.

    Attributes:
        text: What stands in them.
        stale: Whether their law has changed since they were written.
    """

    text: str | None = None
    stale: bool | None = None


ARTICLES = Listing(
    QUERIES["page_of_articles"],
    {"title": Words, "norm": Words, "written": date},
    unique={"article": Words},
    usual="title",
)


async def page(
    connection: Connection,
    wanted: Filter,
    order: Order,
    *,
    language: Language,
    zone: ZoneInfo,
) -> Page[Article]:
    """Give some articles, each in its last version, by what they are called in a language."""
    english = language is Language.ENGLISH
    found = await ARTICLES.page(connection, order, wanted.text, wanted.stale, english, zone.key)
    return found.each(_article)


async def any_articles(connection: Connection) -> bool:
    """Tell whether anything was written."""
    return bool(await connection.fetchval(QUERIES["any_articles"]))


async def count_stale(connection: Connection) -> int:
    """Count the articles whose law has changed since they were written."""
    return int(await connection.fetchval(QUERIES["count_stale"]))


@dataclass(frozen=True, slots=True)
class Link:
    """What leads to an article.

    Attributes:
        article: Its key: it stands at `/guidance/<key>`.
        title: In German.
        title_en: In English; empty when there is none.
        version: Its last one.
        stale: Since when its law is another one.
    """

    article: str
    title: str
    title_en: str
    version: int
    stale: date | None

    def title_in(self, language: Language) -> str:
        """Give the title in a language, or else in German."""
        return (language is Language.ENGLISH and self.title_en) or self.title


async def for_norms(connection: Connection, norms: Iterable[str]) -> Mapping[str, Link]:
    """Give the article on each norm that has one: the one that fits it best.

    Args:
        connection: Of controlling or the workbench.
        norms: As criteria and findings cite them.
    """
    asked = frozenset(norms)
    if not asked:
        return {}
    wanted = sorted(frozenset[str]().union(*map(paragraphs, asked)))
    rows = await connection.fetch(QUERIES["articles_on"], wanted)
    found = {}
    for norm in asked:
        if row := _nearest(rows, norm):
            link = (row["article"], row["title"], row["title_en"], row["version"])
            found[norm] = Link(*link, row["stale_since"])
    return found


async def mark_stale(connection: Connection, citation: str, since: date) -> None:
    """Note on what is written about a norm that from a day on it is another one."""
    rows = await connection.fetch(QUERIES["versions_on"], sorted(paragraphs(citation)))
    changed = [row for row in rows if touches(citation, row["norm"])]
    keys, numbers = ([row[name] for row in changed] for name in ("article", "version"))
    await connection.execute(QUERIES["mark_stale"], keys, numbers, since)


def _nearest(rows: Sequence[Any], norm: str) -> Any:  # noqa: ANN401 - a row
    """Choose the row that fits a norm best; of several the first by title."""
    fits = [(found, row) for row in rows if (found := fit(row["norm"], norm)) is not None]
    return max(fits, key=lambda one: one[0], default=(None, None))[1]


def _article(row: Any) -> Article:  # noqa: ANN401 - a row of whatever connection
    german = Text(title=row["title"], body=row["body"], example=row["example"])
    english = Text(title=row["title_en"], body=row["body_en"], example=row["example_en"])
    said = Said(norm=row["norm"], de=german, en=english)
    return Article(row["article"], row["version"], said, row["written_at"], row["stale_since"])
