"""An address that is taken shows whole in the window of its letter, and no other is taken."""

import re
from collections.abc import Sequence

import pytest

from services.notify.channels.letter import writing
from services.notify.recipients.errors import AddressOutgrowsWindow, AddressUnprintable
from services.notify.recipients.window import WIDTH, require_shown, rows
from tests.unit.services.notify.channels.letter.samples import LONGEST, STATIONERY, written

PLACE = "76133 Karlsruhe"
COMPANY = "Gesellschaft zur Förderung der Verständigung mbH & Co. KG"

TAKEN = [
    LONGEST,
    (COMPANY, COMPANY, "Kaiserallee 8", PLACE),
    ("Übermaß" * 18, "Kaiserallee 8", PLACE),
    ("Дмитро Олександрович Володимирівна", "Ελένη Παπαδοπούλου", "Kaiserallee 8", PLACE),
    ("عبد الرحمن الحسيني", "Kaiserallee 8", PLACE),
    ("Müller-Lüdenscheidt-Österreicher-Hohenlohe-Waldenburg-Schillingsfürst", PLACE, PLACE, PLACE),
]
REFUSED = [
    ("A" * 200, "Kaiserallee 8", PLACE),
    ("Anna Muster", "n" * 170, PLACE),
    (COMPANY, COMPANY, COMPANY, PLACE),
    ("Anna Muster", "Wohngemeinschaft im Hinterhaus " * 5, "Kaiserallee 8", PLACE),
    (*LONGEST[1:], COMPANY),
]


@pytest.mark.parametrize("lines", TAKEN)
def test_an_address_that_is_taken_shows_on_its_letter(lines: Sequence[str]) -> None:
    require_shown(lines)

    assert written(recipient=tuple(lines)).pages


@pytest.mark.parametrize("lines", REFUSED)
def test_an_address_that_is_refused_would_not_show_on_the_finished_sheet(
    monkeypatch: pytest.MonkeyPatch, lines: Sequence[str]
) -> None:
    with pytest.raises(AddressOutgrowsWindow, match="shorten its lines") as refusal:
        require_shown(lines)
    assert not any(line in str(refusal.value) for line in lines)

    monkeypatch.setattr(writing, "require_address", lambda _: None)
    with pytest.raises(AddressOutgrowsWindow):
        written(recipient=tuple(lines))


@pytest.mark.parametrize("name", ["李小龍", "გიორგი", "דוד", "Anna \U0001f600"])
def test_a_character_that_no_letter_has_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(AddressUnprintable, match="Latin letters") as refusal:
        require_shown((name, "Kaiserallee 8", PLACE))

    assert name not in str(refusal.value)


def test_invisible_marks_and_spaces_need_no_font() -> None:
    require_shown(("Anna\u200dMuster", "Kaiserallee\u00a08", PLACE))


@pytest.mark.parametrize(
    ("line", "taken"),
    [("", 1), ("i" * 80, 1), ("W" * 25, 2), ("W" * 24 + " " + "W" * 24, 2), ("-" * 100, 2)],
)
def test_a_line_takes_the_rows_that_its_width_asks_for(line: str, taken: int) -> None:
    assert rows(line) == taken


def test_the_window_is_as_wide_as_the_sheet_has_it() -> None:
    style = next(line for line in STATIONERY.style.splitlines() if line.startswith(".address"))
    width, size = (
        float(re.findall(rf"{name}: ([\d.]+)", style)[0]) for name in ("width", "font-size")
    )

    assert width / 25.4 * 72 / size == pytest.approx(WIDTH)
