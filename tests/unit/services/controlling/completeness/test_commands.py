"""`gleichfall frame check` asks for days in their order."""

from click.testing import CliRunner

from services.controlling.completeness.commands import frame


def test_days_in_the_wrong_order_are_refused() -> None:
    found = CliRunner().invoke(frame, ["check", "--from", "2026-05-31", "--to", "2026-05-01"])

    assert found.exit_code == 2
    assert "--from 2026-05-31 lies after --to 2026-05-01" in found.output
