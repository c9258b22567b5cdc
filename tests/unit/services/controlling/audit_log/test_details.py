"""Details of the log in words: everything that is written today has some, in both languages."""

from datetime import UTC, date, datetime

import pytest

from services.controlling.accounts.account import Role
from services.controlling.audit.entry import OPERATOR, Detail
from services.controlling.audit_log.details import in_words
from services.controlling.findings.life import Step
from services.controlling.forms.law import Law
from services.controlling.measures.effect import Outcome
from services.controlling.measures.measure import Kind
from services.controlling.practice.naming import Naming
from services.controlling.reviews.verdict import VERDICTS
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import FileVerdict, Grade
from shared.organisation.file import load_organisation
from shared.web.pages.words import FOLDER, Language, load_words
from shared.web.sign_in.recognising import Happening
from tests.unit.services.controlling.forms.cases import CRITERIA

LAW = Law.of(load_organisation(ORGANISATION))
MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
WORDS = load_words([FOLDER, *FOLDERS])
NAMES = (
    "by", "events", "finding", "findings", "form", "from", "grade", "kind", "norm", "number",
    "outcome", "question", "reason", "role", "step", "to", "unit", "until", "version", "why",
)  # fmt: skip
KNOWN = [
    *(("why", one.value) for one in Happening),
    *(("why", one) for one in ("review", "reworded")),
    *(("grade", one.value) for one in (*Grade, *FileVerdict)),
    *(("role", one.value) for one in Role),
    *(("step", one.value) for one in Step),
    *(("kind", one.value) for one in Kind),
    *(("outcome", one.value) for one in Outcome),
    *(("question", one) for one in VERDICTS),
    ("by", "command"),
]


def said(
    detail: Detail, language: Language = Language.GERMAN, concerned: str | None = None
) -> list[tuple[str, object]]:
    asked = {"V1": next(one.question for one in CRITERIA.criteria if one.code == "V1")}
    names = Naming(language, LAW, MAY.date())
    say = WORDS[language].gettext
    return list(in_words(detail, concerned, say=say, names=names, questions=asked))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_word(language: Language, name: str) -> None:
    [(word, value)] = said({name: 1}, language)
    assert word != name
    assert word[0].isupper()
    assert value == "1"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("name", "value"), KNOWN)
def test_what_is_one_of_few_things_has_a_word(language: Language, name: str, value: str) -> None:
    [(_, word)] = said({name: value}, language)
    assert isinstance(word, str)
    assert "." not in word, "a key is no word"
    assert "_" not in word
    if language is Language.GERMAN:
        assert word != value


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", [*Role, OPERATOR])
def test_each_role_that_an_entry_can_have_has_a_word(language: Language, role: str) -> None:
    key = f"role.{role}"
    assert WORDS[language].gettext(key) != key


def test_units_questions_and_people_are_named() -> None:
    assert said({"unit": "unit-2", "question": "V1", "to": "7f"}, concerned="Maria") == [
        ("Sachgebiet", LAW.organisation.unit_name("unit-2", "de")),
        ("Frage", "Wurde die betroffene Person angehört, bevor belastend entschieden wurde?"),
        ("An", "Maria"),
    ]


def test_days_are_days() -> None:
    assert said({"from": "2026-12-24", "until": "soon"}) == [
        ("Ab", date(2026, 12, 24)),
        ("Bis", "soon"),
    ]


@pytest.mark.parametrize("value", ["unheard_of", "100 % sicher", "%(x)s", "", "a.b"])
def test_what_nobody_has_words_for_stays_as_it_is(value: str) -> None:
    assert said({"unheard": value, "why": value, "reason": value, "no": None}) == [
        ("unheard", value),
        ("Anlass", value),
        ("Grund", value),
        ("no", None),
    ]
