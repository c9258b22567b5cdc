"""How provisions are cited: `§ 5 Abs. 1 Nr. 1 AufenthG`, `§ 82 (1) 3 AufenthG`, `Art. 6 I GG`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """Parts of a provision, the widest first."""

    PARAGRAPH = 0
    SUBSECTION = 1
    SUBPARAGRAPH = 2
    SENTENCE = 3
    NUMBER = 4
    LETTER = 5
    HALF = 6
    ALTERNATIVE = 7


Path = Mapping[Level, str]


@dataclass(frozen=True, slots=True)
class Cited:
    """What stands between one sign and the next.

    Attributes:
        sign: `§` or `Art.`.
        paths: Each provision that is named, part by part.
        statute: Empty where another one's is meant.
    """

    sign: str
    paths: Sequence[Path]
    statute: str


_AND = (
    r"(?:,|\b(?:und|and|sowie|oder|or|in Verbindung mit|in conjunction with)\b"
    r"|\bi\.?\s*V\.?\s*m\b\.?)"
)
_SIGN = re.compile(r"(?:§§?|Art(?:\.|ikeln?\b|icles?\b))\s*(?=\d)", re.IGNORECASE)
_SPLIT = re.compile(
    rf"\s*;\s*|\s*{_AND}?\s*(?=(?<!§)§|\bArt(?:\.|ikeln?|icles?)\s*\d)", re.IGNORECASE
)
_WORDS: Mapping[Level, str] = {
    Level.SUBSECTION: r"Abs(?:\.|atz|ätze)?|paragraphs?|para\.?|subsections?",
    Level.SUBPARAGRAPH: r"UAbs\.?|Unterabs(?:\.|atz)|subparagraphs?",
    Level.SENTENCE: r"S\.|Satz|Sätze|sentences?",
    Level.NUMBER: r"Nrn?\.?|Nummern?|Nos?\.|numbers?|points?",
    Level.LETTER: r"Buchst(?:\.|aben?)|lit\.?|letters?",
    Level.HALF: r"Hs\.?|Halbs(?:\.|atz)",
    Level.ALTERNATIVE: r"Alt(?:\.|ernative)|Var(?:\.|iante)",
}
_LEVEL = re.compile(
    rf"\s*(?:{'|'.join(f'(?P<{one.name}>{said})' for one, said in _WORDS.items())})(?=\s*[\w(])",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*\(\s*(?:(?P<number>\d+[a-z]?)|(?P<letter>[a-z]{1,2}))\s*\)")
_NUMBER = re.compile(r"\s*(\d+[a-z]?)\b", re.IGNORECASE)
_ROMAN = re.compile(r"\s*([IVX]+)\b")
_LETTER = re.compile(r"\s*([a-z]{1,2})(?:\)|\b)")
_SEPARATOR = re.compile(rf"\s*{_AND}")
_TO = re.compile(r"\s*(?:[–-]|\bbis\b|\bto\b)(?=\s*[\da-z])")
_FOLLOWING = re.compile(r"\s*ff?\.")
_DIGITS = re.compile(r"\d+")
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_WIDEST = 200
"""Provisions that one range names at most: no statute has a longer one in one citation."""


def split(citation: str) -> list[str]:
    """Cut a citation before each sign, and where a semicolon stands."""
    return [part.strip() for part in _SPLIT.split(citation) if part.strip()]


def read(part: str) -> Cited | None:
    """Read what stands from one sign to the next; None where there is no sign."""
    sign = _SIGN.match(part)
    if sign is None:
        return None
    reading = _Reading(part, sign.end(), several="§§" in sign[0])
    while reading.goes_on():
        pass
    name = "§" if "§" in sign[0] else "Art."
    return Cited(name, reading.paths, part[reading.place :].strip(" ,."))


class _Reading:
    """Reads one part of a citation from left to right.

    Attributes:
        place: What of it is read.
        paths: What it names so far.
    """

    def __init__(self, text: str, place: int, *, several: bool) -> None:
        self.place = place
        self.paths: list[dict[Level, str]] = []
        self._text, self._several = text, several
        self._last = Level.PARAGRAPH

    def goes_on(self) -> bool:
        """Read one step; false where the statute begins."""
        if not self.paths:
            return self._names(Level.PARAGRAPH, self._take(_NUMBER), new=True)
        if self._take(_FOLLOWING):
            return True
        if self._take(_TO):
            self._level()
            return self._ranges(self._take(_NUMBER) or self._take(_LETTER))
        start = self.place
        new = self._take(_SEPARATOR) is not None
        if self._step(new=new):
            return True
        self.place = start
        return False

    def _step(self, *, new: bool) -> bool:
        if brackets := self._match(_BRACKETS):
            level = Level.SUBSECTION if brackets["number"] else Level.LETTER
            return self._names(level, brackets["number"] or brackets["letter"], new=new)
        if (named := self._level()) is not None:
            value = self._take(_NUMBER) or self._roman() or self._take(_LETTER)
            return self._names(named, value, new=new)
        if self._last is Level.PARAGRAPH and not new:
            return self._names(Level.SUBSECTION, self._roman(), new=False)
        return self._bare(new=new)

    def _bare(self, *, new: bool) -> bool:
        """Read a value without a word for its level."""
        if number := self._take(_NUMBER):
            if new:
                return self._names(self._meant(number), number, new=True)
            return self._last is Level.SUBSECTION and self._names(Level.SENTENCE, number, new=False)
        if new and self._last is Level.SUBSECTION and (roman := self._roman()):
            return self._names(Level.SUBSECTION, roman, new=True)
        if (self._last is Level.LETTER and new) or self._last is Level.NUMBER:
            return self._names(Level.LETTER, self._take(_LETTER), new=new)
        return False

    def _meant(self, number: str) -> Level:
        """Paragraphs are cited in their order: behind `§§` a higher number is the next one."""
        here = self.paths[-1][Level.PARAGRAPH]
        is_next = self._several and _whole(number) > _whole(here)
        return Level.PARAGRAPH if is_next else self._last

    def _names(self, level: Level, value: str | None, *, new: bool) -> bool:
        if value is None:
            return False
        value = value.lower()
        if not self.paths:
            self.paths.append({level: value})
        elif new and level <= self._last:
            wider = {one: said for one, said in self.paths[-1].items() if one < level}
            self.paths.append({**wider, level: value})
        else:
            self.paths[-1][level] = value
        self._last = level
        return True

    def _ranges(self, last: str | None) -> bool:
        if last is None:
            return False
        here, level = self.paths[-1], self._last
        for one in _between(here[level], last.lower()):
            self.paths.append({**here, level: one})
        return True

    def _level(self) -> Level | None:
        found = self._match(_LEVEL)
        return None if found is None or found.lastgroup is None else Level[found.lastgroup]

    def _roman(self) -> str | None:
        found = self._take(_ROMAN)
        return str(_ROMANS.index(found) + 1) if found in _ROMANS else None

    def _take(self, what: re.Pattern[str]) -> str | None:
        found = self._match(what)
        return None if found is None else found[what.groups and 1]

    def _match(self, what: re.Pattern[str]) -> re.Match[str] | None:
        found = what.match(self._text, self.place)
        if found is not None:
            self.place = found.end()
        return found


def _whole(value: str) -> int:
    return int(_DIGITS.findall(value)[0])


def _between(first: str, last: str) -> Iterator[str]:
    """Give what follows the first up to the last, whole numbers or single letters."""
    if first[0].isdigit() and last[0].isdigit():
        begin, end = _whole(first), _whole(last)
        yield from map(str, range(begin + 1, min(end, begin + _WIDEST) + 1))
    elif first.isalpha() and last.isalpha() and len(first) == len(last) == 1:
        yield from map(chr, range(ord(first) + 1, ord(last)))
    yield last
