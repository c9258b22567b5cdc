"""`gleichfall stats`: every figure of controlling, to be checked by hand."""

import click

from shared.console.lazy_group import LazyGroup, Subcommand

_DRAWING = "services.controlling.calculator.drawing"
_LIMITS = "services.controlling.calculator.limits"
_SAMPLING = "services.controlling.calculator.sampling"
_ESTIMATING = "services.controlling.calculator.estimating"
_COMPARING = "services.controlling.calculator.comparing"
_FIGURES = "services.controlling.figures.commands"
_CASES = "services.controlling.figures.case_commands"

COMMANDS = {
    "period": Subcommand(f"{_FIGURES}:period", "All figures of a closed review period."),
    "rates": Subcommand(f"{_CASES}:rates", "How often something happened, by group."),
    "twins": Subcommand(f"{_CASES}:twins", "Cases that were alike and ended in opposite ways."),
    "interval": Subcommand(f"{_LIMITS}:interval", "Between which limits the error rate lies."),
    "upper-limit": Subcommand(f"{_LIMITS}:upper_limit", "The most that the rate can be."),
    "stratified": Subcommand(f"{_ESTIMATING}:stratified", "One figure from different strata."),
    "corrected-rate": Subcommand(
        f"{_ESTIMATING}:corrected_rate", "The rate without errors put right or made in review."
    ),
    "sample-size": Subcommand(
        f"{_SAMPLING}:sample_size", "How many reviews show that a rate is below the tolerable one."
    ),
    "proportion-size": Subcommand(
        f"{_SAMPLING}:proportion_size", "How many reviews estimate a rate to within so much."
    ),
    "allocation": Subcommand(f"{_SAMPLING}:allocate", "Share reviews out over strata."),
    "plan": Subcommand(f"{_SAMPLING}:plan", "How many of a lot to review, when to accept it."),
    "switching": Subcommand(f"{_SAMPLING}:switch", "How closely to look after each lot."),
    "sampler": Subcommand(f"{_DRAWING}:sample_of", "Repeat a draw."),
    "agreement": Subcommand(f"{_COMPARING}:agree", "How far reviewers agree beyond chance."),
    "consistency": Subcommand(f"{_COMPARING}:consistent", "Whether units decide like cases alike."),
    "difference": Subcommand(f"{_COMPARING}:difference", "By how much a rate has changed."),
    "funnel": Subcommand(f"{_COMPARING}:funnel", "Between which limits chance keeps a rate."),
    "p-chart": Subcommand(f"{_COMPARING}:p_chart", "Which periods lie outside of chance."),
    "cusum": Subcommand(f"{_COMPARING}:cusum", "Add up the evidence for slow drift."),
}


@click.group(name="stats", cls=LazyGroup, table=COMMANDS)
def stats() -> None:
    """Compute any figure of a report from its counts.

    Rates are fractions of one, counts are whole numbers, nothing is rounded. `--json` prints one
    object. Formulas and their sources: docs/guide/statistics.md.
    """
