"""What letters are written on: the sheet's measures and the words around the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.notify.messages.file import Texts, content_of, read_as


class SheetWords(BaseModel):
    """The words on a sheet, in one language; `page` counts with {page} and {pages}.

    An edition without a word for room or hours tells neither.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    date: str
    phone: str
    email: str
    web: str
    room: str = ""
    hours: str = ""
    page: str


_SHEET_WORDS = TypeAdapter(SheetWords)


@dataclass(frozen=True, slots=True)
class Stationery:
    """The sheet.

    Attributes:
        sheet: The document; takes the values of one letter, and escapes them.
        style: CSS: all measures.
        words: By language.
    """

    sheet: Template
    style: str
    words: Mapping[str, SheetWords]


def load_stationery(texts: Texts | None = None) -> Stationery:
    """Read `letter.html`, `letter.css` and the words of each language, of those in force here.

    Raises:
        MessageInvalid: Something is missing or malformed.
    """
    texts = texts or Texts.in_force()
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    of_languages = texts.find("letter.*.yaml").values()
    words = {path.stem.partition(".")[2]: _words(path) for path in of_languages}
    sheet, style = (content_of(texts.file(f"letter.{kind}")) for kind in ("html", "css"))
    return Stationery(environment.from_string(sheet), style, words)


def _words(path: Path) -> SheetWords:
    return read_as(path, _SHEET_WORDS)
