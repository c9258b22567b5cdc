import pytest
from click.testing import CliRunner

from services.controlling.service_figures.commands import figures


@pytest.mark.parametrize("command", [["recompute"], ["recompute", "--compare"]])
def test_days_the_wrong_way_round_are_refused_and_never_all_well(command: list[str]) -> None:
    days = ["--from", "2026-05-31", "--to", "2026-05-01"]

    found = CliRunner().invoke(figures, [*command, *days])

    assert found.exit_code == 2
    assert "--from 2026-05-31 lies after --to 2026-05-01; exchange them" in found.output
