"""Tables in pages that a long run writes, so that nobody copies numbers by hand."""

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATISTICS = ROOT / "docs" / "guide" / "statistics.md"


def write_table(page: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Replace the rows of the page's table that has these columns.

    Raises:
        ValueError: the page has no such table.
    """
    head = f"{_row(columns)}\n{'|---' * len(columns)}|\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(head)
    if not found:
        raise ValueError(f"{page} has no table with the columns {', '.join(columns)}")
    after = rest.splitlines(keepends=True)
    while after and after[0].startswith("|"):
        del after[0]
    body = "".join(f"{_row(row)}\n" for row in rows)
    page.write_text(before + head + body + "".join(after), encoding="utf-8")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
