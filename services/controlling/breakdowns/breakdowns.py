"""What figures may be broken down by: closed lists, so that no figure tells of one officer.

A column that is renamed doesn't pass, because its values aren't those of the list.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from services.controlling.breakdowns.errors import (
    BreakdownsInvalid,
    BreakdownUnlisted,
    PersonNamed,
    ValueUnlisted,
)
from services.controlling.breakdowns.persons import looks_like_a_person, tells_persons_apart
from services.controlling.statistics.tables import Row, Table
from shared.configuration.yaml_file import Mistake, Section, load
from shared.events.vocabulary import Direction
from shared.law.citation import is_citation, load_statutes
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation

_Column = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
_Value = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Listed = Callable[[str], bool]

NOT_LISTED = "(not listed)"
"""Stands for all values of a column that its list doesn't have: one of them might be a name."""
_TIMES = {
    "year": r"(19|20)\d\d",
    "quarter": r"(19|20)\d\d-Q[1-4]",
    "month": r"(19|20)\d\d-(0[1-9]|1[0-2])",
    "week": r"(19|20)\d\d-W(0[1-9]|[1-4]\d|5[0-3])",
}


class _Document(Section):
    columns: dict[_Column, Annotated[tuple[_Value, ...], Field(min_length=1)]]


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """Tells of each column which values it may have.

    Attributes:
        columns: By name.
    """

    columns: Mapping[str, _Listed]

    @classmethod
    def of(cls, organisation: Organisation, file: Path | None = None) -> Self:
        """Take what the system knows by itself, and what the authority has listed.

        Args:
            organisation: Whose units there are.
            file: Columns and their values, agreed with the staff council; None: no others.

        Raises:
            BreakdownsInvalid: with everything that is wrong, by line and field.
        """
        ours = _ours(organisation)
        if file is None:
            return cls(ours)

        def contradictions(document: _Document) -> Iterator[Mistake]:
            return _contradictions(document, ours)

        document = load(file, _Document, invalid=BreakdownsInvalid, contradictions=contradictions)
        return cls(ours | {name: _among(values) for name, values in document.columns.items()})

    def among(self, columns: Iterable[str], values: Iterable[str]) -> Self:
        """Allow columns that all have the same values, too."""
        return type(self)({**self.columns, **dict.fromkeys(columns, _among(values))})

    def require(self, column: str, value: str) -> None:
        """Make sure that cases may be chosen by a value of a column.

        Raises:
            BreakdownUnlisted, ValueUnlisted: not by this one.
        """
        if not self._of(column)(value):
            raise ValueUnlisted(column)

    def told(self, column: str, row: Row) -> Row:
        """Give a row whose cell may be shown: what isn't listed is not told apart.

        Raises:
            BreakdownUnlisted: figures aren't broken down by this column.
            TableInvalid: there is no such column.
        """
        listed = self._of(column)
        Table(row.file, tuple(row.cells), ()).require(column)
        value = row.cells[column]
        return row if not value or listed(value) else row.holding(column, NOT_LISTED)

    def _of(self, column: str) -> _Listed:
        listed = self.columns.get(column)
        if listed is None:
            raise BreakdownUnlisted(column, self.columns)
        return listed


def require_no_person(column: str, rows: Iterable[Row]) -> None:
    """Refuse labels that look like people, where a table may have any.

    Raises:
        PersonNamed: names the line, not the label.
    """
    for row in rows:
        if looks_like_a_person(row.cells[column]):
            raise PersonNamed(row.file, row.line, column)


def require_no_persons_column(column: str, rows: Iterable[Row]) -> None:
    """Refuse a column that is named for people, or holds them.

    Raises:
        PersonNamed: in the header, or in a cell.
    """
    rows = list(rows)
    if rows and tells_persons_apart(column):
        raise PersonNamed(rows[0].file, 1, column)
    require_no_person(column, rows)


def _ours(organisation: Organisation) -> dict[str, _Listed]:
    types, statutes = DecisionTypes.load(), load_statutes()
    return {
        "unit": _among(organisation.keys_of_units),
        "decision_type": _among(types.codes),
        "group": _among(group for unit in organisation.units for group in unit.decision_groups),
        "direction": _among(one.value for one in Direction),
        "legal_basis": lambda text: is_citation(text, statutes),
        **{name: _written(form) for name, form in _TIMES.items()},
    }


def _among(values: Iterable[str]) -> _Listed:
    return frozenset(values).__contains__


def _written(form: str) -> _Listed:
    return lambda text: re.fullmatch(form, text) is not None


def _contradictions(document: _Document, ours: Mapping[str, _Listed]) -> Iterator[Mistake]:
    for column, values in document.columns.items():
        place = ("columns", column)
        if column in ours:
            yield Mistake(place, "is known by itself; take it out")
        if tells_persons_apart(column):
            yield Mistake(place, "is named for people; no figure may tell of one officer")
        for position, value in enumerate(values):
            if looks_like_a_person(value):
                yield Mistake((*place, position), "looks like a person")
            if value in values[:position]:
                yield Mistake((*place, position), "stands here twice; take one out")
