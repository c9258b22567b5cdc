"""What is told of a share is a step: no sentence takes one of its ends for the share."""

import re

import pytest

from services.controlling.results.pages import FOLDER
from services.controlling.results.standing import Absence
from shared.web.pages.words import Language, load_words

WORDS = load_words([FOLDER])
AN_END = re.compile(r"%\((?:least|most|lower|upper)\)s")
BOTH_ENDS = re.compile(r"%\((?:least|lower)\)s (?:bis|und|to|and) %\((?:most|upper)\)s")
KEYS = [
    *("results.rate", "results.missing", "results.span", "results.ends", "results.facts.text"),
    "results.adjusted.text",
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", KEYS)
def test_the_ends_of_a_step_stand_beside_each_other(language: Language, key: str) -> None:
    said = WORDS[language].gettext(key)
    assert said != key
    assert len(AN_END.findall(said)) == 2 * len(BOTH_ENDS.findall(said))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("why", Absence)
def test_why_a_period_has_no_rate_has_words(language: Language, why: Absence) -> None:
    assert WORDS[language].gettext(f"results.{why}") != f"results.{why}"
