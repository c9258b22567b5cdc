"""Numbers on a command line: exact, and never larger than a machine."""

import click
import pytest
from click.testing import CliRunner, Result

from shared.console.numbers import COUNT, SHARE, FiniteRange


@click.command()
@click.option("--share", type=SHARE)
@click.option("--count", type=COUNT)
@click.option("--rate", type=FiniteRange(0, 100, min_open=True))
def read(share: object, count: object, rate: object) -> None:
    click.echo(f"{share} {count} {rate}")


def run(*words: str) -> Result:
    return CliRunner().invoke(read, words)


@pytest.mark.parametrize(
    ("text", "exact"), [("0.1", "1/10"), ("1/20", "1/20"), ("5e-2", "1/20"), ("1e-50", None)]
)
def test_a_share_is_read_exactly(text: str, exact: str | None) -> None:
    found = run("--share", text)

    assert found.exit_code == 0
    assert exact is None or found.output.startswith(f"{exact} ")


@pytest.mark.parametrize(
    "text", ["1e-400", "1e-999999999", "1E+9_99999999", "0." + 50 * "1", "nan", "1/0", "e"]
)
def test_a_share_that_no_machine_can_hold_is_refused(text: str) -> None:
    assert run("--share", text).exit_code == 2


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "0", "101"])
def test_a_rate_outside_of_its_range_is_refused(text: str) -> None:
    assert run("--rate", text).exit_code == 2


def test_a_count_is_one_that_formulas_can_tell_from_its_neighbours() -> None:
    assert run("--count", str(10**12)).exit_code == 0
    assert run("--count", str(10**20)).exit_code == 2
