"""Reading CSV."""

from io import BytesIO

import pytest

from services.intake.importers.csv_log import read_csv
from services.intake.importers.errors import LogBroken
from services.intake.importers.log_event import LogEvent


def read(text: str | bytes) -> list[LogEvent]:
    return list(read_csv(BytesIO(text if isinstance(text, bytes) else text.encode())))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_header_tells_columns_and_delimiter(delimiter: str, line_end: str) -> None:
    rows = [("case", "step"), ("1", "begin"), ("1", "end")]
    text = line_end.join(delimiter.join(row) for row in rows) + line_end

    assert [event.values for event in read(text)] == [
        {"case": "1", "step": "begin"},
        {"case": "1", "step": "end"},
    ]


def test_a_byte_order_mark_and_blank_lines_are_no_content() -> None:
    assert [event.values for event in read("\ufeffcase,step\n\n1,begin\n\n")] == [
        {"case": "1", "step": "begin"}
    ]


def test_quoted_values_keep_delimiters_and_line_breaks() -> None:
    (event,) = read('case,step\n1,"begin, then\nwait"\n')

    assert event.values["step"] == "begin, then\nwait"


@pytest.mark.parametrize("row", ["1", "1,begin,too much"])
def test_a_row_of_the_wrong_length_is_given_with_a_defect_not_dropped(row: str) -> None:
    short, good = read(f"case,step\n{row}\n2,begin\n")

    assert short.defect == "a row of the wrong length"
    assert good.defect is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no header"),
        ("one column\n1\n", "no header"),
        ("case,case\n1,2\n", "more than once"),
        ('case,step\n1,"begin', "line 2"),
        (b"case,step\n1,begin\n2,\xff\n", "line 3 is not UTF-8"),
    ],
)
def test_damage_is_named_with_its_line(text: str | bytes, reason: str) -> None:
    with pytest.raises(LogBroken, match=reason):
        read(text)
