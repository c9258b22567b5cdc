"""The committed documents say what the code does, and drift is found."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.events import contracts, json_format
from shared.events.commands import ContractDrift, UnknownEventType, events, table
from shared.events.event import decode

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "events.md"


def test_committed_documents_say_what_the_code_does() -> None:
    assert contracts.drift() == []


def test_every_kind_of_drift_is_found_and_mended(tmp_path: Path) -> None:
    contracts.write(tmp_path)
    assert contracts.drift(tmp_path) == []

    (tmp_path / "schemas" / "case.closed.v1.json").unlink()
    (tmp_path / "schemas" / "case.opened.v1.json").write_text("{}")
    (tmp_path / "asyncapi" / "intake.json").write_text("{}")

    assert [(str(found.path), found.what) for found in contracts.drift(tmp_path)] == [
        ("schemas/case.closed.v1.json", "is missing"),
        ("schemas/case.opened.v1.json", "belongs to no event"),
        ("asyncapi/intake.json", "differs from the code"),
    ]
    contracts.write(tmp_path)
    assert contracts.drift(tmp_path) == []


def test_check_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    drifted = [contracts.Drift(Path("schemas/case.closed.v1.json"), "differs from the code")]
    monkeypatch.setattr(contracts, "drift", lambda: drifted)
    failure = CliRunner().invoke(events, ["check"]).exception
    assert isinstance(failure, ContractDrift)
    assert failure.exit_code == 1
    assert "schemas/case.closed.v1.json differs from the code" in str(failure)
    assert "`gleichfall events write`" in str(failure)


def test_check_is_quiet_when_all_is_well() -> None:
    outcome = CliRunner().invoke(events, ["check"])
    assert outcome.exit_code == 0
    assert "say what the code does" in outcome.output


@pytest.mark.parametrize("name", ["decision.made.v1", "gleichfall.decision.made.v1"])
def test_show_prints_the_schema_that_is_committed(name: str) -> None:
    outcome = CliRunner().invoke(events, ["show", name])
    committed = contracts.FOLDER / "schemas" / "decision.made.v1.json"
    assert outcome.output == committed.read_text(encoding="utf-8")


def test_show_of_an_unknown_type_says_where_to_look() -> None:
    failure = CliRunner().invoke(events, ["show", "decision.guessed.v1"]).exception
    assert isinstance(failure, UnknownEventType)
    assert "`gleichfall events list`" in str(failure)


def test_list_names_every_type_with_its_topic() -> None:
    lines = CliRunner().invoke(events, ["list"]).output.splitlines()
    assert any(
        line.split()[:2] == ["gleichfall.decision.drawn.v1", "review-events"] for line in lines
    )


def test_the_guide_holds_the_catalogue_as_it_is() -> None:
    rows = GUIDE.read_text(encoding="utf-8").split("\n## Catalogue\n")[1].splitlines()
    held = [row for row in rows if row.startswith("|")]

    assert [row for row in table() if row not in held] == []  # so that a failure names the row
    assert held == table()


def test_the_guides_first_example_is_an_event_that_the_door_takes() -> None:
    example = re.search(r"-d '(\{\n.*?\n  \})'", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    decode(json_format.from_document(json.loads(example[1])), unknown="forbid")
