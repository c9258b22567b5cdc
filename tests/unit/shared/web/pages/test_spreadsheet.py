"""What a spreadsheet makes of a list."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from fastapi.responses import StreamingResponse

from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection, Pool
from shared.web.pages.cells import Row
from shared.web.pages.spreadsheet import BATCH, as_lines, as_spreadsheet, in_pages


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert as_lines([[text]]).lstrip('"').startswith("'")


def test_what_isnt_there_is_an_empty_cell_and_lines_end_as_the_standard_has_it() -> None:
    assert as_lines([["a", None, 'so, "he" said'], [1, "", "x"]]) == (
        'a,,"so, ""he"" said"\r\n1,,x\r\n'
    )


async def test_a_list_is_sent_page_by_page_under_its_heads() -> None:
    async def pages() -> AsyncIterator[Iterable[Row]]:
        yield [["1", "a"]]
        yield [["2", "b"], ["3", "c"]]

    answer = as_spreadsheet("list", ["number", "what"], pages())
    assert isinstance(answer, StreamingResponse)
    sent = [part async for part in answer.body_iterator]
    assert sent == ["number,what\r\n", "1,a\r\n", "2,b\r\n3,c\r\n"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="list.csv"'


@pytest.mark.parametrize("amount", [0, 1, BATCH, BATCH + 1, 3 * BATCH])
async def test_a_list_is_read_whole_and_holds_no_connection_while_it_is_sent(amount: int) -> None:
    pool, items = CountedPool(), range(1, amount + 1)

    async def read(_: Connection, order: Order) -> Page[int]:
        assert (pool.held, order.column, order.size) == (1, "due", BATCH)
        begin = int(order.place or 0)
        end = begin + order.size
        return Page(items[begin:end], str(end) if end < amount else None)

    sent: list[Row] = []
    shown = Order("due", place="17")
    async for some in in_pages(cast("Pool", pool), shown, read, lambda one: [one]):
        assert pool.held == 0
        sent += some
    assert sent == [[one] for one in items]


class CountedPool:
    """Counts its connections that are in use."""

    def __init__(self) -> None:
        self.held = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[object]:
        self.held += 1
        yield object()
        self.held -= 1
