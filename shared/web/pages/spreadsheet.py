"""A list as a file for spreadsheets (CSV), sent page by page, however long it is."""

import csv
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from io import StringIO
from typing import TypeVar

from fastapi import Response
from fastapi.responses import StreamingResponse

from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection, Pool
from shared.web.pages.cells import Row
from shared.web.pages.policy import Caching

Item = TypeVar("Item")
BATCH = 1_000
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


async def in_pages(
    pool: Pool,
    order: Order,
    read: Callable[[Connection, Order], Awaitable[Page[Item]]],
    row: Callable[[Item], Row],
) -> AsyncIterator[Iterable[Row]]:
    """Read a whole list some rows at a time; who takes it slowly holds no connection meanwhile.

    Args:
        pool: Where it is read.
        order: How it is ordered.
        read: Gives a page of it.
        row: What of an item stands in the file.
    """
    more: Order | None = order.whole(BATCH)
    while more is not None:
        async with pool.acquire() as connection:
            found = await read(connection, more)
        yield map(row, found.lines)
        more = None if found.further is None else more.behind(found.further)


async def at_once(rows: Iterable[Row]) -> AsyncIterator[Iterable[Row]]:
    """Give a list that is short enough to be made as a whole."""
    yield rows


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
