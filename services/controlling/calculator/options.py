"""What the calculator's commands are told."""

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from typing import Any

import click

from services.controlling.statistics.intervals import CONFIDENCE
from shared.console.numbers import COUNT, SHARE
from shared.console.options import FILE


def choice(kind: type[StrEnum]) -> click.Choice[str]:
    """Offer the values of an enumeration."""
    return click.Choice([one.value for one in kind])


def share_option(name: str, help_text: str, default: Fraction | None = None) -> Callable[..., Any]:
    """Ask for a share; required unless there is a default."""
    return click.option(
        name,
        type=SHARE,
        required=default is None,
        default=default,
        help=help_text if default is None else f"{help_text} By default {float(default):g}.",
    )


errors_option = click.option("--errors", type=COUNT, required=True, help="Errors that were found.")
sample_option = click.option("--sample", type=COUNT, required=True, help="Decisions reviewed.")
population_option = click.option("--population", type=COUNT, help="Decisions there are, if known.")
confidence_option = share_option("--confidence", "How sure the statement is.", CONFIDENCE)
table_argument = click.argument("file", metavar="FILE", type=FILE)
breakdowns_option = click.option(
    "--breakdowns",
    "breakdowns_file",
    type=FILE,
    envvar="GLEICHFALL_BREAKDOWNS",
    help="More columns to break down by, with their values; also from GLEICHFALL_BREAKDOWNS.",
)
overdispersion_option = click.option(
    "--overdispersion",
    is_flag=True,
    help="Widen limits by how much most units differ; that takes unlike decisions for noise.",
)
