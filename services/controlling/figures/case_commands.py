"""`gleichfall stats rates`, `twins`: figures from a table of cases."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import click

from services.controlling.breakdowns.breakdowns import Breakdowns
from services.controlling.calculator.options import (
    breakdowns_option,
    confidence_option,
    overdispersion_option,
)
from services.controlling.figures import rates as case_table
from services.controlling.figures.cases import read_cases
from services.controlling.figures.rates import Wanted, case_rates
from services.controlling.figures.report import FOLDER
from services.controlling.figures.twins import Likeness
from services.controlling.figures.twins import twins as find_twins
from shared.console import screen
from shared.console.numbers import SHARE
from shared.console.options import FILE, json_option, language_option, organisation_option
from shared.organisation.file import load_organisation
from shared.web.pages.spoken import spoken

_where = click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Only these cases; can be repeated."
)


@click.command()
@click.argument("file", metavar="CASES", type=FILE)
@click.option("--outcome", required=True, help="Column of what is counted: yes or no.")
@click.option("--by", required=True, help="Column of the groups.")
@click.option("--alike", multiple=True, help="Column in which compared cases are the same.")
@click.option("--in-order", is_flag=True, help="Groups are periods: chart them.")
@_where
@breakdowns_option
@organisation_option
@click.option(
    "--false-discoveries",
    type=SHARE,
    default=Fraction(5, 100),
    help="Share of the groups found to differ that may be false; by default 0.05.",
)
@overdispersion_option
@confidence_option
@language_option
@json_option
def rates(
    *,
    file: Path,
    outcome: str,
    by: str,
    alike: tuple[str, ...],
    in_order: bool,
    where: tuple[str, ...],
    breakdowns_file: Path | None,
    organisation_file: Path,
    false_discoveries: Fraction,
    overdispersion: bool,
    confidence: Fraction,
    language: str,
    as_json: bool,
) -> None:
    """How often something happened to cases, by group, with intervals.

    CASES is a CSV table with a row per case, as `gleichfall import LOG --cases CASES` writes it.
    With --alike it is tested whether groups differ on like cases, and which; with --in-order
    whether the rate drifts. Groups of fewer than 7 cases aren't shown. --by and --where name what
    can't tell of one officer: unit, decision_type, group, direction, legal_basis, year, month, or
    a column of --breakdowns.

    \b
    Examples:
        gleichfall stats rates fines.csv --outcome overturned --by article --where appealed=yes
        gleichfall stats rates permits.csv --outcome late --by department --alike channel
    """
    wanted = Wanted(
        outcome, by, alike, in_order, confidence, false_discoveries, widened=overdispersion
    )
    listed = Breakdowns.of(load_organisation(organisation_file), breakdowns_file)
    cases = read_cases(file, _conditions(where), (outcome, by, *alike), listed)
    found = case_rates([listed.told(by, one) for one in cases], wanted)
    if as_json:
        screen.show_json(found.figures())
    else:
        case_table.print_tables(found, spoken(language, FOLDER))


@click.command()
@click.argument("file", metavar="CASES", type=FILE)
@click.option("--alike", multiple=True, required=True, help="Column in which twins are the same.")
@click.option("--outcome", required=True, help="Column in which they are opposite: yes and no.")
@click.option("--on", default="decided_on", show_default=True, help="Column of the day.")
@click.option("--within", type=click.IntRange(min=0), default=30, show_default=True, help="Days.")
@_where
@breakdowns_option
@organisation_option
@json_option
def twins(
    *,
    file: Path,
    alike: tuple[str, ...],
    outcome: str,
    on: str,
    within: int,
    where: tuple[str, ...],
    breakdowns_file: Path | None,
    organisation_file: Path,
    as_json: bool,
) -> None:
    """Find cases that were alike and ended in opposite ways within a short time.

    CASES is a CSV table as for `rates`, with the columns case and --on. Each case is in one pair at
    most; --json lists the pairs. A pair is a question to ask, not an error.

    \b
    Example:
        gleichfall stats twins fines.csv --alike article --outcome overturned --within 7
    """
    listed = Breakdowns.of(load_organisation(organisation_file), breakdowns_file)
    rows = read_cases(file, _conditions(where), ("case", *alike, outcome, on), listed)
    found = find_twins(rows, Likeness(alike, outcome, on, timedelta(days=within)))
    if as_json:
        screen.show_json({"cases": len(rows), "pairs": [one._asdict() for one in found]})
    else:
        click.echo(f"{len(rows):,} cases, {len(found):,} pairs; --json lists them")


def _conditions(where: Sequence[str]) -> Mapping[str, str]:
    conditions = dict(condition.split("=", 1) for condition in where if "=" in condition)
    if len(conditions) < len(where):
        raise click.UsageError("--where is COLUMN=VALUE, with each column once")
    return conditions
