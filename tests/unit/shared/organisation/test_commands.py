"""`gleichfall organisation`."""

import json
from pathlib import Path

from click.testing import CliRunner

from shared.organisation.commands import organisation

SHIPPED = Path(__file__).parents[4] / "deploy/organisation/karlsruhe.yaml"


def test_check_sums_up_a_file_that_can_be_used() -> None:
    result = CliRunner().invoke(organisation, ["check", str(SHIPPED)])
    assert result.exit_code == 0
    assert "units: 4" in result.stdout
    assert "filled posts: 37.05" in result.stdout
    assert result.stderr == ""


def test_check_lists_every_mistake_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace("DE-BW", "DE-XX").replace("posts: 41", "posts: many")
    path.write_text(text, encoding="utf-8")

    result = CliRunner().invoke(organisation, ["check", str(path)])

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert "jurisdiction.holidays" in result.stderr
    assert "staff.posts" in result.stderr


def test_check_warns_of_decisions_that_belong_to_no_unit(tmp_path: Path) -> None:
    path = tmp_path / "gap.yaml"
    text = SHIPPED.read_text(encoding="utf-8")
    path.write_text(text.replace("conditions, ending-stay]", "conditions]"), encoding="utf-8")

    result = CliRunner().invoke(organisation, ["check", str(path)])

    assert result.exit_code == 0
    assert "warning: no unit decides ending-stay" in result.stderr


def test_show_prints_the_organisation_that_the_environment_names() -> None:
    result = CliRunner().invoke(
        organisation, ["show"], env={"GLEICHFALL_ORGANISATION": str(SHIPPED)}
    )
    shown = json.loads(result.stdout)
    assert shown["offices"][0]["hours"]["thursday"] == ["08:30-12:30", "14:00-17:00"]
    assert shown["jurisdiction"]["time_zone"] == "Europe/Berlin"
