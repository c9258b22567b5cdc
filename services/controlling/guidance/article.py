"""An article: what a norm asks of a decision, in a few sentences, with an example."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.configuration.yaml_file import Section
from shared.web.pages.words import Language

KEY = r"^[a-z0-9][a-z0-9-]{0,59}$"
_LONGEST_KEY = 60
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

_Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]


class Text(Section):
    """What an article says in one language; `body` and `example` are Markdown."""

    title: _Line = ""
    body: _Text = ""
    example: _Text = ""

    def __bool__(self) -> bool:
        return bool(self.title and self.body)


class Said(Section):
    """All that somebody writes of an article; English may be left out."""

    norm: _Line = ""
    de: Text = Text()
    en: Text = Field(default=Text(), description="The English twin; German is the binding one.")

    def every(self) -> Iterator[str]:
        """Give all texts, to look for what doesn't belong there."""
        for one in (self.de, self.en):
            yield from (one.title, one.body, one.example)


class Fault(StrEnum):
    """What an article lacks; the value is the field's id on its form."""

    NORM = "norm"
    TITLE = "title"
    BODY = "body"
    ENGLISH = "title_en"


def faults(said: Said) -> Iterator[Fault]:
    """Name what must be mended before an article can be kept."""
    if not said.norm:
        yield Fault.NORM
    if not said.de.title:
        yield Fault.TITLE
    if not said.de.body:
        yield Fault.BODY
    if not said.en and any((said.en.title, said.en.body, said.en.example)):
        yield Fault.ENGLISH


def key_of(title: str) -> str:
    """Make the key under which an article is kept for ever, as it stands in addresses."""
    spelled = unicodedata.normalize("NFKD", title.lower().translate(_SPELLED))
    words = re.findall(r"[a-z0-9]+", spelled.encode("ascii", "ignore").decode())
    return "-".join(words)[:_LONGEST_KEY].rstrip("-")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become the next version of an article.

    Attributes:
        key: Of the article.
        based_on: The version that its writer saw; 0 for a new article.
        said: What it is to say.
    """

    key: str
    based_on: int
    said: Said


@dataclass(frozen=True, slots=True)
class Article:
    """A version of an article; a new one never changes an old one.

    Attributes:
        key: Under which all its versions are kept.
        version: From 1.
        said: What it says.
        written_at: When.
        stale_since: From which day its norm is another one, as a change of law has told.
    """

    key: str
    version: int
    said: Said
    written_at: datetime
    stale_since: date | None

    def text(self, language: Language) -> Text:
        """Give what it says in a language, or else in German."""
        return self.said.en if language is Language.ENGLISH and self.said.en else self.said.de

    def has(self, language: Language) -> bool:
        """Whether it is written in a language."""
        return language is Language.GERMAN or bool(self.said.en)
