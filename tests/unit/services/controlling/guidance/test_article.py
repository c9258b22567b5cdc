"""What an article must hold, and under which key it is kept."""

import re
from datetime import UTC, datetime

import pytest

from services.controlling.guidance.article import KEY, Article, Fault, Said, Text, faults, key_of
from shared.web.pages.words import Language

GERMAN = Text(title="Anhören", body="Erst hören, dann entscheiden.")
ENGLISH = Text(title="Hear", body="Hear first, then decide.")
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_german_is_compulsory_and_english_is_whole_or_not_there() -> None:
    assert list(faults(Said())) == [Fault.NORM, Fault.TITLE, Fault.BODY]
    assert list(faults(Said(norm="§ 28 VwVfG", de=GERMAN))) == []
    half = Text(body="Hear first.")
    assert list(faults(Said(norm="§ 28 VwVfG", de=GERMAN, en=half))) == [Fault.ENGLISH]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Vor der Entscheidung anhören", "vor-der-entscheidung-anhoeren"),
        ("§ 28: Größe & Maß!", "28-groesse-mass"),
        ("Çağrı à la carte", "cagr-a-la-carte"),  # noqa: RUF001 - Turkish
        ("…", ""),
    ],
)
def test_a_title_becomes_a_key(title: str, key: str) -> None:
    assert key_of(title) == key


def test_a_key_fits_into_an_address_however_long_the_title() -> None:
    assert re.fullmatch(KEY, key_of("sehr lang " * 40))


def test_what_isnt_written_in_english_is_read_in_german() -> None:
    alone = Article("a", 1, Said(norm="x", de=GERMAN), NOW, None)
    both = Article("a", 1, Said(norm="x", de=GERMAN, en=ENGLISH), NOW, None)
    assert alone.text(Language.ENGLISH) is GERMAN
    assert not alone.has(Language.ENGLISH)
    assert both.text(Language.ENGLISH) is ENGLISH
    assert both.text(Language.GERMAN) is GERMAN
