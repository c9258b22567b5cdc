"""What looks like personal data in a text that somebody types: warned of before it counts.

The file stays in the Fachverfahren; a text says what was wrong, never with whom. These are signs,
not proofs, so a person decides; dates of the case itself pass.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_CHILDHOOD = 12
"""Years that a date must be old to be taken for a birth date: files are seldom older."""


class Sign(StrEnum):
    """What a passage looks like."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    REGISTER_NUMBER = "register_number"
    """A number in the Ausländerzentralregister."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A passage, and what it looks like."""

    sign: Sign
    passage: str


_WORD = r"[A-ZÄÖÜÇŞĐŁŠŽ][a-zäöüßçğıñšžéèáàóíúłđ'’-]+"  # noqa: RUF001 - names have them
_PERSON = (
    r"(?:Herrn?|Frau|Familie|Mr\.?|Mrs\.?|Ms\.?|Dr\.|Prof\.|"
    r"Antragsteller(?:in|s)?|Kläger(?:in|s)?|Ehe(?:frau|mann)|Sohn|Tochter|Mutter|Vater|Bruder|"
    r"Schwester|Betroffene[rn]?|applicant|wife|husband|son|daughter|mother|father)"
)
_NO_NAME = frozenset({
    "Akte", "Amtsleiter", "Amtsleiterin", "Anhörung", "Antragsteller", "Antragstellerin",
    "Bescheid",
    "Betreuer", "Betreuerin", "Bevollmächtigte", "Bevollmächtigter", "Dolmetscher", "Dolmetscherin",
    "Frist", "Kläger", "Klägerin", "Kollege", "Kollegin", "Person",
    "Rechtsanwalt", "Rechtsanwältin",
    "Sachbearbeiter", "Sachbearbeiterin", "Sachgebietsleiter", "Sachgebietsleiterin", "Seite",
    "Vormund",
})  # fmt: skip
_ADDRESSED = re.compile(rf"\b{_PERSON}\s+(?P<name>{_WORD}(?:\s+{_WORD})?)")
_AUTHORITIES = "ABH|AZR|BAMF|BMI|EGMR|LEA|OVG|VGH"
_AS_IN_FILES = re.compile(
    rf"\b(?!(?:{_AUTHORITIES})\b)[A-ZÄÖÜ]{{3,}}(?:-[A-ZÄÖÜ]{{3,}})?,\s*{_WORD}"
)
_DATE = re.compile(
    r"\b(?:(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>(?:19|20)\d{2})"
    r"|(?P<iy>(?:19|20)\d{2})-(?P<im>\d{2})-(?P<id>\d{2}))\b"
)
_BORN = re.compile(
    r"(?:\bgeb(?:\.|oren)?|\bGeburtsdatum:?|\bborn|\bDOB:?|\*)\s*(?:am|on)?\s*"
    r"(?P<date>\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}|\d{4})\b",
    re.IGNORECASE,
)
_REGISTER = re.compile(r"(?<![\d-])\d{12}(?!\d)|(?<!\d)\d{6} \d{6}(?!\d)")
_NAMED_REGISTER = re.compile(
    r"\bAZR(?:-?(?:Nr\.?|Nummer|Zahl))?:?\s*(?P<number>\d[\d /-]{4,}\d)", re.IGNORECASE
)


def suspicions(text: str, today: date) -> tuple[Suspicion, ...]:
    """Give the passages of a text that look like personal data, each once, in its order."""
    found = {
        (start, passage): Suspicion(sign, passage) for start, sign, passage in _every(text, today)
    }
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))


def _every(text: str, today: date) -> Iterator[tuple[int, Sign, str]]:
    for one in _ADDRESSED.finditer(text):
        if not _NO_NAME.issuperset(one["name"].split()):
            yield one.start(), Sign.NAME, one.group()
    for one in _AS_IN_FILES.finditer(text):
        yield one.start(), Sign.NAME, one.group()
    for one in _BORN.finditer(text):
        yield one.start("date"), Sign.BIRTH_DATE, one["date"]
    for one in _DATE.finditer(text):
        if (day := _day(one)) is not None and today.year - day.year > _CHILDHOOD:
            yield one.start(), Sign.BIRTH_DATE, one.group()
    for one in _REGISTER.finditer(text):
        yield one.start(), Sign.REGISTER_NUMBER, one.group()
    for one in _NAMED_REGISTER.finditer(text):
        yield one.start("number"), Sign.REGISTER_NUMBER, one["number"]


def _day(found: re.Match[str]) -> date | None:
    parts = [found[name] or found[f"i{name}"] for name in ("y", "m", "d")]
    try:
        return date(*map(int, parts))
    except ValueError:
        return None
