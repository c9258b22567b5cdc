"""Which paragraphs a citation names.

An article, a question and a change of law find each other by these, however each writes its norm:
`§ 28 Abs. 2 VwVfG`, `§ 28 (2) sentence 1 VwVfG` and `§§ 28, 45 VwVfG` all name § 28.
"""

import re
from collections.abc import Iterator

_CITED = re.compile(r"(?P<sign>§§?|Art\.)\s*(?P<numbers>.*[\d)][a-z]?)\s+(?P<statute>[^\d()]+)")
_NUMBER = re.compile(r"\s*(?P<first>\d+[a-z]?)(?:\s*[–-]\s*(?P<last>\d+[a-z]?))?")  # noqa: RUF001
_NEXT = re.compile(r",|\bund\b|\band\b")
_DIGITS = re.compile(r"\d+")
_WIDEST = 200
"""Paragraphs that one range names at most: no statute has a longer one in one citation."""


def paragraphs(citation: str) -> frozenset[str]:
    """Name the paragraphs of a citation, as `§ 28 VwVfG`; what names none is its own name."""
    parts = (part.strip() for part in citation.split(";"))
    return frozenset(name for part in parts if part for name in _named(part))


def _named(part: str) -> Iterator[str]:
    cited = _CITED.fullmatch(part)
    if cited is None:
        yield part
        return
    sign, several = cited["sign"][:1].replace("A", "Art."), cited["sign"] == "§§"
    for text in _NEXT.split(cited["numbers"]) if several else [cited["numbers"]]:
        if number := _NUMBER.match(text):
            last = number["last"] if several else None
            for one in _range(number["first"], last):
                yield f"{sign} {one} {cited['statute'].strip()}"


def _range(first: str, last: str | None) -> Iterator[str]:
    """Give both ends, and the whole numbers between them."""
    yield first
    if last is not None:
        begin, end = (int(_DIGITS.findall(one)[0]) for one in (first, last))
        yield from map(str, range(begin + 1, min(end, begin + _WIDEST) + 1))
        yield last
