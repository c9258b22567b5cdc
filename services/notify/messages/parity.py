"""Whether translations are there and say what the German text says, as far as a program can see.

Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from services.notify.messages.description import Audience
from services.notify.messages.text import MessageType, Text
from services.notify.template.passages import Part, Passage, Placeholder, key

_NUMBER = re.compile(r"\d+")
_LINK = re.compile(r"https?://[^\s)<]+")
_ITEM = re.compile(r"^(?:[-*]|\d+\.) ", re.MULTILINE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)


def differences(binding: Text, translation: Text) -> list[str]:
    """Say what a translation has too much or too little.

    Compared are values, passages and what decides on them, links, numbers, headings and items of
    lists; the sense is for people to compare.
    """
    found = []
    for what, tell in (
        ("value", lambda text: _values((*text.subject, *text.body))),
        ("link", lambda text: Counter(_LINK.findall(_words(text)))),
        ("number", lambda text: Counter(_NUMBER.findall(_words(text)))),
        ("heading", lambda text: Counter(_HEADING.findall(_words(text)))),
        ("item of a list", lambda text: Counter(_ITEM.findall(_words(text)))),
    ):
        here, there = tell(translation), tell(binding)
        found += [f"the {what} {one.strip()} is missing" for one in (there - here)]
        found += [f"the German text has no {what} {one.strip()}" for one in (here - there)]
    return found


def untranslated(kinds: Collection[MessageType]) -> Iterator[tuple[str, Sequence[str]]]:
    """Name messages that lack a language in which others are written to the same people."""
    spoken: dict[Audience, set[str]] = defaultdict(set)
    for kind in kinds:
        spoken[kind.description.audience].update(kind.texts)
    for kind in kinds:
        if missing := spoken[kind.description.audience] - kind.texts.keys():
            yield kind.name, sorted(missing)


def _values(parts: tuple[Part, ...]) -> Counter[str]:
    return Counter(_named(parts))


def _named(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        match part:
            case Placeholder(name):
                yield f"(({key(name)}))"
            case Passage(name, when, inner):
                yield f"(({key(name)}{'??' if when else '!!'}))"
                yield from _named(inner)


def _words(text: Text) -> str:
    return f"{_flat(text.subject)}\n\n{_flat(text.body)}"


def _flat(parts: tuple[Part, ...]) -> str:
    return "".join(
        part if isinstance(part, str) else _flat(part.parts) if isinstance(part, Passage) else "_"
        for part in parts
    )
