"""Words as HTML: escaped, with links; and a text as who edits it sees it. Pure."""

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from html.entities import html5
from urllib.parse import quote

from services.notify.template.filling import Values, says_yes
from services.notify.template.passages import Part, Passage, Placeholder, key, parse

_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_KEPT = frozenset({"&nbsp;", "&amp;"})
_ADDRESS = re.compile(r"https?://[^\s<]+", re.IGNORECASE)
_BRACKETS = {")": "(", "]": "["}


def escaped(text: str) -> str:
    """Escape a text for HTML; entities in it are read first, so that none is escaped twice."""
    pieces = []
    place = 0
    for entity in _ENTITY.finditer(text):
        pieces.append(escape(text[place : entity.start()], quote=False))
        pieces.append(_entity(entity[0]))
        place = entity.end()
    return "".join((*pieces, escape(text[place:], quote=False)))


def _entity(entity: str) -> str:
    known = entity[1] == "#" or entity[1:] in html5
    return entity if entity in _KEPT else escape(unescape(entity) if known else entity, quote=False)


def linked(text: str) -> str:
    """Make links of complete addresses in escaped HTML; marks behind an address don't belong to it.

    Something like `name.tld` alone is no link: in German a missing space looks the same.
    """
    return _ADDRESS.sub(lambda found: _link(found[0]), text)


def _link(address: str) -> str:
    end = len(address)
    while end and address[end - 1] in ".,:)]":
        opening = _BRACKETS.get(address[end - 1])
        part = address[:end]
        if opening and part.count(opening) >= part.count(address[end - 1]):
            break
        end -= 1
    return f"{anchor(address[:end], address[:end])}{address[end:]}"


def anchor(address: str, text: str) -> str:
    """Write a link; what could end the attribute is encoded."""
    return f'<a href="{quote(address, safe=":/?#=&;%")}">{text}</a>'


def as_edited(source: str, values: Values, write: Callable[[str], str] = escaped) -> str:
    """Show a text with its placeholders marked where no value is given.

    Args:
        source: The text.
        values: Those that are known.
        write: Makes HTML of words and values.
    """
    known = {key(name): value for name, value in values.items()}
    return "".join(_shown(parse(write(source)), known, write))


def _shown(parts: Iterable[Part], known: Values, write: Callable[[str], str]) -> Iterable[str]:
    for part in parts:
        value = None if isinstance(part, str) else known.get(key(part.name))
        match part:
            case str():
                yield part
            case Placeholder(name):
                mark = f"<span class='placeholder'>&#40;&#40;{name}&#41;&#41;</span>"
                yield mark if value is None else write(str(value))
            case Passage(name, when, inner):
                shown = "".join(_shown(inner, known, write))
                if value is not None:
                    yield shown if says_yes(value) is when else ""
                    continue
                sign = "??" if when else "!!"
                yield f"<span class='placeholder-conditional'>&#40;&#40;{name}{sign}</span>"
                yield f"{shown}&#41;&#41;"
