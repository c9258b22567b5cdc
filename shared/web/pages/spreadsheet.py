"""A list as a file for spreadsheets (CSV), sent page by page, however long it is."""

import csv
from collections.abc import AsyncIterator, Iterable, Sequence
from io import StringIO

from fastapi import Response
from fastapi.responses import StreamingResponse

from shared.web.pages.policy import Caching

Row = Sequence[object]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_spreadsheet(
    name: str, heads: Sequence[str], pages: AsyncIterator[Iterable[Row]]
) -> Response:
    """Answer with a list.

    Args:
        name: What the file is called, without its ending.
        heads: The columns.
        pages: The list, some rows at a time.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": Caching.PRIVATE.value,
    }
    return StreamingResponse(
        _written(heads, pages), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _written(heads: Row, pages: AsyncIterator[Iterable[Row]]) -> AsyncIterator[str]:
    yield as_lines([heads])
    async for rows in pages:
        yield as_lines(rows)


def as_lines(rows: Iterable[Row]) -> str:
    """Write rows; what isn't there is an empty cell."""
    text = StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
