"""The README shows the run that a reader gets: the simulated weeks are always the same."""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from services.intake.simulation.commands import simulate
from tests.unit.docs.pages import ROOT


def test_the_readme_shows_the_numbers_of_the_four_weeks(tmp_path: Path) -> None:
    options = ["--weeks", "4", "--out", str(tmp_path / "events.ndjson"), "--json"]
    numbers = json.loads(CliRunner().invoke(simulate, options, catch_exceptions=False).stdout)
    shown = re.search(
        r"^cases: (\S+), decisions: (\S+), events: (\S+),",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert shown
    expected = [f"{numbers[name]:,}" for name in ("cases", "decisions", "events")]
    assert list(shown.groups()) == expected
