"""What the pages of the service say is right for one as for many: catalogues have no plural."""

import re

import pytest
from babel.messages.pofile import read_po

from services.controlling.service_figures.pages import FOLDER
from shared.web.pages.words import Language

COUNT = (
    r"%\((?:again|all|backs|calls|free|freed|hours|met|missed|more|near|over|reached|running|share"
    r"|slots|stopped)\)s"
)
BENT = re.compile(rf"\b(?:sind|laufen|kamen|wurden|are|run|were) {COUNT}|{COUNT} (?!von |of )\w")


@pytest.mark.parametrize("language", Language)
def test_no_word_bends_with_a_count_that_may_be_one(language: Language) -> None:
    with (FOLDER / f"{language}.po").open("rb") as file:
        said = {one.id: str(one.string) for one in read_po(file)}
    assert {key: text for key, text in said.items() if BENT.search(text)} == {}
