"""Whether reviewers agree, and whether units and periods differ by more than chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import click

from services.controlling.breakdowns.breakdowns import require_no_person
from services.controlling.calculator.answer import print_figures
from services.controlling.calculator.options import (
    choice,
    confidence_option,
    overdispersion_option,
    sample_option,
    share_option,
    table_argument,
)
from services.controlling.statistics import (
    agreement,
    change,
    charts,
    consistency,
    intervals,
)
from services.controlling.statistics.agreement import Level, Ratings
from services.controlling.statistics.charts import ALARM, WARNING, Counts
from services.controlling.statistics.errors import (
    AgreementUndefined,
    TableInvalid,
)
from services.controlling.statistics.intervals import Method
from services.controlling.statistics.tables import Table, cells_of
from shared.console.numbers import COUNT
from shared.console.options import json_option


@click.command("agreement")
@table_argument
@click.option("--table", "square", is_flag=True, help="FILE counts pairs of answers.")
@click.option(
    "--level",
    type=choice(Level),
    default=Level.NOMINAL.value,
    show_default=True,
    help="Whether alpha takes the answers as ordered; the others never do.",
)
@confidence_option
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
    print_figures(figures, as_json=as_json)


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


@click.command()
@click.option("--before", nargs=2, type=COUNT, required=True, help="Errors, and reviews.")
@click.option("--after", nargs=2, type=COUNT, required=True, help="The same of later ones.")
@click.option(
    "--method",
    type=click.Choice([Method.CLOPPER_PEARSON.value, Method.WILSON.value]),
    default=Method.CLOPPER_PEARSON.value,
    show_default=True,
    help="How the interval of each rate is made.",
)
@confidence_option
@json_option
def difference(
    *,
    before: tuple[int, int],
    after: tuple[int, int],
    method: str,
    confidence: Fraction,
    as_json: bool,
) -> None:
    """By how much a rate has changed: later less earlier, with its interval.

    The same as on the page of a measure, where all its decisions are of one stratum.

    \b
    Example:
        gleichfall stats difference --before 12 40 --after 1 40
    """
    limits = [
        intervals.interval(*counts, confidence=confidence, method=Method(method))[0]
        for counts in (before, after)
    ]
    first, second = (errors / sample for errors, sample in (before, after))
    found = change.difference(first, limits[0], second, limits[1])
    print_figures(
        {"before": first, "after": second, "difference": second - first, **asdict(found)},
        as_json=as_json,
    )


@click.command()
@share_option("--baseline", "The rate all units have together.")
@sample_option
@json_option
def funnel(*, baseline: Fraction, sample: int, as_json: bool) -> None:
    """Between which limits chance keeps the rate of a unit: 95 and 99.8 % of units.

    `lower95` to `upper998` are the normal approximation that public health bodies publish;
    `exact` has the same limits from the binomial distribution, which small samples need.

    \b
    Example:
        gleichfall stats funnel --baseline 0.8 --sample 50
    """
    print_figures(
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


@click.command("p-chart")
@table_argument
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
    print_figures(_by_stratum(charts_of), as_json=as_json)


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


@click.command()
@table_argument
@share_option("--usual", "The rate when all is as usual.")
@share_option("--feared", "The rate that must not go unseen.")
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
    print_figures(_by_stratum(sums), as_json=as_json)


def _series(file: Path) -> dict[str, list[Counts]]:
    """Read periods in order, by stratum; of a file without strata under an empty name."""
    table = Table.read(file, "errors", "sample")
    if "stratum" in table.columns:
        require_no_person("stratum", table.rows)
    series: dict[str, list[Counts]] = {}
    for row in table.rows:
        stratum = row.text("stratum") if "stratum" in table.columns else ""
        series.setdefault(stratum, []).append(Counts(row.count("errors"), row.count("sample")))
    return series


def _by_stratum(figures: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    return figures[""] if list(figures) == [""] else {"strata": figures}


@click.command("consistency")
@table_argument
@share_option("--false-discoveries", "Share of findings that may be false.", Fraction(5, 100))
@overdispersion_option
@json_option
def consistent(
    *, file: Path, false_discoveries: Fraction, overdispersion: bool, as_json: bool
) -> None:
    """Whether units decide like cases alike: Mantel-Haenszel, the mix of cases held.

    FILE is a CSV table with the columns kind, unit, errors, sample; errors may be any outcome
    that is counted, as refusals. `units` tells of each whether it differs from all others
    together; it is null where too few decisions were reviewed to show it. `between_units` is the
    variance of their rates beyond chance.

    \b
    Example:
        gleichfall stats consistency units.csv
    """
    mix = _case_mix(file)
    found = consistency.differences(mix, float(false_discoveries), widened=overdispersion)
    print_figures(consistency.as_object(consistency.homogeneity(mix), found), as_json=as_json)


def _case_mix(file: Path) -> dict[str, dict[str, Counts]]:
    rows = Table.read(file, "kind", "unit", "errors", "sample").rows
    require_no_person("kind", rows)
    require_no_person("unit", rows)
    mix: dict[str, dict[str, Counts]] = {}
    for row in rows:
        units = mix.setdefault(row.text("kind"), {})
        if row.text("unit") in units:
            raise row.wrong("unit", f"{row.text('unit')} stands twice for {row.text('kind')}")
        units[row.text("unit")] = Counts(row.count("errors"), row.count("sample"))
    return mix
