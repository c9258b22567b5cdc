"""How the pages of a list follow each other, whatever it is ordered by."""

from datetime import date
from typing import Any, cast

import pytest

from shared.postgres.paging import Listing, Number, Order, OrderUnfit, Words
from shared.postgres.pool import Connection

STATEMENT = "SELECT x, {place} FROM y WHERE z = $1 AND {behind} ORDER BY {order} LIMIT {size}"
LISTING = Listing(
    STATEMENT,
    {"number": Number, "due": date, "name": Words},
    unique={"number": Number},
    usual="-due",
)


class Asked:
    """A connection that keeps what it is asked, and has as many lines as it is told."""

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self.statement = ""
        self.values: tuple[object, ...] = ()

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, object]]:
        self.statement, self.values = statement, values
        return [{"x": n, "place": f"[{n}]"} for n in range(self.lines)]


async def read(order: Order, lines: int = 0) -> Asked:
    asked = Asked(lines)
    await LISTING.page(cast("Connection", asked), order, "a")
    return asked


async def test_the_first_page_begins_at_the_beginning() -> None:
    asked = await read(LISTING.order("due"))
    assert asked.statement == (
        "SELECT x, jsonb_build_array(sort.due, sort.number) AS place FROM y WHERE z = $1 AND true "
        "ORDER BY sort.due, sort.number LIMIT $2"
    )
    assert asked.values == ("a", 51)


async def test_the_next_one_begins_behind_its_last_line() -> None:
    asked = await read(LISTING.order("", '["2026-12-01", 7]'))
    assert asked.statement.endswith(
        "(sort.due, sort.number) < ($3, $4) ORDER BY sort.due DESC, sort.number DESC LIMIT $2"
    )
    assert asked.values == ("a", 51, date(2026, 12, 1), 7)


async def test_what_tells_lines_apart_is_asked_once() -> None:
    asked = await read(LISTING.order("number", "[7]"))
    assert "(sort.number) > ($3) ORDER BY sort.number LIMIT" in asked.statement


@pytest.mark.parametrize(("lines", "further"), [(0, None), (50, None), (51, "[49]")])
async def test_a_list_that_ends_with_a_page_has_no_empty_one(
    lines: int, further: str | None
) -> None:
    page = await LISTING.page(cast("Connection", Asked(lines)), LISTING.usual, "a")
    assert (len(page.lines), page.further) == (min(lines, 50), further)
    assert all(line.keys() == {"x"} for line in page.lines)


@pytest.mark.parametrize("sort", ["", "due", "-due", "number", "-name"])
def test_an_order_is_written_as_it_is_read(sort: str) -> None:
    assert str(LISTING.order(sort)) == (sort or "-due")


@pytest.mark.parametrize("sort", ["x", "--due", "due; DROP TABLE y", "sort.due", "DUE"])
def test_a_column_that_isnt_there_is_refused(sort: str) -> None:
    with pytest.raises(OrderUnfit):
        LISTING.order(sort)


@pytest.mark.parametrize(
    ("sort", "place"),
    [
        ("due", "x"),
        ("due", "[]"),
        ("due", '["2026-12-01"]'),
        ("due", '["2026-13-01", 7]'),
        ("due", '["2026-12-01", 9223372036854775808]'),
        ("due", '["2026-12-01", 7, 8]'),
        ("due", "null"),
        ("name", '["\\u0000", 7]'),
        ("name", "[7, 7]"),
        ("number", "[7.5]"),
        ("number", "[NaN]"),
    ],
)
def test_a_place_that_isnt_one_is_refused(sort: str, place: str) -> None:
    with pytest.raises(OrderUnfit):
        LISTING.order(sort, place)
