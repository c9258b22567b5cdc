"""A table of cases, as `gleichfall import --cases` writes it: a row per case, a column per fact."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.controlling.breakdowns.breakdowns import Breakdowns, require_no_persons_column
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.tables import Row, Table


def read_cases(
    file: Path, where: Mapping[str, str], columns: Sequence[str], listed: Breakdowns
) -> list[Row]:
    """Read the cases that have the given values.

    Args:
        file: The table.
        where: Values by column; all must be there.
        columns: Other columns that are needed; none is named for people.
        listed: By what cases may be chosen.

    Raises:
        BreakdownUnlisted, ValueUnlisted, PersonNamed: the choice might tell of one officer.
        TableInvalid: the file can't be used, or lacks a column.
        NothingReviewed: no case has these values.
    """
    for column, value in where.items():
        listed.require(column, value)
    table = Table.read(file, *where, *columns)
    for column in columns:
        require_no_persons_column(column, table.rows)
    rows = [
        row
        for row in table.rows
        if all(row.cells[column] == value for column, value in where.items())
    ]
    if not rows:
        raise NothingReviewed(f"{file} without the cases that were left out")
    return rows


def known(rows: Sequence[Row], *columns: str) -> list[Row]:
    """Leave out the cases of which a column says nothing."""
    return [row for row in rows if all(row.cells[column] for column in columns)]


def outcome(row: Row, column: str) -> bool:
    """Tell whether what is counted happened."""
    answer = row.cells[column]
    if answer not in {"yes", "no"}:
        raise row.wrong(column, "must be yes, no or empty")
    return answer == "yes"
