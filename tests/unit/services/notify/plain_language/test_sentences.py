import pytest

from services.notify.plain_language.sentences import sentences, words
from tests.long_text import long


@pytest.mark.parametrize(
    "sentence",
    [
        "Ihr Termin ist am Montag, 2. März 2026, um 10:30 Uhr.",
        "Bitte kommen Sie am 02.03.2026 in den 2. Stock.",
        "Die Frist endet am 2. 3. um 12 Uhr.",
        "Bringen Sie z. B. Pass oder Ausweis mit.",
        "Fragen Sie Frau Dr. Müller in Zimmer Nr. 12.",
        "Das steht in § 82 Abs. 1 Satz 3 AufenthG.",
        "Das kostet ca. 100 Euro.",
        "Das kostet 1.000 Euro.",
        "Wir sind die Behörde der Stadt i. d. R. bis mittags.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Es fehlen Unterlagen. Bitte schicken Sie sie.", 2),
        ("Fehlt etwas? Dann schreiben wir Ihnen!", 2),
        ("Der Termin ist am 2. März 2026. Bitte kommen Sie pünktlich.", 2),
        ("Sie wohnen in Nr. 12. Bitte kommen Sie zu uns.", 2),
        ("Der Termin ist um 10. Wir freuen uns.", 2),
        ("Sie sagt: „Das ist gut.“ Wir freuen uns.", 2),
        ("- Reisepass\n- Foto", 2),
        ("Freundliche Grüße\nStadt Karlsruhe", 2),
        ("Guten Tag,\n\nwir haben Ihren Antrag.", 1),
        ("", 0),
        ("…\n***\n", 0),
    ],
)
def test_marks_and_lines_end_a_sentence(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts


def test_addresses_are_no_words_and_numbers_are() -> None:
    assert words("Schreiben Sie an a.b@stadt.de oder auf https://stadt.de/x um 14:05 Uhr.") == [
        *("Schreiben", "Sie", "an", "oder", "auf", "um", "14:05", "Uhr")
    ]


@pytest.mark.parametrize("filler", [" ", ".", ". ", ".x", "a", "a.", "2. ", "-", "@", "a, \n"])
def test_half_a_million_characters_are_read(filler: str) -> None:
    text = long(filler)

    found = sentences(text)

    assert len("".join(found)) <= len(text)
