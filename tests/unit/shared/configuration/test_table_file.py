"""A table is read as it was meant; a line that can't be is named with its number."""

from io import BytesIO

import pytest

from shared.configuration.table_file import LineBroken, read_lines, repeated


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_first_line_tells_the_separator(separator: str) -> None:
    text = f"kind{separator}errors\n\neasy{separator}3\n"
    assert list(read_lines(BytesIO(text.encode()))) == [(1, ["kind", "errors"]), (3, ["easy", "3"])]


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert list(read_lines(BytesIO(b"\xef\xbb\xbfkind,errors\n"))) == [(1, ["kind", "errors"])]


def test_a_cell_may_hold_a_line_break() -> None:
    assert list(read_lines(BytesIO(b'a,b\n"1\n2",3\n')))[1] == (3, ["1\n2", "3"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(b"a,b\n1,2\n\xe4,3\n", "line 3 is not UTF-8"), (b'a,b\n"1"2,3\n', "line 2 is broken CSV")],
)
def test_a_line_that_cannot_be_read_is_named(text: bytes, sentence: str) -> None:
    with pytest.raises(LineBroken, match=sentence):
        list(read_lines(BytesIO(text)))


def test_a_name_that_stands_twice_is_found() -> None:
    assert repeated(["kind", "unit", "kind"]) == "kind"
    assert repeated(["kind", "unit"]) is None
