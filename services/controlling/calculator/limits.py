"""Between which limits a rate lies. Loads least: asked most."""

from dataclasses import asdict
from fractions import Fraction

import click

from services.controlling.calculator.answer import print_figures
from services.controlling.calculator.options import (
    choice,
    confidence_option,
    errors_option,
    population_option,
    sample_option,
)
from services.controlling.statistics import intervals
from services.controlling.statistics.intervals import Method
from shared.console.options import json_option


@click.command()
@errors_option
@sample_option
@population_option
@confidence_option
@click.option(
    "--method",
    type=choice(Method),
    default=Method.EXACT.value,
    show_default=True,
    help="exact: hypergeometric with --population, else Clopper-Pearson.",
)
@json_option
def interval(
    *,
    errors: int,
    sample: int,
    population: int | None,
    confidence: Fraction,
    method: str,
    as_json: bool,
) -> None:
    """Between which limits the error rate of all decisions lies.

    \b
    Example:
        gleichfall stats interval --errors 45 --sample 100 --population 300
    """
    rates, counts = intervals.interval(
        errors, sample, population=population, confidence=confidence, method=Method(method)
    )
    figures: dict[str, object] = {"rate": errors / sample, **asdict(rates)}
    if counts is not None:
        figures |= {"lower_count": counts.lower, "upper_count": counts.upper}
    print_figures(figures, as_json=as_json)


@click.command("upper-limit")
@errors_option
@sample_option
@population_option
@confidence_option
@json_option
def upper_limit(
    *, errors: int, sample: int, population: int | None, confidence: Fraction, as_json: bool
) -> None:
    """The most that the error rate of all decisions can be: "no errors in 59: at most 5 %".

    \b
    Example:
        gleichfall stats upper-limit --errors 0 --sample 59
    """
    upper = intervals.upper_limit(errors, sample, population=population, confidence=confidence)
    print_figures({"upper": upper}, as_json=as_json)
