"""`gleichfall stats`: every figure of controlling, to be checked by hand."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from services.controlling.statistics import (
    acceptance,
    agreement,
    allocation,
    charts,
    consistency,
    correction,
    intervals,
    published_samplers,
    sample_sizes,
    switching,
)
from services.controlling.statistics.acceptance import Inspection
from services.controlling.statistics.agreement import Level, Ratings
from services.controlling.statistics.charts import ALARM, WARNING, Counts
from services.controlling.statistics.errors import (
    AgreementUndefined,
    CountsContradict,
    TableInvalid,
)
from services.controlling.statistics.intervals import CONFIDENCE, Method
from services.controlling.statistics.stratified import (
    DomainStratum,
    Estimate,
    Stratum,
    estimate_mean,
    estimate_rate,
    guarded_limits,
)
from services.controlling.statistics.switching import Lot, Result
from services.controlling.statistics.tables import Row, Table, cells_of
from shared.console.numbers import COUNT, SHARE
from shared.console.options import FILE, json_option


def _choice(kind: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([one.value for one in kind])


def _share(name: str, help_text: str, default: Fraction | None = None) -> Callable[..., Any]:
    return click.option(
        name,
        type=SHARE,
        required=default is None,
        default=default,
        show_default=None if default is None else f"{float(default):g}",
        help=help_text,
    )


_errors = click.option("--errors", type=COUNT, required=True, help="Errors that were found.")
_sample = click.option("--sample", type=COUNT, required=True, help="Decisions reviewed.")
_population = click.option("--population", type=COUNT, help="Decisions there are, if known.")
_file = click.argument("file", metavar="FILE", type=FILE)
_confidence = _share("--confidence", "How sure the statement is.", CONFIDENCE)


def _print(figures: Mapping[str, object], *, as_json: bool) -> None:
    """Print what a command found: nothing rounded, undefined figures as null or a dash."""
    if as_json:
        click.echo(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, figure in figures.items():
        click.echo(f"{name:{width}}  {'-' if figure is None else _text(figure)}")


def _text(figure: object) -> str:
    return figure if isinstance(figure, str) else json.dumps(figure)


FIGURES = ("period", "rates", "twins")


class _Stats(click.Group):
    """Has also the commands that read reviews and cases; those are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, those that need reviews or cases first."""
        return [*FIGURES, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of that name."""
        if cmd_name not in FIGURES:
            return super().get_command(ctx, cmd_name)
        commands = import_module("services.controlling.figures.commands")
        command: click.Command = getattr(commands, cmd_name)
        return command


@click.group(name="stats", cls=_Stats)
def stats() -> None:
    """Compute any figure of a report from its counts.

    Rates are fractions of one, counts are whole numbers, nothing is rounded. `--json` prints one
    object. Formulas and their sources: docs/guide/statistics.md.
    """


@stats.command()
@_errors
@_sample
@_population
@_confidence
@click.option(
    "--method",
    type=_choice(Method),
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
    _print(figures, as_json=as_json)


@stats.command("upper-limit")
@_errors
@_sample
@_population
@_confidence
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
    _print({"upper": upper}, as_json=as_json)


@stats.command("sample-size")
@_share("--tolerable", "The rate that must not be reached.")
@_share("--expected", "The rate that is expected.")
@_share("--risk", "How often a tolerable rate may pass although it is reached.", 1 - CONFIDENCE)
@_population
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
    _print(found._asdict(), as_json=as_json)


@stats.command("proportion-size")
@_share("--half-width", "How far the interval may reach to each side.")
@_share("--rate", "The rate that is expected.", Fraction(1, 2))
@_population
@_confidence
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
    _print({"n": size}, as_json=as_json)


@stats.command()
@_file
@_confidence
@json_option
def stratified(*, file: Path, confidence: Fraction, as_json: bool) -> None:
    """One figure for all decisions from strata that were sampled at different rates.

    FILE is a CSV table with the columns stratum, population, errors, sample and a row per
    stratum; or stratum, population, value and a row per reviewed decision. Of errors, `guarded` has
    the limits that a period's figures have: they allow for strata in which no error was seen.

    \b
    Example:
        gleichfall stats stratified strata.csv
    """
    table = Table.read(file, "stratum", "population")
    if "value" in table.columns:
        _print(_estimate(estimate_mean(_measured(table), confidence)), as_json=as_json)
        return
    strata = _counted(file)
    rated = [
        Stratum.of_errors(one.name, population=one.population, errors=one.errors, sample=one.sample)
        for one in strata
    ]
    guarded = asdict(guarded_limits(strata, confidence))
    figures = _estimate(estimate_rate(rated, confidence)) | {"guarded": guarded}
    _print(figures, as_json=as_json)


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


@stats.command("allocation")
@_file
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
    populations = {row.text("stratum"): row.count("population") for row in table.rows}
    if "rate" not in table.columns:
        _print(allocation.proportional(take, populations), as_json=as_json)
        return
    rates = {row.text("stratum"): row.number("rate") for row in table.rows}
    _print(allocation.neyman(take, populations, rates), as_json=as_json)


@stats.command("agreement")
@_file
@click.option("--table", "square", is_flag=True, help="FILE counts pairs of answers.")
@click.option(
    "--level",
    type=_choice(Level),
    default=Level.NOMINAL.value,
    show_default=True,
    help="Whether alpha takes the answers as ordered; the others never do.",
)
@_confidence
@json_option
def agree(*, file: Path, square: bool, level: str, confidence: Fraction, as_json: bool) -> None:
    """How far reviewers agree beyond chance.

    FILE is a CSV table with a header: a column per reviewer, a row per decision, an empty cell
    where the reviewer didn't review it. With --table it is a square of counts: a row per answer
    of the first reviewer, a column per answer of the second; a header and a first column with
    the answers' names may be there.

    Cohen's kappa needs exactly two reviewers. What is undefined is null; intervals have a null
    for a limit that one decision can't give.

    \b
    Example:
        gleichfall stats agreement reviews.csv --level ordinal
    """
    ratings = _square(file) if square else _answers(file, Level(level))
    figures: dict[str, object] = {
        "cohen": _defined(lambda: agreement.cohen(ratings, confidence)),
        "fleiss": _defined(lambda: agreement.fleiss(ratings, confidence)),
        "ac1": _defined(lambda: agreement.ac1(ratings, confidence)),
        "alpha": _defined(lambda: agreement.alpha(ratings, Level(level), confidence)),
        "categories": ratings.categories,
        "matrix": agreement.disagreement_matrix(ratings),
    }
    _print(figures, as_json=as_json)


def _defined(coefficient: Callable[[], agreement.Coefficient]) -> dict[str, float | None] | None:
    try:
        return asdict(coefficient())
    except AgreementUndefined:
        return None


def _answers(file: Path, level: Level) -> Ratings:
    rows = Table.read(file).rows
    return Ratings.of_answers([list(row.cells.values()) for row in rows], level)


def _square(file: Path) -> Ratings:
    lines = list(cells_of(file))
    named = bool(lines) and not lines[0][1][0].isdecimal()
    body = lines[1:] if named or (lines and len(lines) > len(lines[0][1])) else lines
    labelled = named and len(body) < len(lines[0][1])
    cells = [(line, row[1:] if labelled else row) for line, row in body]
    if not cells:
        raise TableInvalid(file, 1, "there is no row of counts")
    for line, row in cells:
        if len(row) != len(cells) or not all(cell.isdecimal() for cell in row):
            raise TableInvalid(file, line, f"must be {len(cells)} counts, as many as rows")
    header = lines[0][1] if len(body) < len(lines) else [str(n + 1) for n in range(len(cells))]
    return Ratings.of_table(header[labelled:], [[int(cell) for cell in row] for _, row in cells])


@stats.command()
@click.option("--lot", type=COUNT, required=True, help="Decisions there are.")
@click.option("--level", type=_choice(acceptance.Level), default="II", show_default=True)
@click.option("--aql", type=SHARE, required=True, help="Errors per 100 that still pass.")
@click.option("--state", type=_choice(Inspection), default="normal", show_default=True)
@json_option
def plan(*, lot: int, level: str, aql: Fraction, state: str, as_json: bool) -> None:
    """How many decisions of a lot to review, and how many errors to accept it with.

    Single plans of MIL-STD-105E, the same as ISO 2859-1, for quality levels from 0.65 to 10. A
    lot that has fewer decisions than the plan asks for is reviewed whole.

    \b
    Example:
        gleichfall stats plan --lot 1000 --level II --aql 2.5
    """
    quality = Decimal(aql.numerator) / Decimal(aql.denominator)
    found = acceptance.single_plan(lot, quality, acceptance.Level(level), Inspection(state))
    _print(found._asdict(), as_json=as_json)


@stats.command("switching")
@_file
@click.option("--start", type=_choice(Inspection), default="normal", show_default=True)
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
    _print(
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
        raise row.wrong("result", "must be A, G or R") from None


def _yes(row: Row, column: str) -> bool:
    answer = row.text(column)
    if answer not in {"yes", "no"}:
        raise row.wrong(column, "must be yes or no")
    return answer == "yes"


@stats.command()
@_share("--baseline", "The rate all units have together.")
@_sample
@json_option
def funnel(*, baseline: Fraction, sample: int, as_json: bool) -> None:
    """Between which limits chance keeps the rate of a unit: 95 and 99.8 % of units.

    `lower95` to `upper998` are the normal approximation that public health bodies publish;
    `exact` has the same limits from the binomial distribution, which small samples need.

    \b
    Example:
        gleichfall stats funnel --baseline 0.8 --sample 50
    """
    _print(
        {
            **_funnel_limits(charts.funnel, baseline, sample),
            "exact": _funnel_limits(charts.exact_funnel, baseline, sample),
        },
        as_json=as_json,
    )


def _funnel_limits(
    make: Callable[[Fraction, int, Fraction], intervals.Interval], baseline: Fraction, sample: int
) -> dict[str, float]:
    warning, alarm = (make(baseline, sample, confidence) for confidence in (WARNING, ALARM))
    return {
        "lower95": warning.lower,
        "upper95": warning.upper,
        "lower998": alarm.lower,
        "upper998": alarm.upper,
    }


@stats.command("p-chart")
@_file
@json_option
def p_chart(*, file: Path, as_json: bool) -> None:
    """Which periods lie outside what chance makes of one common rate.

    FILE is a CSV table with the columns errors and sample and a row per period, in order; with a
    column stratum there is one chart for each. `out` counts periods from 1; `lcl` and `ucl` are
    null when the samples differ in size, `points` has the limits of each period, and null where
    too few decisions were reviewed to show it.

    \b
    Example:
        gleichfall stats p-chart months.csv
    """
    charts_of = {name: _chart(counts) for name, counts in _series(file).items()}
    _print(_by_stratum(charts_of), as_json=as_json)


def _chart(periods: Sequence[Counts]) -> dict[str, object]:
    chart = charts.p_chart(periods)
    return {
        "centre": chart.centre,
        "lcl": chart.limits and chart.limits.lower,
        "ucl": chart.limits and chart.limits.upper,
        "out": chart.out,
        "points": [
            point and {"rate": point.rate, **asdict(point.limits)} for point in chart.points
        ],
    }


@stats.command()
@_file
@_share("--usual", "The rate when all is as usual.")
@_share("--feared", "The rate that must not go unseen.")
@json_option
def cusum(*, file: Path, usual: Fraction, feared: Fraction, as_json: bool) -> None:
    """Add up, period by period, the evidence for the feared rate: finds slow drift.

    FILE is a CSV table with the columns errors and sample and a row per period, in order; with a
    column stratum there is one sum for each. A period with too few reviews to be shown is null.

    \b
    Example:
        gleichfall stats cusum months.csv --usual 0.05 --feared 0.1
    """
    sums = {
        name: {"sums": charts.cusum(counts, usual=usual, feared=feared)}
        for name, counts in _series(file).items()
    }
    _print(_by_stratum(sums), as_json=as_json)


def _series(file: Path) -> dict[str, list[Counts]]:
    """Read periods in order, by stratum; of a file without strata under an empty name."""
    table = Table.read(file, "errors", "sample")
    series: dict[str, list[Counts]] = {}
    for row in table.rows:
        stratum = row.text("stratum") if "stratum" in table.columns else ""
        series.setdefault(stratum, []).append(Counts(row.count("errors"), row.count("sample")))
    return series


def _by_stratum(figures: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    return figures[""] if list(figures) == [""] else {"strata": figures}


@stats.command("consistency")
@_file
@_share("--false-discoveries", "Share of findings that may be false.", Fraction(5, 100))
@json_option
def consistent(*, file: Path, false_discoveries: Fraction, as_json: bool) -> None:
    """Whether units decide like cases alike: Mantel-Haenszel, the mix of cases held.

    FILE is a CSV table with the columns kind, unit, errors, sample; errors may be any outcome
    that is counted, as refusals. `units` tells of each whether it differs from all others
    together; it is null where too few decisions were reviewed to show it.

    \b
    Example:
        gleichfall stats consistency units.csv
    """
    mix = _case_mix(file)
    found = consistency.differences(mix, float(false_discoveries))
    _print(consistency.as_object(consistency.homogeneity(mix), found), as_json=as_json)


def _case_mix(file: Path) -> dict[str, dict[str, Counts]]:
    mix: dict[str, dict[str, Counts]] = {}
    for row in Table.read(file, "kind", "unit", "errors", "sample").rows:
        units = mix.setdefault(row.text("kind"), {})
        if row.text("unit") in units:
            raise row.wrong("unit", f"{row.text('unit')} stands twice for {row.text('kind')}")
        units[row.text("unit")] = Counts(row.count("errors"), row.count("sample"))
    return mix


@stats.command("corrected-rate")
@_errors
@_sample
@click.option("--put-right", type=COUNT, default=0, help="Errors put right before the review.")
@click.option("--flagged", type=COUNT, nargs=2, help="Real errors, double reviews: of errors.")
@click.option("--passed", type=COUNT, nargs=2, help="Real errors, double reviews: of the rest.")
@_confidence
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
    _print(figures, as_json=as_json)


@stats.command("sampler")
@click.argument("file", required=False, type=FILE)
@click.option("--range", "bounds", type=int, nargs=2, help="Draw from the numbers A to B.")
@click.option("--seed", required=True, help="Taken as it is written: 0 and 00 differ.")
@click.option("--take", type=COUNT, required=True, help="How many to draw.")
@click.option(
    "--digits", type=click.IntRange(1, 64), default=9, show_default=True, help="Of a ticket."
)
@click.option("--replacement", is_flag=True, help="Let an id be drawn more than once.")
@click.option(
    "--method",
    type=_choice(published_samplers.Method),
    default=published_samplers.Method.CONSISTENT.value,
    show_default=True,
)
@json_option
def sample_of(
    *,
    file: Path | None,
    bounds: tuple[int, int] | None,
    seed: str,
    take: int,
    digits: int,
    replacement: bool,
    method: str,
    as_json: bool,
) -> None:
    """Repeat a draw: from the ids in FILE, one per line, or from a range of numbers.

    \b
    Examples:
        gleichfall stats sampler --seed 314159 --take 4 decisions.txt
        gleichfall stats sampler --seed 1 --take 3 --range 1 1000 --method rivest-2011
    """
    if (file is None) == (bounds is None):
        raise click.UsageError("Give either FILE or --range A B.")
    ids = _ids(file) if file else range(bounds[0], bounds[1] + 1) if bounds else ()
    if published_samplers.Method(method) is published_samplers.Method.CONSISTENT:
        drawn = published_samplers.consistent(
            ids, seed, take, digits=digits, replacement=replacement
        )
    else:
        drawn = published_samplers.rivest_2011(ids, seed, take, replacement=replacement)
    _print({"sample": [one._asdict() for one in drawn]}, as_json=as_json)


def _ids(file: Path) -> Sequence[str | int]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise TableInvalid(file, 1, "can't be read as UTF-8 text") from None
    return [line.strip() for line in lines if line.strip()]
