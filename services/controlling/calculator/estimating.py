"""What a sample says about the rate behind it."""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import click

from services.controlling.breakdowns.breakdowns import require_no_person
from services.controlling.calculator.answer import print_figures
from services.controlling.calculator.options import (
    confidence_option,
    errors_option,
    sample_option,
    table_argument,
)
from services.controlling.statistics import correction
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.errors import CountsContradict, StratumTooSmall
from services.controlling.statistics.stratified import (
    DomainStratum,
    Estimate,
    Stratum,
    estimate_domain,
    estimate_mean,
    estimate_rate,
)
from services.controlling.statistics.stratified_limits import stratified_limits
from services.controlling.statistics.tables import Table
from shared.console.numbers import COUNT
from shared.console.options import json_option


@click.command()
@table_argument
@confidence_option
@json_option
def stratified(*, file: Path, confidence: Fraction, as_json: bool) -> None:
    """One figure for all decisions from strata that were sampled at different rates.

    FILE is a CSV table with the columns stratum, population, errors, sample and a row per
    stratum; or stratum, population, value and a row per reviewed decision. Of errors, the limits
    are those of a period's figures; `logit` has those that R and Stata print, which hold the truth
    too seldom where errors are rare.

    \b
    Example:
        gleichfall stats stratified strata.csv
    """
    table = Table.read(file, "stratum", "population")
    require_no_person("stratum", table.rows)
    if "value" in table.columns:
        print_figures(_estimate(estimate_mean(_measured(table), confidence)), as_json=as_json)
        return
    strata = _counted(file)
    found = estimate_domain(strata, confidence)
    found = found._replace(interval=stratified_limits(strata, confidence))
    print_figures(_estimate(found) | {"logit": _logit(strata, confidence)}, as_json=as_json)


def _logit(strata: Sequence[DomainStratum], confidence: Fraction) -> dict[str, float] | None:
    """Give the limits that need two reviews of each stratum; None where one has fewer."""
    try:
        rated = [
            Stratum.of_errors(
                one.name, population=one.population, errors=one.errors, sample=one.sample
            )
            for one in strata
        ]
    except StratumTooSmall:
        return None
    return asdict(estimate_rate(rated, confidence).interval)


def _estimate(found: Estimate) -> dict[str, object]:
    return {
        "estimate": found.estimate,
        "standard_error": found.standard_error,
        "standard_error_without_fpc": found.standard_error_without_fpc,
        "degrees_of_freedom": found.degrees_of_freedom,
        **asdict(found.interval),
    }


def _counted(file: Path) -> list[DomainStratum]:
    rows = Table.read(file, "errors", "sample").rows
    strata = {
        row.text("stratum"): DomainStratum(
            row.text("stratum"),
            row.count("population"),
            row.count("sample"),
            row.count("sample"),
            row.count("errors"),
        )
        for row in rows
    }
    if len(strata) < len(rows):
        raise CountsContradict(f"{file}: a stratum stands in two rows")
    return list(strata.values())


def _measured(table: Table) -> list[Stratum]:
    values: dict[str, list[float]] = {}
    populations: dict[str, int] = {}
    for row in table.rows:
        name, population = row.text("stratum"), row.count("population")
        if populations.setdefault(name, population) != population:
            raise row.wrong("population", f"stratum {name} had {populations[name]} before")
        values.setdefault(name, []).append(row.number("value"))
    return [
        Stratum.of_values(name, population=populations[name], values=measured)
        for name, measured in values.items()
    ]


@click.command("corrected-rate")
@errors_option
@sample_option
@click.option("--put-right", type=COUNT, default=0, help="Errors put right before the review.")
@click.option("--flagged", type=COUNT, nargs=2, help="Real errors, double reviews: of errors.")
@click.option("--passed", type=COUNT, nargs=2, help="Real errors, double reviews: of the rest.")
@confidence_option
@json_option
def corrected_rate(
    *,
    errors: int,
    sample: int,
    put_right: int,
    flagged: tuple[int, int] | None,
    passed: tuple[int, int] | None,
    confidence: Fraction,
    as_json: bool,
) -> None:
    """The plain rate, and beside it what is left without errors put right or made in review.

    --flagged and --passed come from double reviews: of the decisions first called errors, and of
    those first called correct, how many were errors in the end and how many were reviewed again.

    \b
    Examples:
        gleichfall stats corrected-rate --errors 6 --sample 100 --put-right 2
        gleichfall stats corrected-rate --errors 6 --sample 100 --flagged 5 6 --passed 1 30
    """
    if (flagged is None) != (passed is None):
        raise click.UsageError("Give --flagged and --passed together.")
    reviewed = Counts(errors, sample)
    adjusted = correction.appeal_adjusted(reviewed, put_right)
    figures: dict[str, object] = {
        "rate": errors / sample,
        "appeal_adjusted": adjusted.errors / adjusted.sample,
        "corrected": None,
    }
    if flagged and passed:
        found = correction.corrected_for_reviewers(
            errors / sample,
            correction.plain_error(reviewed),
            flagged=Counts(*flagged),
            passed=Counts(*passed),
            confidence=confidence,
        )
        limits = asdict(found.interval)
        figures["corrected"] = {
            "rate": found.rate,
            "standard_error": found.standard_error,
            **limits,
        }
    print_figures(figures, as_json=as_json)
