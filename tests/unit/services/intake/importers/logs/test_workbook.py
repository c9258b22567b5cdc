"""Reading workbooks."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.logs import Told, open_log
from services.intake.importers.logs.workbook import read_workbook
from services.intake.importers.values.identifiers import is_lost

_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
DAY, MOMENT = 1, 2
Cell = str | float | tuple[float, int] | None


def workbook(*sheets: Sequence[Sequence[Cell]]) -> bytes:
    """Write a workbook as Excel would, of texts, numbers, and numbers in a style."""
    names = [f"Tabelle{place}" for place in range(1, len(sheets) + 1)]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"/>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{place}" r:id="r{place}"/>'
            for place, name in enumerate(names, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        + "".join(
            f'<Relationship Id="r{place}" Type="{_OFFICE}/worksheet" '
            f'Target="worksheets/sheet{place}.xml"/>'
            for place in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="rs" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEETS}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for place, rows in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{place}.xml"] = _sheet(rows)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return file.getvalue()


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = (
            _cell(f"{column}{number}", cell) for column, cell in zip("ABCD", row, strict=False)
        )
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{_SHEETS}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        case (number, style):
            return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


LOG: list[list[Cell]] = [
    ["Bericht 2020", None, None, None],
    [],
    ["Fall", "Tätigkeit", "Zeitpunkt", "Betrag"],
    [1, "Antrag", (44196.586805555555, MOMENT), 12.5],
    [1, " Bescheid ", (44197, DAY), None],
]


def test_a_sheet_is_a_table_with_dates_and_numbers_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(workbook(LOG))

    with open_log(path) as log:
        events = list(log.events())

    assert [event.values for event in events] == [
        {"Fall": "1", "Tätigkeit": "Antrag", "Zeitpunkt": "2020-12-31 14:05:00", "Betrag": "12.5"},
        {"Fall": "1", "Tätigkeit": "Bescheid", "Zeitpunkt": "2021-01-01", "Betrag": ""},
    ]
    assert [event.line for event in events] == [4, 5]


def test_a_number_with_more_digits_than_excel_keeps_is_no_identifier(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(
        workbook([["Fall", "Schritt"], [123456789012345, "a"], [9912140633506421, "b"]])
    )

    with open_log(path) as log:
        cases = [event.values["Fall"] for event in log.events()]

    assert cases[0] == "123456789012345"
    assert is_lost(cases[1])


def test_the_first_sheet_with_something_is_read_or_the_one_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(workbook([], LOG, [["a", "b"], ["1", "2"]]))

    for told, number in ((None, 2), (Told(sheet="Tabelle3"), 1)):
        with open_log(path, told) as log:
            assert len(list(log.events())) == number
    with (
        open_log(path, Told(sheet="Fälle")) as log,
        pytest.raises(LogBroken, match="no sheet 'Fälle', but Tabelle1, Tabelle2, Tabelle3"),
    ):
        list(log.events())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"Fall;Schritt\n1;a\n", workbook([])])
def test_what_is_no_workbook_is_named(content: bytes) -> None:
    with pytest.raises(LogBroken):
        list(read_workbook(BytesIO(content), None))


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed, packed.open("xl/x.xml", "w") as part:
        for _ in range(520):
            part.write(b" " * 1024**2)

    with pytest.raises(LogBroken, match="save the sheet as CSV"):
        list(read_workbook(BytesIO(file.getvalue()), None))
