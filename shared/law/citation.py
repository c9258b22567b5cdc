"""Citations of norms, read part by part: `§ 25 (2) AufenthG`, `Art. 6 GG i.V.m. § 36 AufenthG`.

A citation is signs, numbers and the name of a statute that there is; nothing else fits.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.configuration.places import law_file
from shared.configuration.yaml_file import FileInvalid, Section, load

FILE = "statutes.yaml"

_TOGETHER = re.compile(r" i\. ?V\. ?m\. | in Verbindung mit ")
_NUMBER = r"\d{1,4}[a-z]{0,2}"
_PART = (
    r"(?:\(\d{1,2}[a-z]?\)|Abs(?:\.|atz) ?\d{1,2}[a-z]?|S(?:\.|atz) ?\d{1,2}|Halbsatz ?\d"
    r"|(?:Nr\.|Nummer) ?\d{1,3}[a-z]?|(?:Buchst\.|Buchstabe|lit\.) ?[a-z]{1,2}"
    r"|Alt(?:\.|ernative) ?\d)"
)
_PLACE = rf"{_NUMBER}(?: {_PART}| ?\(\d{{1,2}}[a-z]?\))*"
_NORM = re.compile(
    rf"(?:§ |§§ |Art\. |Artikel )(?P<places>{_PLACE}(?:(?:, | und | bis | ?- ?){_PLACE})*)"
    r" (?P<statute>[^§]+)"
)


class StatutesInvalid(FileInvalid):
    """The list of statutes can't be used."""


class _Statutes(Section):
    statutes: tuple[Annotated[str, StringConstraints(min_length=2, max_length=40)], ...] = Field(
        min_length=1
    )


def load_statutes(path: Path | None = None) -> frozenset[str]:
    """Give the statutes that a citation may name; without a path, of the law in force here.

    Raises:
        StatutesInvalid: with everything that is wrong, by line and field.
    """
    return frozenset(load(path or law_file(FILE), _Statutes, invalid=StatutesInvalid).statutes)


def is_citation(text: str, statutes: Collection[str]) -> bool:
    """Tell whether a text cites norms of known statutes, and says nothing else."""
    return all(_cites(norm, statutes) for norm in _TOGETHER.split(text))


def _cites(norm: str, statutes: Collection[str]) -> bool:
    found = _NORM.fullmatch(norm)
    return found is not None and found["statute"] in statutes
