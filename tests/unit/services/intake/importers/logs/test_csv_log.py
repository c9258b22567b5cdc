"""Reading CSV."""

from io import BytesIO

import pytest

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.logs.log_event import LogEvent


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
    ("line", "defect"),
    [
        ('3,"begin', "has a stray quotation mark"),
        ('3,"be"gin', "has a stray quotation mark"),
        ("3,be,gin", "a row of the wrong length"),
    ],
)
def test_one_bad_line_is_one_refused_event_named_by_its_line(line: str, defect: str) -> None:
    before, bad, *after = read(f'case,step\n2,begin\n{line}\n4,"begin"\n5,"end"\n')

    assert (bad.defect, bad.line) == (defect, 3)
    assert [event.values["case"] for event in (before, *after)] == ["2", "4", "5"]
    assert not any(event.defect for event in (before, *after))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no header"),
        ("one column\n1\n", "no header"),
        ("case,case\n1,2\n", "line 1 names the column 'case' more than once"),
    ],
)
def test_a_table_without_a_usable_header_is_no_log(text: str, reason: str) -> None:
    with pytest.raises(LogBroken, match=reason):
        read(text)
