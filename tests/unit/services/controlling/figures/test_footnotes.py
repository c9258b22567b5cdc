"""A footnote tells no count about fewer than seven decisions, in neither language."""

import re

import pytest

from services.controlling.figures.footnotes import Footnote, Note
from services.controlling.figures.report import FOLDER
from services.controlling.statistics.suppression import MINIMUM
from shared.web.pages.spoken import spoken

COUNTS = {
    Note.OTHERS: ("others",),
    Note.UNASKED: ("unasked",),
    Note.UNSETTLED: ("open",),
    Note.LATE: ("late",),
    Note.EARLIER: ("earlier", "drawn"),
    Note.ELSEWHERE: ("elsewhere",),
}


@pytest.mark.parametrize(("language", "few"), [("de", "weniger als 7"), ("en", "fewer than 7")])
@pytest.mark.parametrize("note", COUNTS)
def test_of_few_decisions_it_is_said_that_they_are_few(note: Note, language: str, few: str) -> None:
    say = spoken(language, FOLDER)
    for count in range(1, MINIMUM):
        told = Footnote(note, dict.fromkeys(COUNTS[note], count)).told(say)
        assert told.lower().count(few) == len(COUNTS[note])
        assert set(re.findall(r"\d+", told)) == {"7"}
        assert told[0].isupper()
    assert few not in Footnote(note, dict.fromkeys(COUNTS[note], MINIMUM)).told(say).lower()


def test_how_much_is_missing_is_told_for_the_bounds_say_it() -> None:
    told = Footnote(Note.MISSING, {"missing": 2, "drawn": 40}).told(spoken("en", FOLDER))
    assert told.startswith("2 of 40 drawn decisions have no answer")
