"""How articles come into being: written by somebody, or loaded from a file."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from services.controlling.audit.entry import OPERATOR, Act, Actor, Detail, Entry
from services.controlling.audit.store import Change
from services.controlling.guidance import store
from services.controlling.guidance.article import KEY, Draft, Said, faults
from services.controlling.guidance.errors import ArticleIncomplete, ArticlesInvalid
from shared.configuration.yaml_file import Mistake, Section, load


class _File(Section):
    articles: Mapping[Annotated[str, StringConstraints(pattern=KEY)], Said] = Field(min_length=1)


def read_articles(path: Path) -> Mapping[str, Said]:
    """Read a file of articles by key.

    Raises:
        ArticlesInvalid: with everything that is wrong, by line and field.
    """

    def contradictions(file: _File) -> list[Mistake]:
        return [
            Mistake(("articles", key), f"lacks {fault}")
            for key, said in file.articles.items()
            for fault in faults(said)
        ]

    return load(path, _File, invalid=ArticlesInvalid, contradictions=contradictions).articles


async def write(change: Change, who: Actor | None, draft: Draft, now: datetime) -> int:
    """Keep a new version of an article; gives its number. The same one sent twice is one.

    Args:
        change: The transaction.
        who: Writes; None for a command.
        draft: What it is to say.
        now: What time it is.

    Raises:
        ArticleIncomplete, ArticleChanged: nothing has changed.
    """
    if lacks := tuple(faults(draft.said)):
        raise ArticleIncomplete(lacks)
    account = None if who is None else who.id
    version, is_new = await store.add_version(change.connection, draft, account, now)
    if not is_new:
        return version
    role = OPERATOR if who is None else str(who.role)
    detail: Detail = {"version": version, "norm": draft.said.norm}
    change.note(Entry(account, role, Act.GUIDANCE_WRITTEN, f"guidance:{draft.key}", detail))
    return version


async def enter(change: Change, articles: Mapping[str, Said], now: datetime) -> int:
    """Keep what a file says; what says it already stays as it is. Gives the new versions."""
    written = 0
    for key, said in articles.items():
        last = await store.read(change.connection, key)
        if last is None or last.said != said:
            based_on = 0 if last is None else last.version
            await write(change, None, Draft(key, based_on, said), now)
            written += 1
    return written
