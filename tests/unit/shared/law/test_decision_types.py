"""The catalogue of decision types."""

from datetime import date
from pathlib import Path

import pytest

from shared.configuration.places import law_file
from shared.events.vocabulary import Direction
from shared.law.decision_types import FILE, DecisionTypes
from shared.law.errors import DecisionTypesInvalid

TYPES = DecisionTypes.load()
DAY = date(2026, 1, 5)

HEAD = """
groups:
  - {key: work, name: {de: Arbeit, en: Work}}
  - {key: unlisted, name: {de: Ohne, en: None of them}}
unlisted: unlisted
types:
"""


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("AufenthG-16b", "education"),
        ("AufenthG-18g", "work"),
        ("AufenthG-25(5)", "humanitarian"),
        ("AufenthG-28(1)", "family"),
        ("AufenthG-28(2)", "permanent"),
        ("AufenthG-60a", "status-papers"),
        ("AufenthG-12a", "conditions"),
        ("AufenthG-53", "ending-stay"),
        ("FreizuegG/EU-6", "eu"),
        ("AufenthG-68", "third-parties"),
    ],
)
def test_every_group_of_the_domain_has_its_types(code: str, group: str) -> None:
    assert TYPES.group_of(code, DAY) == group


def test_a_code_from_elsewhere_belongs_to_the_declared_unlisted_group() -> None:
    assert TYPES.group_of("T04-determine-confirmation", DAY) == "unlisted"


def test_law_counts_only_on_the_days_it_is_in_force() -> None:
    assert TYPES.group_of("AufenthG-18g", date(2023, 11, 17)) == "unlisted"
    assert TYPES.group_of("AufenthG-18g", date(2023, 11, 18)) == "work"
    assert TYPES.group_of("AufenthG-104c", date(2025, 12, 30)) == "humanitarian"
    assert TYPES.group_of("AufenthG-104c", date(2025, 12, 31)) == "unlisted"


def test_every_rule_has_a_citation_and_a_first_day() -> None:
    for item in TYPES.in_force(DAY):
        assert item.citation
        assert item.valid_from <= DAY


def test_form_and_reasons_follow_section_77() -> None:
    refusal, toleration = TYPES.find("AufenthG-18b", DAY), TYPES.find("AufenthG-60a", DAY)
    assert refusal is not None
    assert refusal.written_form == refusal.reasons == (Direction.ADVERSE,)
    assert toleration is not None
    assert toleration.written_form == (Direction.FAVOURABLE, Direction.ADVERSE)
    assert toleration.reasons == ()


def test_the_same_code_may_stand_twice_when_the_days_dont_overlap(tmp_path: Path) -> None:
    path = tmp_path / "types.yaml"
    entry = "{{code: X-1, group: {}, legal_basis: § 1 X, name: x, {}, citation: § 1 X}}"
    old = entry.format("work", "valid_from: 2020-01-01, valid_to: 2024-12-31")
    new = entry.format("unlisted", "valid_from: 2025-01-01")
    path.write_text(f"{HEAD}  - {old}\n  - {new}\n", encoding="utf-8")

    types = DecisionTypes.load(path)

    assert types.group_of("X-1", date(2024, 12, 31)) == "work"
    assert types.find("X-1", date(2025, 1, 1)) is not None


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ("valid_from: 2020-01-01", "is in force twice on some day"),
        ("valid_from: 2024-12-31, valid_to: 2024-01-01", "ends before valid_from"),
    ],
)
def test_days_that_contradict_each_other_are_refused(
    tmp_path: Path, entries: str, reason: str
) -> None:
    path = tmp_path / "types.yaml"
    entry = "{{code: X-1, group: work, legal_basis: § 1 X, name: x, {}, citation: § 1 X}}"
    first = entry.format("valid_from: 2020-01-01, valid_to: 2022-12-31")
    path.write_text(f"{HEAD}  - {first}\n  - {entry.format(entries)}\n", encoding="utf-8")
    with pytest.raises(DecisionTypesInvalid, match=reason):
        DecisionTypes.load(path)


def test_a_group_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "types.yaml"
    text = law_file(FILE).read_text(encoding="utf-8")
    path.write_text(text.replace("unlisted: unlisted", "unlisted: other"), encoding="utf-8")
    with pytest.raises(DecisionTypesInvalid, match="other is no group"):
        DecisionTypes.load(path)
