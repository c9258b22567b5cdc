"""One thing has one name on every page, in each language."""

import re

import pytest

from services.controlling.forms.wording import PACKAGED
from services.controlling.measures.measure import Kind
from services.controlling.reviews.asked import Remedy
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ROOT
from shared.web.pages.words import FOLDER, Language, load_words

WORDS = load_words([FOLDER, *FOLDERS])
GIVEN_UP = re.compile(r"\b(?:Arbeitshilfen?|Muster|Hinweis schreiben|Hinweise? zu Normen)\b")
"""Once said beside `Artikel` and `Vorlage`, which are meant."""


@pytest.mark.parametrize("language", Language)
def test_what_is_recommended_is_called_as_what_is_agreed_on_then(language: Language) -> None:
    say = WORDS[language].gettext
    for one in set(Remedy) - {Remedy.NONE}:
        assert say(f"remedy.{one}") == say(f"measures.kind.{Kind(one.value)}")


def test_no_page_and_no_guide_uses_another_name() -> None:
    files = [folder / "de.po" for folder in FOLDERS]
    files += [
        PACKAGED,
        *(ROOT / "docs" / "guide").glob("*.md"),
        *(ROOT / "deploy/demo").glob("*.yaml"),
    ]
    said = {file: GIVEN_UP.findall(re.sub("Anna Muster", "", file.read_text())) for file in files}
    assert {file: words for file, words in said.items() if words} == {}
