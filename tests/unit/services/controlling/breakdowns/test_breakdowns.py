"""What figures may be broken down by: what the system knows, and what an authority lists."""

from pathlib import Path

import pytest

from services.controlling.breakdowns.breakdowns import NOT_LISTED, Breakdowns
from services.controlling.breakdowns.errors import (
    BreakdownsInvalid,
    BreakdownUnlisted,
    ValueUnlisted,
)
from services.controlling.statistics.tables import Row
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation

KARLSRUHE = load_organisation(ORGANISATION)


def row(column: str, value: str) -> Row:
    return Row(Path("table.csv"), 2, {column: value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("unit", "unit-4"),
        ("decision_type", ""),
        ("group", "work"),
        ("direction", "adverse"),
        ("legal_basis", "§ 18b AufenthG"),
        ("year", "2026"),
        ("quarter", "2026-Q3"),
        ("month", "2026-05"),
        ("week", "2026-W53"),
        ("unit", ""),
    ],
)
def test_what_the_system_knows_needs_no_list(column: str, value: str) -> None:
    told = Breakdowns.of(KARLSRUHE).told(column, row(column, value))
    assert told.cells == {column: value}


@pytest.mark.parametrize(
    ("column", "value"),
    [("year", "4711"), ("month", "2026-13"), ("week", "2026-W54"), ("unit", "UNIT-4")],
)
def test_what_is_written_otherwise_is_not_listed(column: str, value: str) -> None:
    listed = Breakdowns.of(KARLSRUHE)
    assert listed.told(column, row(column, value)).cells == {column: NOT_LISTED}
    with pytest.raises(ValueUnlisted):
        listed.require(column, value)


def test_a_listed_column_has_its_values(tmp_path: Path) -> None:
    file = tmp_path / "breakdowns.yaml"
    file.write_text("columns: {channel: [desk, post]}")
    listed = Breakdowns.of(KARLSRUHE, file)
    listed.require("channel", "desk")
    assert listed.told("channel", row("channel", "post")) == row("channel", "post")
    assert listed.told("channel", row("channel", "phone")) == row("channel", NOT_LISTED)
    with pytest.raises(BreakdownUnlisted, match="did you mean channel"):
        listed.require("chanel", "desk")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("columns: {unit: [a]}", "unit: is known by itself"),
        ("columns: {officer: [a]}", "officer: is named for people"),
        ("columns: {Sachbearbeitung: [a]}", "Sachbearbeitung: is named for people"),
        ("columns: {team: [north, 'Demirkaya, Aylin']}", "looks like a person"),
        ("columns: {team: [decider-yolqsjcd3kohhghkwwdqjqw24c]}", "looks like a person"),
        ("columns: {team: [north, north]}", "stands here twice"),
        ("columns: {team: []}", "team"),
        ("columns: {appealed: [yes]}", "appealed"),
    ],
)
def test_a_list_that_cant_be_used_is_explained(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "breakdowns.yaml"
    file.write_text(text)
    with pytest.raises(BreakdownsInvalid, match=sentence):
        Breakdowns.of(KARLSRUHE, file)
