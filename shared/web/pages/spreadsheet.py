"""A list as a file for spreadsheets (CSV), sent page by page, however long it is.

It opens in columns, with its umlauts, where a spreadsheet speaks the language of the page: Excel
takes a file for UTF-8 only by its mark, and the separator from the language.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from fastapi import Response
from fastapi.responses import StreamingResponse

from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection, Pool
from shared.web.pages.cells import Row
from shared.web.pages.policy import Caching
from shared.web.pages.words import Language

Item = TypeVar("Item")
BATCH = 1_000
_MARK = "\ufeff"
_SEPARATORS = {Language.GERMAN: ";", Language.ENGLISH: ","}
_POINTS = {Language.GERMAN: ",", Language.ENGLISH: "."}
_APART = re.compile(r'[;,\t\r\n"]')
# Where one would begin: at the start, and behind whatever another spreadsheet splits a text at.
_FORMULA = re.compile(r'^(?=[\t\r\n])|(?:^|(?<=[;,\t\r\n]))(?="*[=+\-@＝＋－＠])')  # noqa: RUF001 - Japanese keyboards' signs


def as_spreadsheet(
    language: Language, name: str, heads: Sequence[str], pages: AsyncIterator[Iterable[Row]]
) -> Response:
    """Answer with a list.

    Args:
        language: Of the page, and so of whoever opens the file.
        name: What the file is called, without its ending.
        heads: The columns.
        pages: The list, some rows at a time.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": Caching.PRIVATE.value,
    }
    return StreamingResponse(
        _written(language, heads, pages), media_type="text/csv; charset=utf-8", headers=headers
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


async def _written(
    language: Language, heads: Row, pages: AsyncIterator[Iterable[Row]]
) -> AsyncIterator[str]:
    yield _MARK + as_lines(language, [heads])
    async for rows in pages:
        yield as_lines(language, rows)


def as_lines(language: Language, rows: Iterable[Row]) -> str:
    """Write rows as spreadsheets in a language read them; what isn't there is an empty cell."""
    lines = (_SEPARATORS[language].join(_cell(language, cell) for cell in row) for row in rows)
    return "".join(f"{line}\r\n" for line in lines)


def _cell(language: Language, cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (float, Decimal)):
        text = str(cell).replace(".", _POINTS[language])
    else:
        text = str(cell) if isinstance(cell, int) else _harmless(str(cell))
    return '"{}"'.format(text.replace('"', '""')) if _APART.search(text) else text


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text, or what it makes a cell of, for a formula."""
    return _FORMULA.sub("'", text)
