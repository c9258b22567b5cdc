"""How much to review: sizes, shares, plans."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import click

from services.controlling.breakdowns.breakdowns import require_no_person
from services.controlling.calculator.answer import print_figures
from services.controlling.calculator.options import (
    choice,
    confidence_option,
    population_option,
    share_option,
    table_argument,
)
from services.controlling.planning import acceptance, allocation, sample_sizes, switching
from services.controlling.planning.acceptance import Inspection
from services.controlling.planning.switching import Lot, Result
from services.controlling.statistics.intervals import CONFIDENCE
from services.controlling.statistics.tables import Row, Table, cells_of
from shared.console.numbers import COUNT, SHARE
from shared.console.options import json_option


@click.command("sample-size")
@share_option("--tolerable", "The rate that must not be reached.")
@share_option("--expected", "The rate that is expected.")
@share_option(
    "--risk", "How often a tolerable rate may pass although it is reached.", 1 - CONFIDENCE
)
@population_option
@json_option
def sample_size(
    *,
    tolerable: Fraction,
    expected: Fraction,
    risk: Fraction,
    population: int | None,
    as_json: bool,
) -> None:
    """How many reviews show that a rate is below the tolerable one.

    \b
    Example:
        gleichfall stats sample-size --tolerable 0.05 --expected 0.01
    """
    found = sample_sizes.attribute_sample(
        tolerable=tolerable, expected=expected, risk=risk, population=population
    )
    print_figures(found._asdict(), as_json=as_json)


@click.command("proportion-size")
@share_option("--half-width", "How far the interval may reach to each side.")
@share_option("--rate", "The rate that is expected.", Fraction(1, 2))
@population_option
@confidence_option
@json_option
def proportion_size(
    *,
    half_width: Fraction,
    rate: Fraction,
    population: int | None,
    confidence: Fraction,
    as_json: bool,
) -> None:
    """How many reviews estimate a rate to within so much.

    \b
    Example:
        gleichfall stats proportion-size --half-width 0.05 --population 300
    """
    size = sample_sizes.proportion_sample(
        half_width=half_width, rate=rate, population=population, confidence=confidence
    )
    print_figures({"n": size}, as_json=as_json)


@click.command("allocation")
@table_argument
@click.option("--take", type=COUNT, required=True, help="Decisions to review in all.")
@json_option
def allocate(*, file: Path, take: int, as_json: bool) -> None:
    """Share a number of reviews out over strata.

    FILE is a CSV table with the columns stratum and population; with a column rate, the error
    rate expected there, the result is the most precise one (Neyman), without it proportional.

    \b
    Example:
        gleichfall stats allocation strata.csv --take 200
    """
    table = Table.read(file, "stratum", "population")
    require_no_person("stratum", table.rows)
    populations = {row.text("stratum"): row.count("population") for row in table.rows}
    if "rate" not in table.columns:
        print_figures(allocation.proportional(take, populations), as_json=as_json)
        return
    rates = {row.text("stratum"): row.number("rate") for row in table.rows}
    print_figures(allocation.neyman(take, populations, rates), as_json=as_json)


@click.command()
@click.option("--lot", type=COUNT, required=True, help="Decisions there are.")
@click.option("--level", type=choice(acceptance.Level), default="II", show_default=True)
@click.option("--aql", type=SHARE, required=True, help="Errors per 100 that still pass.")
@click.option("--state", type=choice(Inspection), default="normal", show_default=True)
@json_option
def plan(*, lot: int, level: str, aql: Fraction, state: str, as_json: bool) -> None:
    """How many decisions of a lot to review, and how many errors to accept it with.

    Single plans of MIL-STD-105E (ISO 2859-1:1989), for quality levels from 0.65 to 10. A
    lot that has fewer decisions than the plan asks for is reviewed whole.

    \b
    Example:
        gleichfall stats plan --lot 1000 --level II --aql 2.5
    """
    quality = Decimal(aql.numerator) / Decimal(aql.denominator)
    found = acceptance.single_plan(lot, quality, acceptance.Level(level), Inspection(state))
    print_figures(found._asdict(), as_json=as_json)


@click.command("switching")
@table_argument
@click.option("--start", type=choice(Inspection), default="normal", show_default=True)
@json_option
def switch(*, file: Path, start: str, as_json: bool) -> None:
    """How closely to look after each lot: normal, tightened, reduced, or stop.

    FILE holds the results in order: A accepted, R not accepted, G accepted in the gap of a
    reduced plan; either just these letters, or a CSV table with the column result and, for
    reduced inspection, may_reduce (yes when the last ten lots have few enough errors and
    leadership wants it) and steady (no when work didn't go its usual way).

    \b
    Example:
        gleichfall stats switching lots.csv
    """
    found = list(switching.states(_lots(file), Inspection(start)))
    print_figures(
        {
            "states": [state.inspection for state in found],
            "state": found[-1].inspection,
            "stopped": found[-1].stopped,
        },
        as_json=as_json,
    )


def _lots(file: Path) -> list[Lot]:
    letters = [letter for _, cells in cells_of(file) for cell in cells for letter in cell.split()]
    if letters and set(letters) <= set(Result):
        return [Lot(Result(letter)) for letter in letters]
    table = Table.read(file, "result")
    return [
        Lot(
            _result(row),
            may_reduce="may_reduce" in table.columns and _yes(row, "may_reduce"),
            steady="steady" not in table.columns or _yes(row, "steady"),
        )
        for row in table.rows
    ]


def _result(row: Row) -> Result:
    try:
        return Result(row.text("result"))
    except ValueError:
        raise row.wrong("result", "must be A, G, R or -") from None


def _yes(row: Row, column: str) -> bool:
    answer = row.text(column)
    if answer not in {"yes", "no"}:
        raise row.wrong(column, "must be yes or no")
    return answer == "yes"
