"""What a text consists of: words, placeholders, and passages that depend on a value. Pure.

The language is GOV.UK Notify's, because officials can learn it in a minute: `((name))` stands for a
value, `((name??text))` for a text that is there when the value says yes. Two things are added:
`((name!!text))` for a text that is there when the value doesn't say yes, and placeholders inside
such texts. docs/decisions/0023 says why.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(
    r"\(\((?P<name>[^()]*?)(?P<when>\?\?|!!)"  # a passage begins
    r"|\(\((?P<placeholder>[^()]+)\)\)"
    r"|(?P<end>\)\))"  # a passage ends
    r"|(?P<bracket>[()])"
)
_SAME = str.maketrans("", "", " _-")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place for a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that is there or not.

    Attributes:
        name: The value that decides.
        when: Whether it is there if the value says yes, or if it doesn't.
        parts: The text.
    """

    name: str
    when: bool
    parts: "tuple[Part, ...]"


Part = str | Placeholder | Passage


@dataclass(slots=True)
class _Open:
    """A passage whose end is not read yet."""

    opening: str
    name: str
    when: bool
    parts: list[Part] = field(default_factory=list)
    brackets: int = 0


@lru_cache(maxsize=1024)
def key(name: str) -> str:
    """Give what names have in common that mean the same: case, spaces, `_` and `-` don't matter."""
    return name.translate(_SAME).lower()


def parse(source: str) -> tuple[Part, ...]:
    """Read a text; what is no complete placeholder is words. Linear in the length of the text."""
    open_: list[_Open] = []
    parts: list[Part] = []
    place = 0
    while (token := _TOKEN.search(source, place)) is not None:
        into = open_[-1].parts if open_ else parts
        into.append(source[place : token.start()])
        place = token.end()
        if token["when"] is not None:
            open_.append(_Open(token[0], token["name"], token["when"] == "??"))
        elif token["placeholder"] is not None:
            into.append(Placeholder(token["placeholder"]))
        elif token["end"] is not None and open_ and not open_[-1].brackets:
            ended = open_.pop()
            outer = open_[-1].parts if open_ else parts
            outer.append(Passage(ended.name, ended.when, tuple(_joined(ended.parts))))
        else:
            place = token.start() + 1  # one bracket: the next may begin something
            into.append(source[token.start()])
            _count(open_, source[token.start()])
    (open_[-1].parts if open_ else parts).append(source[place:])
    for unended in open_:
        parts += (unended.opening, *unended.parts)
    return tuple(_joined(parts))


def _count(open_: Sequence[_Open], bracket: str) -> None:
    """Keep in mind brackets that belong to the words of a passage."""
    if not open_:
        return
    if bracket == "(":
        open_[-1].brackets += 1
    elif open_[-1].brackets:
        open_[-1].brackets -= 1


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Put words that follow each other together, and leave out empty ones."""
    words: list[str] = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
            continue
        if text := "".join(words):
            yield text
        words.clear()
        yield part
    if text := "".join(words):
        yield text


def names(parts: Iterable[Part]) -> list[str]:
    """Give the names of the values that a text needs, each once, in order."""
    found: dict[str, str] = {}
    for part in parts:
        if isinstance(part, str):
            continue
        found.setdefault(key(part.name), part.name)
        if isinstance(part, Passage):
            for name in names(part.parts):
                found.setdefault(key(name), name)
    return list(found.values())
