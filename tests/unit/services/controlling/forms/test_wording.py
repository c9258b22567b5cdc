"""What forms say in words."""

from datetime import date, timedelta
from string import Formatter

import pytest

from services.controlling.forms.criterion import AnsweredBy, Consequence
from services.controlling.forms.evidence import Value
from services.controlling.forms.wording import Sentence, wording, write
from shared.events.vocabulary import Direction, Grade
from shared.web.pages.words import Language


def test_there_is_a_word_for_everything() -> None:
    words = wording()

    assert set(words.grades) == set(Grade)
    assert set(words.consequences) == set(Consequence)
    assert set(words.answered_by) == set(AnsweredBy)
    assert set(words.directions) == set(Direction)
    assert set(words.sentences) == set(Sentence)


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("sentence", Sentence)
def test_both_languages_fill_in_the_same(sentence: Sentence) -> None:
    texts = wording().sentences[sentence]

    assert names_in(texts.de) == names_in(texts.en)


@pytest.mark.parametrize(
    ("language", "days", "text"),
    [
        (
            Language.GERMAN,
            18,
            "Anhörung am 3. März 2026, 18 Tage vor dem Bescheid; Antwort am 9. März 2026.",
        ),
        (
            Language.GERMAN,
            1,
            "Anhörung am 3. März 2026, 1 Tag vor dem Bescheid; Antwort am 9. März 2026.",
        ),
        (
            Language.ENGLISH,
            400,
            "Heard on 3 March 2026, 400 days before the decision; answered on 9 March 2026.",
        ),
    ],
)
def test_days_and_dates_are_written_as_people_write_them(
    language: Language, days: int, text: str
) -> None:
    values: dict[str, Value] = {
        "sent": date(2026, 3, 3),
        "before": timedelta(days=days),
        "answered": date(2026, 3, 9),
    }

    assert write(Sentence.HEARD_AND_ANSWERED, values, language) == text
