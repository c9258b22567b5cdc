"""The letter as it lies on the table: measured on the finished PDF, in millimetres."""

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, time
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.notify import fonts
from services.notify.channels.letter import typesetting
from services.notify.channels.letter.typesetting import (
    CharacterMissing,
    OutsideReached,
    TypesettingUnavailable,
    to_pdf,
)
from services.notify.channels.letter.writing import (
    MOST_PAGES,
    Letter,
    LetterTooLong,
    ReceptionTooLong,
    ReturnAddressTooLong,
    typeset,
)
from services.notify.messages.examples import examples
from services.notify.messages.file import FOLDER
from services.notify.messages.rendering import REFERENCE, locale_of, render
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.model import Reception, Span, Weekday
from tests.unit.services.notify.channels.letter.samples import (
    HERE,
    IDENTITY,
    LONGEST,
    MESSAGES,
    STATIONERY,
    text,
    written,
)

MM = 72 / 25.4
LANGUAGES = ("ar", "de", "en", "fr", "tr", "uk")


@cache
def words_in(letter: Letter, page: int = 0) -> list[Mapping[str, Any]]:
    """Give each word with its box: x0, x1 from the left, top, bottom from the top edge, in mm."""
    with pdfplumber.open(BytesIO(letter.content)) as pdf:
        found = pdf.pages[page].extract_words(keep_blank_chars=False)
    edges = ("x0", "x1", "top", "bottom")
    return [{"text": one["text"]} | {edge: one[edge] / MM for edge in edges} for one in found]


def in_window(letter: Letter) -> list[Mapping[str, Any]]:
    """Give the words of the address, also those that run out of the window."""
    return [
        word
        for word in words_in(letter)
        if word["x0"] < 105 and 62.7 <= (word["top"] + word["bottom"]) / 2 <= 97.4
    ]


def lines_of(letter: Letter) -> list[Mapping[str, float]]:
    """Give the drawn lines of the first page in mm."""
    with pdfplumber.open(BytesIO(letter.content)) as pdf:
        page = pdf.pages[0]
        drawn = [*page.lines, *page.rects]
        return [{edge: one[edge] / MM for edge in ("x0", "x1", "top", "bottom")} for one in drawn]


@pytest.fixture(scope="module")
def letter() -> Letter:
    return written()


def test_the_sheet_is_a4(letter: Letter) -> None:
    (page,) = PdfReader(BytesIO(letter.content)).pages

    assert [round(float(edge) / MM, 1) for edge in page.mediabox] == [0, 0, 210, 297]
    assert letter.pages == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_lines_of_address_stand_in_the_window_whatever_the_language(language: str) -> None:
    kind = MESSAGES["appointment_booked"]
    letter = written(render(kind, language, examples(kind)[""], HERE, way=Channel.LETTER))

    window = in_window(letter)

    # The field is 85 mm wide from 20 mm on; its address zone ends 45 mm below its upper edge.
    assert " ".join(word["text"] for word in window) == " ".join(LONGEST)
    assert all(word["x0"] >= 20 and word["x1"] <= 105 for word in window)
    assert all(word["top"] >= 62.7 and word["bottom"] <= 90 for word in window)


def test_a_long_line_of_address_goes_on_in_the_next_one() -> None:
    company = "Gesellschaft zur Förderung der Verständigung mbH & Co. KG"
    letter = written(recipient=(company, "Übermaß" * 14, "99999 Musterstadt"))

    window = in_window(letter)

    assert [word["text"] for word in window][-2:] == ["99999", "Musterstadt"]
    assert all(word["x1"] <= 105 and word["bottom"] <= 90 for word in window)
    said = "".join(word["text"] for word in window)
    assert said == f"{company}{'Übermaß' * 14}99999Musterstadt".replace(" ", "")


def test_a_name_without_a_break_stays_on_the_sheet() -> None:
    letter = written(name="Übermaß" * 28)

    assert all(word["x1"] <= 190.1 for word in words_in(letter) if word["top"] > 97.4)
    said = "".join(word["text"] for word in words_in(letter))
    assert "Übermaß" * 28 in said


def test_the_sender_stands_small_above_the_address(letter: Letter) -> None:
    above = [word for word in words_in(letter) if 45 <= word["top"] < 62 and word["x1"] < 105]

    assert " ".join(word["text"] for word in above).startswith("Ausländerbehörde der Stadt")
    assert all(word["bottom"] <= 62.7 and word["x0"] >= 20 for word in above)


def test_nothing_else_shows_in_the_window(letter: Letter) -> None:
    field = [
        word["text"]
        for word in words_in(letter)
        if word["x0"] < 105 and word["x1"] > 20 and word["bottom"] > 45 and word["top"] < 90
    ]

    sender = f"{HERE.authority.name.de} · {HERE.authority.contact.address}"
    assert " ".join(field) == " ".join((sender, *LONGEST))


def test_the_block_of_facts_stands_beside_the_window(letter: Letter) -> None:
    block = [word for word in words_in(letter) if word["x0"] >= 124.9 and word["top"] < 95]

    said = " ".join(word["text"] for word in block)
    assert said.startswith(f"Aktenzeichen case-{'a' * 26} Datum 2. März 2026 Telefon 115")
    assert min(word["top"] for word in block) >= 50
    assert all(word["x1"] <= 200 and word["bottom"] <= 97.4 for word in block)


def test_the_text_begins_below_the_window_between_the_margins(letter: Letter) -> None:
    below = [word for word in words_in(letter) if word["top"] > 97.4 and word["bottom"] < 265]

    assert below[0]["text"] == "Ihr"
    assert 98 <= below[0]["top"] <= 101
    assert all(word["x0"] >= 24.9 and word["x1"] <= 190.1 for word in below)


def test_marks_tell_where_to_fold_and_to_punch(letter: Letter) -> None:
    marks = sorted(line["top"] for line in lines_of(letter) if line["x1"] < 20)

    assert marks == pytest.approx([105, 148.5, 210], abs=0.25)


def test_nothing_is_nearer_to_the_edge_than_printers_reach() -> None:
    long = written(text(12))

    for page in range(long.pages):
        for word in words_in(long, page):
            assert 5 <= word["x0"] < word["x1"] <= 205
            assert 5 <= word["top"] < word["bottom"] <= 292
    assert all(line["x0"] >= 4.9 for line in lines_of(long))


def test_further_sheets_are_counted_and_hold_the_rest_of_the_text() -> None:
    long = written(text(20))

    numbers = [words_in(long, page)[-4:] for page in range(long.pages)]
    said = [" ".join(word["text"] for word in words) for words in numbers]
    assert long.pages > 2
    assert said == [f"Seite {page} von {long.pages}" for page in range(1, long.pages + 1)]
    assert words_in(long, 1)[0]["top"] < 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_counted_in_the_words_of_the_letter(language: str) -> None:
    long = written(text(12, language))

    words = STATIONERY.words[language].page.format(page=2, pages=long.pages).split()
    foot = [word["text"] for word in words_in(long, 1) if word["top"] > 265]
    # A word from right to left is found as it stands on the sheet.
    assert sorted(map(sorted, foot)) == sorted(map(sorted, words))


def test_a_letter_longer_than_an_envelope_holds_is_refused() -> None:
    with pytest.raises(LetterTooLong, match=rf"\d+ pages; at most {MOST_PAGES} .* shorten it"):
        written(text(100))


def test_arabic_is_read_from_right_to_left() -> None:
    kind = MESSAGES["appointment_booked"]
    rendered = render(kind, "ar", examples(kind)[""], HERE, way=Channel.LETTER)
    letter = written(rendered)

    subject = [word for word in words_in(letter) if 98 < word["top"] < 103]
    assert max(word["x1"] for word in subject) == pytest.approx(190, abs=0.5)
    root: Any = PdfReader(BytesIO(letter.content)).trailer["/Root"]
    assert root["/Lang"] == "ar"


def drawn(letter: Letter) -> str:
    """Give the letter's characters as the eye meets them: by lines, each from left to right."""
    with pdfplumber.open(BytesIO(letter.content)) as pdf:
        seen = [
            (page.page_number, -one["matrix"][5], one["x0"], one["text"])
            for page in pdf.pages
            for one in page.chars
        ]
    return "".join(one[-1] for one in sorted(seen)).replace(" ", "")


def test_in_an_arabic_letter_numbers_and_addresses_are_drawn_from_left_to_right() -> None:
    kind = MESSAGES["appointment_booked"]
    contact = HERE.authority.contact.model_copy(update={"phone": "0721 133-77 00"})
    authority = HERE.authority.model_copy(update={"contact": contact})
    reference = "33 / 2026 - 0815"
    rendered = render(
        kind,
        "ar",
        {**examples(kind)[""], REFERENCE: reference},
        HERE.model_copy(update={"authority": authority}),
        way=Channel.LETTER,
    )

    seen = drawn(written(rendered, authority=authority, reference=reference))

    # Each beside the address and below the text.
    for value in (contact.phone, contact.email, contact.web, reference):
        assert seen.count(value.replace(" ", "")) == 2, value
    assert HERE.office("kaiserallee").where.replace(" ", "") in seen


def test_a_reader_finds_title_language_and_author(letter: Letter) -> None:
    pdf = PdfReader(BytesIO(letter.content))
    root: Any = pdf.trailer["/Root"]
    identity: Any = pdf.trailer["/ID"]

    assert pdf.metadata is not None
    assert pdf.metadata.title == "Ihr Termin am Montag, 2. März 2026"
    assert pdf.metadata.author == "Ausländerbehörde der Stadt Karlsruhe"
    assert root["/Lang"] == "de"
    assert root["/MarkInfo"]["/Marked"]
    assert identity[0] == IDENTITY.bytes


def test_the_same_letter_is_the_same_bytes_in_another_process(letter: Letter) -> None:
    name = written.__module__
    code = f"import sys; from {name} import written; sys.stdout.buffer.write(written().content)"

    other = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)

    assert other.stdout == letter.content


def test_a_letter_is_not_called_a_message_that_nobody_answers(letter: Letter) -> None:
    said = " ".join(word["text"] for word in words_in(letter))

    assert "Er gilt ohne Unterschrift." in said
    assert "antworten Sie nicht" not in said


@given(name=st.text(max_size=80))
def test_no_name_breaks_out_of_its_line_of_the_address(name: str) -> None:
    html = STATIONERY.sheet.render(
        language="de",
        direction="ltr",
        subject=name,
        body="",
        style="",
        authority="",
        returned="",
        recipient=[name],
        about=[],
        created="",
    )

    for tag in re.findall(r"<[^>]*>", html):
        assert tag.strip("</>").split()[0] in {
            *("!doctype", "html", "head", "meta", "title", "style", "body", "div", "p", "h1"),
        }


@pytest.mark.parametrize(
    "wish",
    [
        '<img src="file:///etc/passwd">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<p style="background: url(http://127.0.0.1:9/x.png)">',
        '<style>@import url("file:///etc/passwd")</style>',
        '<link rel="attachment" href="file:///etc/passwd">',
    ],
)
def test_a_letter_fetches_nothing(wish: str) -> None:
    with pytest.raises(OutsideReached, match="must hold all itself"):
        to_pdf(f"<!doctype html><html lang=de><title>x</title>{wish}<h1>x</h1></html>", b"x" * 16)


def test_a_value_is_words_even_where_it_looks_like_html() -> None:
    hostile = '<img src="file:///etc/passwd"><b>Anna</b>'

    said = " ".join(word["text"] for word in words_in(written(name=hostile)))

    assert "<b>Anna</b>" in said


def test_what_no_font_can_print_is_refused_without_being_quoted() -> None:
    with pytest.raises(CharacterMissing) as refusal:
        written(name="李小龍")

    assert "李" not in str(refusal.value)
    assert "3 characters" in str(refusal.value)


def test_without_its_fonts_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    for cached in (fonts.widths, typesetting._fonts):
        cached.cache_clear()

    with pytest.raises(TypesettingUnavailable, match=r"apt-get install fonts-noto-core"):
        written()


def test_every_language_of_a_letter_has_words_for_its_sheet() -> None:
    for kind in MESSAGES.values():
        if Channel.LETTER in kind.description.channels:
            assert kind.texts.keys() <= STATIONERY.words.keys()
    assert {path.stem.partition(".")[2] for path in FOLDER.glob("letter.*.yaml")} == set(LANGUAGES)
    assert all(locale_of(language) for language in LANGUAGES)
    assert all(a != b for a, b in pairwise(STATIONERY.words[one].case for one in LANGUAGES))


def test_a_long_return_address_takes_two_lines_and_a_longer_one_refuses_the_letter() -> None:
    kind = MESSAGES["appointment_booked"]
    rendered = render(kind, "de", examples(kind)[""], HERE, way=Channel.LETTER)

    def letter(street: str) -> str:
        contact = HERE.authority.contact.model_copy(update={"address": street})
        authority = HERE.authority.model_copy(update={"contact": contact})
        sheet = typeset(
            rendered,
            identity=IDENTITY,
            stationery=STATIONERY,
            authority=authority,
            recipient=("Anna", "Weg 1", "76131 Karlsruhe"),
            reference="33.2-1234/26",
            dated=date(2026, 3, 2),
            reception=HERE.reception(None, None),
        )
        return " ".join(PdfReader(BytesIO(sheet.content)).pages[0].extract_text().split())

    two_lines = "Straße der Menschenrechte 117 a, Gebäude C, 76133 Karlsruhe-Innenstadt-West"
    assert two_lines in letter(two_lines)
    with pytest.raises(ReturnAddressTooLong):
        letter(" ".join([two_lines] * 3))


@pytest.mark.parametrize("language", LANGUAGES)
def test_room_and_hours_stand_beside_the_address_and_above_the_text(language: str) -> None:
    kind = MESSAGES["appointment_booked"]
    hours = HERE.offices[0].hours
    letter = written(
        render(kind, language, examples(kind)[""], HERE, way=Channel.LETTER),
        reception=Reception("Zimmer 2.17", hours),
    )

    block = [word for word in words_in(letter) if word["x0"] > 110 and 50 <= word["top"] <= 98]
    (end,) = [word["bottom"] for word in block if word["text"] == "2.17"]
    assert end < max(word["bottom"] for word in block) < 98, "the hours stand below the room"
    assert any("12:30" in word["text"] for word in block)


def test_a_letter_that_nobody_says_room_and_hours_for_names_neither() -> None:
    letter = written(reception=Reception(None, {}))

    found = {word["text"] for word in words_in(letter)}
    assert not {STATIONERY.words["de"].room, STATIONERY.words["de"].hours} & found


def test_hours_that_would_reach_into_the_text_refuse_the_letter() -> None:
    times = tuple(Span(time(hour), time(hour, 45)) for hour in range(7, 19))
    every_day = {day: times[place:] for place, day in enumerate(Weekday)}

    with pytest.raises(ReceptionTooLong):
        written(reception=Reception("Zimmer 2.17", every_day))
