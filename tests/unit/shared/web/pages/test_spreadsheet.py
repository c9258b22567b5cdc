"""What a spreadsheet makes of a list."""

import csv
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal
from io import StringIO
from typing import cast

import pytest
from fastapi.responses import StreamingResponse

from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection, Pool
from shared.web.pages.cells import Row
from shared.web.pages.spreadsheet import BATCH, as_lines, as_spreadsheet, in_pages
from shared.web.pages.words import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])  # noqa: RUF001 - Japanese keyboards' sign
def test_no_text_is_taken_for_a_formula(language: Language, text: str) -> None:
    assert as_lines(language, [[text]]).lstrip('"').startswith("'")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    "text", ["x;=1+1", "x,=1+1", "x\t@A1", "x\n-1+1", 'x,"=1+1"', 'x;"+1"', '"=1+1"', "x\r\n=1"]
)
def test_nor_is_a_part_of_it_where_a_spreadsheet_splits_at_another_separator(
    language: Language, separator: str, text: str
) -> None:
    lines = as_lines(language, [["1", text, "2"]])
    cells = [cell for row in csv.reader(StringIO(lines), delimiter=separator) for cell in row]
    assert [cell for cell in cells if cell.lstrip('"')[:1] in set("=+-@")] == []
    usual = {Language.GERMAN: ";", Language.ENGLISH: ","}[language]
    [[first, read, last]] = csv.reader(StringIO(lines, newline=""), delimiter=usual)
    assert (first, read.replace("'", ""), last) == ("1", text, "2")


def test_a_number_is_one_in_the_spreadsheets_of_its_language() -> None:
    row = [-239, 0.262, Decimal("0.50"), 7]
    assert as_lines(Language.GERMAN, [row]) == '-239;"0,262";"0,50";7\r\n'
    assert as_lines(Language.ENGLISH, [row]) == "-239,0.262,0.50,7\r\n"


def test_what_isnt_there_is_an_empty_cell_and_lines_end_as_the_standard_has_it() -> None:
    assert as_lines(Language.ENGLISH, [["a", None, 'so, "he" said'], [1, "", "x"]]) == (
        'a,,"so, ""he"" said"\r\n1,,x\r\n'
    )


async def test_a_list_is_sent_page_by_page_under_its_heads() -> None:
    async def pages() -> AsyncIterator[Iterable[Row]]:
        yield [["1", "a"]]
        yield [["2", "b"], ["3", "c"]]

    answer = as_spreadsheet(Language.GERMAN, "list", ["number", "what"], pages())
    assert isinstance(answer, StreamingResponse)
    sent = [part async for part in answer.body_iterator]
    assert sent == ["\ufeffnumber;what\r\n", "1;a\r\n", "2;b\r\n3;c\r\n"]
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
