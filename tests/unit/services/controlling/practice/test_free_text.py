"""A comment says what was wrong, never with whom: what looks like a person is warned of."""

from datetime import date

import pytest

from services.controlling.practice.free_text import Sign, suspicions

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("text", "sign", "passage"),
    [
        ("Herr Yilmaz wurde nicht angehört.", Sign.NAME, "Herr Yilmaz"),
        ("Frau Rechtsanwältin Schmidt rügt das.", Sign.NAME, "Frau Rechtsanwältin Schmidt"),
        ("Die Ehefrau Fatma Demir lebt hier.", Sign.NAME, "Ehefrau Fatma Demir"),
        ("Mr Smith wasn't heard.", Sign.NAME, "Mr Smith"),
        ("Im Betreff steht YILDIZ, Fatma.", Sign.NAME, "YILDIZ, Fatma"),
        ("geb. 3.4.1987", Sign.BIRTH_DATE, "3.4.1987"),
        ("geboren am 3.4.87 in Izmir", Sign.BIRTH_DATE, "3.4.87"),
        ("* 01.01.1990", Sign.BIRTH_DATE, "01.01.1990"),
        ("Das Datum 12.12.1980 fehlt.", Sign.BIRTH_DATE, "12.12.1980"),
        ("DOB: 1987-04-03", Sign.BIRTH_DATE, "1987-04-03"),
        ("Nummer 123456789012", Sign.REGISTER_NUMBER, "123456789012"),
        ("AZR-Nr. 870403 123456", Sign.REGISTER_NUMBER, "870403 123456"),
        ("AZR: 8704031", Sign.REGISTER_NUMBER, "8704031"),
    ],
)
def test_what_looks_like_a_person_is_found(text: str, sign: Sign, passage: str) -> None:
    assert (sign, passage) in [(one.sign, one.passage) for one in suspicions(text, TODAY)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Die Anhörung am 3. März 2026 fehlt, Frist 17.03.2026.",
        "Antrag vom 2019-05-02, Bescheid vom 11.06.2026.",
        "Die Antragstellerin hat nicht geantwortet.",
        "Der Antragsteller Bescheid ist unklar.",
        "Die Frau Sachbearbeiterin hat das vermerkt.",
        "§ 28 Abs. 2 Nr. 3 VwVfG, § 25 Abs. 5 AufenthG",
        "Aktenzeichen 4711/2026, Blatt 12 bis 34",
        "31.02.1980",
        "BAMF, Karlsruhe",
    ],
)
def test_what_belongs_to_the_case_passes(text: str) -> None:
    assert suspicions(text, TODAY) == ()


def test_each_passage_is_told_once_in_the_order_of_the_text() -> None:
    text = "AZR 123456789012 gehört Herrn Yilmaz, geb. 3.4.1987; Herr Yilmaz, 3.4.1987."
    found = suspicions(text, TODAY)
    assert [one.sign for one in found] == [
        Sign.REGISTER_NUMBER,
        Sign.NAME,
        Sign.BIRTH_DATE,
        Sign.NAME,
    ]
    assert len(set(found)) == len(found)
