"""The catalogue of criteria: what is in it, and what is refused."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from services.controlling.forms.automatic import CHECKS
from services.controlling.forms.catalogue import PACKAGED, Criteria, CriteriaInvalid
from services.controlling.forms.criterion import AnsweredBy, Consequence, Criterion
from shared.events.vocabulary import Grade
from shared.law.decision_types import DecisionTypes
from tests.unit.services.controlling.forms.cases import CRITERIA

TYPES = DecisionTypes.load()
# The criteria and what an error does: H, N, F, U, or nothing.
DOMAIN = (
    "Z1 UN, Z2 N, V1 H, V2 H, V3 -, V4 H, V5 N, F1 H, F2 H, F3 -, F4 F, F5 N, "
    "M1 N, M2 N, M3 N, M4 N, N1 HN, N2 N, N3 N, B1 F, T1 -, S1 -"
)
LETTERS = {
    "H": Consequence.HEALABLE,
    "N": Consequence.NOT_HEALABLE,
    "F": Consequence.DEADLINE_ONLY,
    "U": Consequence.IRRELEVANT,
    "-": Consequence.NONE,
}
TEXTS = 'question: {de: "Frage?", en: "Question?"}, help: {de: Hilfe., en: Help.}'
ENTRY = (
    '{code: V5, citation: "§ 24 VwVfG", valid_from: 1977-01-01, answered_by: human, '
    f"consequence: [not_healable], {TEXTS}}}"
)


def file(path: Path, *entries: str) -> Path:
    lines = "\n".join(f"  - {entry}" for entry in entries)
    path = path / "criteria.yaml"
    path.write_text(f'version: "1"\ncriteria:\n{lines}\n', encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(CriteriaInvalid) as refused:
        Criteria.load(TYPES, path)
    return [str(mistake) for mistake in refused.value.mistakes]


def test_every_criterion_of_the_domain_is_asked_with_its_consequence() -> None:
    expected = {
        code: {LETTERS[letter] for letter in letters}
        for code, letters in (one.split() for one in DOMAIN.split(", "))
    }

    assert {one.code: set(one.consequence) for one in CRITERIA.criteria} == expected


@pytest.mark.parametrize("one", CRITERIA.criteria, ids=lambda one: one.code)
def test_each_text_is_short_and_neutral_in_both_languages(one: Criterion) -> None:
    document = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    entry = next(each for each in document["criteria"] if each["code"] == one.code)
    for language in ("de", "en"):
        question, help_ = entry["question"][language], entry["help"][language]
        assert question.endswith("?")
        assert 2 <= len(re.findall(r"[.] [A-ZÄÖÜ]", help_)) + 1 <= 4
    words = f"{entry['question']['de']} {entry['help']['de']}".split()
    assert not {"Sie", "Ihr", "Ihre", "Ihnen"} & set(words)
    assert ("Nicht anwendbar" in entry["help"]["de"]) == (Grade.NOT_APPLICABLE in one.answers)


def test_the_digest_is_of_what_the_file_says_not_of_how_it_is_written(tmp_path: Path) -> None:
    first = Criteria.load(TYPES, file(tmp_path, ENTRY))
    same = Criteria.load(TYPES, file(tmp_path, f"{ENTRY}  # a remark"))
    other = Criteria.load(TYPES, file(tmp_path, ENTRY.replace("Frage?", "Frag?")))

    assert first.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("change", "faults_found"),
    [
        (("human", "auto"), ["nothing answers V5 by itself; write human"]),
        (("1977-01-01", "1977-01-01, valid_to: 1976-01-01"), ["ends before valid_from"]),
        (("}, help", "}, answers: [minor_error, correct, correct], help"), ["names one twice"]),
        (("}, help", "}, answers: [correct, not_applicable], help"), ["needs correct, and minor"]),
        (
            ("}, help", "}, asked_of: [{}, {groups: [famly]}], help"),
            ["there is no group famly (did you mean family?)", "V5 is asked of nothing"],
        ),
        (
            ("}, help", "}, asked_of: [{}, {types: [AufenthG-18h]}], help"),
            ["there is no decision type AufenthG-18h (did you mean", "V5 is asked of nothing"],
        ),
        (
            ("}, help", "}, asked_of: [{}, {types: [AufenthG-53], requires: discretion}], help"),
            ["V5 is asked of nothing: no decision type of these days fits"],
        ),
        (
            ("}, help", "}, check: {feature: x, within_days: 3}, help"),
            ["no check of V5 reads it; leave it out"] * 2,
        ),
    ],
)
def test_all_that_contradicts_itself_is_refused_at_once(
    tmp_path: Path, change: tuple[str, str], faults_found: list[str]
) -> None:
    found = faults(file(tmp_path, ENTRY, ENTRY.replace(*change)))
    own = [fault for fault in found if "in force twice" not in fault]

    assert [expected in fault for expected, fault in zip(faults_found, own, strict=True)] == [
        True
    ] * len(own)
    assert all(fault.startswith("line 4, criteria.1") for fault in own)


def test_a_text_that_lacks_a_language_is_refused_by_line_and_field(tmp_path: Path) -> None:
    found = faults(file(tmp_path, ENTRY.replace(", en: Help.", "")))

    assert found == ["line 3, criteria.0.help.en: is missing; add it"]


def test_one_code_may_be_asked_in_two_ways_on_different_days_only(tmp_path: Path) -> None:
    old = ENTRY.replace("1977-01-01", "1977-01-01, valid_to: 2025-12-31")
    new = ENTRY.replace("1977-01-01", "2026-01-01")

    criteria = Criteria.load(TYPES, file(tmp_path, old, new))

    assert [one.valid_from for one in criteria.in_force(date(2025, 12, 31))] == [date(1977, 1, 1)]
    assert [one.valid_from for one in criteria.in_force(date(2026, 1, 1))] == [date(2026, 1, 1)]
    assert "in force twice" in faults(file(tmp_path, old, old))[0]


def test_a_decision_of_which_nothing_would_be_asked_is_named(tmp_path: Path) -> None:
    found = faults(
        file(tmp_path, ENTRY.replace("}, help", "}, asked_of: [{groups: [work]}], help"))
    )

    assert any("nothing is asked of AufenthG-53, adverse" in fault for fault in found)
    assert not any("AufenthG-18g" in fault for fault in found)


def test_a_question_about_law_that_has_ended_by_then_is_asked_of_nothing(tmp_path: Path) -> None:
    late = ENTRY.replace("1977-01-01", "2026-01-01").replace("V5", "V6")
    ended = late.replace("}, help", "}, asked_of: [{types: [AufenthG-104c]}], help")

    assert "V6 is asked of nothing" in faults(file(tmp_path, ENTRY, ended))[0]


def test_events_answer_no_more_than_what_has_a_check() -> None:
    by_events = {one.code for one in CRITERIA.criteria if one.answered_by is not AnsweredBy.HUMAN}

    assert by_events == set(CHECKS)
