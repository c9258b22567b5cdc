"""What is asked of a list, and the addresses that ask for the same in another way."""

from datetime import date
from http import HTTPStatus

import pytest

from shared.postgres.paging import Listing, Number, Words
from shared.web.pages.selection import Selection, Wanted
from shared.web.problems import Problem

LISTING = Listing("", {"due": date, "name": Words}, unique={"id": Number}, usual="due")


def asked(sort: str = "", after: str = "", **fields: str) -> Selection:
    return Selection("/list", LISTING, Wanted(sort, after), **fields)


def test_a_head_orders_by_its_column_and_pressed_again_the_other_way_round() -> None:
    assert asked().by("name") == "/list?sort=name"
    assert asked("name").by("name") == "/list?sort=-name"
    assert asked("-name").by("name") == "/list?sort=name"
    assert asked().by("due") == "/list?sort=-due"


def test_the_heads_say_by_what_the_list_is_ordered() -> None:
    assert (asked().direction("due"), asked().direction("name")) == ("ascending", None)
    assert asked("-name").direction("name") == "descending"
    with pytest.raises(KeyError):
        asked().direction("unit")


def test_search_and_filters_stay_whatever_is_pressed() -> None:
    found = asked("-name", '["z", 1]', q=" a & b ", unit="unit-1", state="")
    kept = "q=a+%26+b&unit=unit-1&sort=-name"
    assert found.file == f"/list/list.csv?{kept}"
    assert found.first == f"/list?{kept}"
    assert found.further('["y", 2]') == f"/list?{kept}&after=%5B%22y%22%2C+2%5D"
    assert found.by("due") == "/list?q=a+%26+b&unit=unit-1&sort=due"


def test_what_everybody_sees_has_the_short_address() -> None:
    assert (asked("due").file, asked().sort) == ("/list/list.csv", "")
    assert (asked().first, asked().further(None)) == (None, None)
    assert (asked().narrowed, asked(q=" ").narrowed, asked(state="x").narrowed) == (
        False,
        False,
        True,
    )
    assert (asked(q=" ").text, asked(q="a").text) == (None, "a")


@pytest.mark.parametrize(("sort", "after"), [("x", ""), ("due", "x"), ("", '["2026-12-01"]')])
def test_what_the_list_does_not_have_is_refused_in_words(sort: str, after: str) -> None:
    with pytest.raises(Problem) as refused:
        asked(sort, after)
    assert refused.value.status is HTTPStatus.UNPROCESSABLE_ENTITY
