"""Whom the authority must involve."""

from datetime import date
from pathlib import Path

import pytest

from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.law.errors import ParticipationsInvalid
from shared.law.participation import Participations

TABLE = Participations.load()


@pytest.mark.parametrize(
    ("type_code", "direction", "on", "bodies"),
    [
        ("AufenthG-25(3)", Direction.ADVERSE, date(2026, 1, 5), ["bamf"]),
        ("AufenthG-18a", Direction.FAVOURABLE, date(2020, 3, 1), ["employment-agency"]),
        ("AufenthG-18a", Direction.FAVOURABLE, date(2020, 2, 29), []),
        ("AufenthG-18a", Direction.ADVERSE, date(2026, 1, 5), []),
        ("AufenthG-18g", Direction.FAVOURABLE, date(2026, 1, 5), []),
    ],
)
def test_type_direction_and_day_decide(
    type_code: str, direction: Direction, on: date, bodies: list[str]
) -> None:
    assert [rule.body for rule in TABLE.required(type_code, direction, on)] == bodies


def test_every_rule_is_about_a_type_of_the_catalogue() -> None:
    assert {rule.type for rule in TABLE.rules} <= DecisionTypes.load().codes


def test_two_rules_for_one_day_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    rule = "{type: X-1, directions: [adverse], body: b, valid_from: 2020-01-01, citation: § 1 X}"
    path.write_text(f"rules:\n  - {rule}\n  - {rule}\n", encoding="utf-8")
    with pytest.raises(ParticipationsInvalid, match="overlaps an earlier rule"):
        Participations.load(path)
