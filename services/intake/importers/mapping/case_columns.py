"""The columns of a table of cases: see `case_table.py`."""

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, StringConstraints, Tag

from services.intake.importers.mapping.rules import FromLog, Section, Text, TimeColumn

ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Recorded(FromLog):
    """A column of cases: the first value of an attribute, made like an event's field."""

    pseudonym: None = None
    of: frozenset[str] = frozenset()


class Among(Section):
    """A column of cases: yes when an attribute ever has one of some values, no when others."""

    source: Annotated[Text, Field(alias="from")]
    among: Annotated[frozenset[str], Field(min_length=1)]
    of: frozenset[str] = frozenset()


class Happened(Section):
    """A column of cases: whether one of some activities happened."""

    happened: Annotated[frozenset[str], Field(min_length=1)]
    of: frozenset[str] = Field(default=frozenset(), max_length=0)


class Later(Section):
    """A column of cases: whether one time is after another; empty when one is missing."""

    later: TimeColumn
    than: TimeColumn
    of: frozenset[str] = frozenset()


def _column(value: object) -> str:
    given = value if isinstance(value, dict) else {}
    shapes = {"happened": "<happened>", "later": "<later>", "among": "<among>"}
    return next((tag for key, tag in shapes.items() if key in given), "<recorded>")


CaseColumn: TypeAlias = Annotated[
    Annotated[Recorded, Tag("<recorded>")]
    | Annotated[Among, Tag("<among>")]
    | Annotated[Happened, Tag("<happened>")]
    | Annotated[Later, Tag("<later>")],
    Discriminator(_column),
]
