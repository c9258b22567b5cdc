"""A table of cases, as `gleichfall import --cases` writes it: a row per case, a column per fact."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.tables import Row, Table


def read_cases(file: Path, where: Mapping[str, str], columns: Sequence[str]) -> list[Row]:
    """Read the cases that have the given values.

    Args:
        file: The table.
        where: Values by column; all must be there.
        columns: Other columns that are needed.

    Raises:
        TableInvalid: the file can't be used, or lacks a column.
        NothingReviewed: no case has these values.
    """
    rows = [
        row
        for row in Table.read(file, *where, *columns).rows
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
