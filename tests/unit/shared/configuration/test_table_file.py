"""A table is read as it was meant; a line that can't be is named with its number."""

from io import BytesIO

import pytest

from shared.configuration.table_file import LineBroken, read_lines, repeated, unbroken
from shared.configuration.text_encoding import Encoding


def read(text: str | bytes) -> list[tuple[int, list[str]]]:
    stream = BytesIO(text if isinstance(text, bytes) else text.encode())
    return list(unbroken(read_lines(stream)))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_first_line_tells_the_separator(separator: str) -> None:
    text = f"kind{separator}errors\n\neasy{separator}3\n"
    assert read(text) == [(1, ["kind", "errors"]), (3, ["easy", "3"])]


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert read(b"\xef\xbb\xbfkind,errors\n") == [(1, ["kind", "errors"])]


def test_a_cell_may_hold_a_line_break() -> None:
    assert read(b'a,b\n"1\n2",3\n')[1] == (2, ["1\n2", "3"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"a,b\n1,\xc3\xa4\n\xc3\xb6,2\n\xe4,3\n", "line 4 isn't text in the encoding"),
        (b'a,b\n"1"2,3\n', "line 2 has a stray quotation mark"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3 has a stray quotation mark"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: bytes, sentence: str) -> None:
    with pytest.raises(LineBroken, match=sentence):
        read(text)


def test_the_lines_after_one_that_cannot_be_read_are_read() -> None:
    text = b'a,b\n"1"2,3\n4,5\n"6,7\n8,"9"\n"x\ny",z\n'

    assert [(one.number, one.cells, one.defect is None) for one in read_lines(BytesIO(text))] == [
        (1, ["a", "b"], True),
        (2, ["12", "3"], False),
        (3, ["4", "5"], True),
        (4, ["6,7"], False),
        (5, ["8", "9"], True),
        (6, ["x\ny", "z"], True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nFall;Tätigkeit\n1;Prüfung\n",
        '"sep=;"\nFall;Tätigkeit\n1;Prüfung\n',
        "Bericht 2020\nStand: 1.1.2021, vorläufig\n\nFall;Tätigkeit\n1;Prüfung\n",
        "Bericht 2020;\nFall;Tätigkeit;\n1;Prüfung;\n",
        "Fall;Tätigkeit\n1;Prüfung;;;\n;;;\n",
        " Fall ;\tTätigkeit \n1 ; Prüfung\n",
        'Fall; "Tätigkeit"\r\n1;"Prüfung"\r\n',
    ],
)
def test_what_stands_around_a_table_is_no_part_of_it(text: str) -> None:
    assert [cells for _, cells in read(text)] == [["Fall", "Tätigkeit"], ["1", "Prüfung"]]


@pytest.mark.parametrize(
    "text",
    [
        "Fall;Notiz\n1;kam spät, ohne Pass, mit Bild\n2;zog um, meldete sich, kam\n",
        "Fall;Betrag\n1;er bat um Rat, Zeit, Geld: 12,50\n2;nahm es, kam, ging: 3,75\n",
        "Fall; Betrag\n1; 12,50\n2; 3,75\n",
    ],
)
def test_commas_between_words_separate_no_cells(text: str) -> None:
    assert {len(cells) for _, cells in read(text)} == {2}


@pytest.mark.parametrize("separator", [", ", "; ", " | "])
def test_a_separator_may_have_spaces_around_it(separator: str) -> None:
    text = "".join(separator.join(row) + "\n" for row in (("a", "b", "c"), ("1", "2", "3")))
    assert read(text) == [(1, ["a", "b", "c"]), (2, ["1", "2", "3"])]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"]
)
def test_the_encoding_is_found_out(encoding: str) -> None:
    text = "Fall;Tätigkeit\n1;Prüfung der Straße\n2;Rückfrage à côté\n"

    assert read(text.encode(encoding))[1:] == [
        (2, ["1", "Prüfung der Straße"]),
        (3, ["2", "Rückfrage à côté"]),
    ]


def test_the_encoding_is_found_out_from_the_last_line_too() -> None:
    text = "Fall;Tätigkeit\n".replace("ä", "ae") + "1;Antrag\n" * 200_000 + "2;Prüfung\n"

    assert read(text.encode("cp1252"))[-1] == (200_002, ["2", "Prüfung"])


def test_an_encoding_and_a_separator_may_be_told() -> None:
    text = BytesIO("a;b|c\n1;ł|3\n".encode("cp1250"))

    lines = list(read_lines(text, Encoding("cp1250", clean=False), "|"))

    assert [line.cells for line in lines] == [["a;b", "c"], ["1;ł", "3"]]


def test_a_cell_may_be_as_long_as_it_likes() -> None:
    long = "x" * 300_000

    assert read(f'a,b\n1,{long}\n2,"{long}"\n')[1:] == [(2, ["1", long]), (3, ["2", long])]


def test_a_column_without_a_name_gets_one() -> None:
    assert read(",case,step\n0,1,begin\n")[0] == (1, ["(column 1)", "case", "step"])


def test_a_name_that_stands_twice_is_found() -> None:
    assert repeated(["kind", "unit", "kind"]) == "kind"
    assert repeated(["kind", "unit"]) is None
