"""What has a name is never shown by its code alone."""

from datetime import UTC, datetime

import pytest

from services.controlling.forms.automatic import answers
from services.controlling.forms.case_file import CaseFile
from services.controlling.reviews.form.words import Words
from shared.web.pages.words import Language
from tests.unit.services.controlling.forms.cases import CRITERIA, DECISION, LAW, decided, events

GERMAN, ENGLISH = Words(Language.GERMAN, LAW), Words(Language.ENGLISH, LAW)


@pytest.mark.parametrize("words", [GERMAN, ENGLISH])
def test_automatic_answers_name_units_and_groups(words: Words) -> None:
    case = CaseFile.of(events([], decided()), DECISION, LAW.calendar)
    told = answers(CRITERIA.criteria, case, LAW)["Z1"]
    said = words.told(told)
    assert words.unit("unit-2") in said
    assert "unit-2" not in said
    assert " work " not in said


def test_what_nobody_named_stands_as_it_is() -> None:
    assert GERMAN.unit("unit-77") == "unit-77"
    assert GERMAN.named("pigeon") == "pigeon"
    assert GERMAN.kind(decided(type_code="AufenthG-999")) == "AufenthG-999"


def test_a_grade_is_a_word_and_a_sentence() -> None:
    assert GERMAN.grade("minor_error") == ("Kleiner Fehler", "ohne Folgen für das Ergebnis")
    assert ENGLISH.grade("not_applicable") == ("Doesn't apply here", None)


def test_clocks_are_read_where_the_authority_is() -> None:
    assert GERMAN.clock(datetime(2026, 12, 1, 9, 42, tzinfo=UTC)) == "10:42"
