"""Which provisions a citation names, and which of them are about each other.

An article, a question and a change of law find each other by these, however each writes its norm:
`§ 28 Abs. 2 VwVfG`, `§ 28 (2) VwVfG`, `§ 28 II VwVfG` and `§§ 20, 28 (2) VwVfG` all name § 28 (2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.controlling.guidance.citation import Level, read, split


@dataclass(frozen=True, slots=True)
class Provision:
    """A paragraph, or a part of one.

    Attributes:
        paragraph: As `§ 28 VwVfG`; what names no paragraph is its own name.
        parts: Which part of it; empty for all of it.
    """

    paragraph: str
    parts: frozenset[tuple[Level, str]] = frozenset()

    def covers(self, other: "Provision") -> bool:
        """Whether the other one is it, or a part of it."""
        if self.paragraph.casefold() != other.paragraph.casefold():
            return False
        return not self.parts or (self.subsection == other.subsection and self.parts <= other.parts)

    @property
    def subsection(self) -> str | None:
        """Which subsection it lies in; None: it names none."""
        return dict(self.parts).get(Level.SUBSECTION)


@dataclass(frozen=True, slots=True, order=True)
class Fit:
    """How well an article answers what is asked; the better the greater.

    Attributes:
        covered: How many of the provisions that are asked about it is about.
        exact: How many parts of a provision it names there.
        narrow: How few others it is about, below zero.
    """

    covered: int
    exact: int
    narrow: int


def fit(article: str, asked: str) -> Fit | None:
    """Tell how well an article on a norm fits what is asked about another; None: it doesn't.

    What is written about a whole paragraph is about all its parts; what is written about a part is
    about no other one, nor about the whole.
    """
    about, wanted = provisions(article), provisions(asked)
    pairs = [(one, other) for one in about for other in wanted if one.covers(other)]
    if not pairs:
        return None
    exact = max(len(one.parts) for one, _ in pairs)
    return Fit(len({other for _, other in pairs}), exact, -len(about))


def touches(change: str, article: str) -> bool:
    """Whether a change of a provision changes what an article is about, or a part of it."""
    return any(
        one.covers(other) or other.covers(one)
        for one in provisions(change)
        for other in provisions(article)
    )


def paragraphs(citation: str) -> frozenset[str]:
    """Name the paragraphs of a citation, as `§ 28 VwVfG`."""
    return frozenset(one.paragraph for one in provisions(citation))


@lru_cache(maxsize=1024)
def provisions(citation: str) -> frozenset[Provision]:
    """Name the provisions of a citation."""
    return frozenset(_named(citation))


def _named(citation: str) -> Iterator[Provision]:
    """Read from the end: what names no statute means the next one's."""
    statute = ""
    for part in reversed(split(citation)):
        cited = read(part)
        if cited is None:
            yield Provision(part)
            continue
        statute = cited.statute or statute
        for path in cited.paths:
            name = f"{cited.sign} {path[Level.PARAGRAPH]} {statute}".strip()
            parts = {level: value for level, value in path.items() if level is not Level.PARAGRAPH}
            yield Provision(re.sub(r"\s+", " ", name), frozenset(parts.items()))
