"""`gleichfall stats period`, `rates`, `twins`, `reviews export`: figures from reviews and cases."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from services.controlling.breakdowns.breakdowns import Breakdowns
from services.controlling.calculator.options import overdispersion_option
from services.controlling.figures import rates as case_table
from services.controlling.figures import report
from services.controlling.figures.cases import read_cases
from services.controlling.figures.errors import QuestionUnknown
from services.controlling.figures.export import export_reviews
from services.controlling.figures.period import Asked, period_figures
from services.controlling.figures.period_range import periods_and_files
from services.controlling.figures.rates import Wanted, case_rates
from services.controlling.figures.reviews import (
    ERRORS,
    NOT_ASKED,
    ON_THE_FILE,
    VERDICTS,
    Answer,
    Review,
    read_reviews,
)
from services.controlling.figures.sample import Sample, together
from services.controlling.figures.store import (
    reviews_in_register,
    sample_in_file,
    sample_in_register,
)
from services.controlling.figures.twins import Likeness
from services.controlling.figures.twins import twins as find_twins
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.commands import criteria_option
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE
from shared.console import screen
from shared.console.numbers import SHARE
from shared.console.options import FILE, OUT, json_option, organisation_option
from shared.errors import PermanentError
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

_SERVICE = "controlling"
_confidence = click.option("--confidence", type=SHARE, default=CONFIDENCE, help="By default 0.95.")
_breakdowns = click.option(
    "--breakdowns",
    "breakdowns_file",
    type=FILE,
    envvar="GLEICHFALL_BREAKDOWNS",
    help="More columns to break down by, with their values; also from GLEICHFALL_BREAKDOWNS.",
)
_where = click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Only these cases; can be repeated."
)


@click.command()
@click.argument("words", metavar="PERIOD... [REVIEWS]...", nargs=-1, required=True)
@click.option(
    "--draw",
    "draws",
    type=FILE,
    multiple=True,
    help="Take the draw from this export, not the register; one for each period.",
)
@click.option(
    "--question", default=ON_THE_FILE, show_default=True, help="Column: a verdict or a criterion."
)
@click.option(
    "--error",
    "errors",
    multiple=True,
    type=click.Choice([one.value for one in Answer][1:-1]),
    default=sorted(one.value for one in ERRORS),
    show_default=True,
    help="Answers that count as an error; can be repeated.",
)
@click.option("--by", help="Break down by this listed column of the reviews, too.")
@_breakdowns
@organisation_option
@criteria_option
@_confidence
@json_option
def period(
    *,
    words: tuple[str, ...],
    draws: tuple[Path, ...],
    question: str,
    errors: Sequence[str],
    by: str | None,
    breakdowns_file: Path | None,
    organisation_file: Path,
    criteria_file: Path,
    confidence: Fraction,
    as_json: bool,
) -> None:
    """All figures of closed review periods, from the results of their reviews.

    Several periods, named one by one or as a range (2026-01..2026-06), are one figure: each
    stratum of each period weighs what it holds. Results are read from the register, or from
    REVIEWS: CSV tables with the columns decision and on_the_file, and a row per reviewed decision;
    on_the_facts, second, settled, put_right, criteria and more columns may be there
    (docs/guide/statistics.md tells them; `gleichfall reviews export` writes one). How many
    decisions there are, and which were drawn at random, comes from the register, too, or with
    --draw from what `gleichfall draw export` wrote.

    Shown are no counts about fewer than 7 decisions, and rates in steps, as finely as tells nobody
    what was found in so few. --by is what
    can't tell of one officer: unit, decision_type, group, direction, legal_basis, year, month, a
    verdict, a criterion, or a column of --breakdowns.

    \b
    Examples:
        gleichfall stats period 2026-05
        gleichfall stats period 2026-01..2026-06
        gleichfall stats period 2026-05 reviews.csv --draw draw.jsonl
        gleichfall stats period 2026-05 --question F2 --error minor_error --json
    """
    keys, files = periods_and_files(words)
    if not keys:
        raise click.UsageError("name a PERIOD, as 2026-05")
    organisation = load_organisation(organisation_file)
    zone = organisation.jurisdiction.time_zone
    sample = together(_samples(keys, draws, zone))
    described: dict[str, object] = {"period": keys[0]} if len(keys) == 1 else {"periods": keys}
    if not sample.size:
        _say_nothing_decided(keys, described, as_json=as_json)
        return
    reviews = _written(files, question, criteria_file) if files else _reviews(keys, question)
    if by is not None:
        questions = (*VERDICTS, *(one.code for one in _criteria(criteria_file).criteria))
        listed = _listed(organisation_file, breakdowns_file).among(questions, (*Answer, NOT_ASKED))
        reviews = [replace(one, row=listed.told(by, one.row)) for one in reviews]
    asked = Asked(question, frozenset(map(Answer, errors)), by, confidence, organisation.unit_now)
    figures = period_figures(sample, reviews, asked)
    if as_json:
        described |= {"question": question, "errors": sorted(errors)}
        screen.show_json(described | report.as_object(figures))
    else:
        report.print_tables(figures)


def _criteria(file: Path) -> Criteria:
    return Criteria.load(DecisionTypes.load(), file)


def _listed(organisation_file: Path, breakdowns_file: Path | None) -> Breakdowns:
    return Breakdowns.of(load_organisation(organisation_file), breakdowns_file)


def _say_nothing_decided(
    keys: Sequence[str], described: dict[str, object], *, as_json: bool
) -> None:
    if as_json:
        screen.show_json(described | {"decisions": 0, "whole": None})
    else:
        click.echo(f"nothing was decided in {', '.join(keys)}: there are no figures")


def _written(files: Sequence[str], question: str, criteria_file: Path) -> list[Review]:
    always = _criteria(criteria_file).applies_always(question)
    return [one for name in files for one in read_reviews(Path(name), question, always=always)]


def _reviews(keys: Sequence[str], question: str) -> list[Review]:
    """Read what the register has; of several periods some may not be reviewed yet."""

    async def work(pool: Pool) -> list[Review]:
        found: list[Review] = []
        nothing: PermanentError | None = None
        for key in keys:
            try:
                found += await reviews_in_register(pool, key, question)
            except (NothingReviewed, QuestionUnknown) as error:
                nothing = error
        if nothing is not None and not found:
            raise nothing
        return found

    return asyncio.run(on_database(_SERVICE, work))


def _samples(keys: Sequence[str], draws: Sequence[Path], zone: ZoneInfo) -> dict[str, Sample]:
    """Read the draws, from files if there are any."""
    if not draws:

        async def work(pool: Pool) -> dict[str, Sample]:
            return {key: await sample_in_register(pool, key, zone) for key in keys}

        return asyncio.run(on_database(_SERVICE, work))
    found = dict(_of_asked(draw, keys) for draw in draws)
    if lacking := [key for key in keys if key not in found]:
        raise click.UsageError(f"--draw lacks the draw of {', '.join(lacking)}")
    return {key: found[key] for key in keys}


def _of_asked(draw: Path, keys: Sequence[str]) -> tuple[str, Sample]:
    key, sample = sample_in_file(draw)
    if key not in keys:
        raise click.UsageError(f"{draw} is the draw of {key}, not of {', '.join(keys)}")
    return key, sample


@click.group()
def reviews() -> None:
    """Take what reviews found out of the system."""


@reviews.command(name="export")
@click.argument("period_key", metavar="PERIOD")
@click.option("--out", type=OUT, required=True, help="The file to write (CSV).")
def export_command(period_key: str, out: Path) -> None:
    """Write what the signed reviews of PERIOD found, a row per decision.

    The file is what `gleichfall stats period` reads, so that an outsider repeats each figure. It
    names nobody and holds no comment, but a verdict on every single decision: hand it to auditors
    only. While one of two blind reviews isn't signed, its decision isn't in it.

    Example: gleichfall reviews export 2026-05 --out reviews.csv
    """
    written = asyncio.run(on_database(_SERVICE, lambda pool: export_reviews(pool, period_key, out)))
    click.echo(f"wrote {written} reviewed decisions of {period_key} to {out}")


@click.command()
@click.argument("file", metavar="CASES", type=FILE)
@click.option("--outcome", required=True, help="Column of what is counted: yes or no.")
@click.option("--by", required=True, help="Column of the groups.")
@click.option("--alike", multiple=True, help="Column in which compared cases are the same.")
@click.option("--in-order", is_flag=True, help="Groups are periods: chart them.")
@_where
@_breakdowns
@organisation_option
@click.option(
    "--false-discoveries",
    type=SHARE,
    default=Fraction(5, 100),
    help="Share of the groups found to differ that may be false; by default 0.05.",
)
@overdispersion_option
@_confidence
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
    listed = _listed(organisation_file, breakdowns_file)
    cases = read_cases(file, _conditions(where), (outcome, by, *alike), listed)
    found = case_rates([listed.told(by, one) for one in cases], wanted)
    if as_json:
        screen.show_json(found.figures())
    else:
        case_table.print_tables(found)


@click.command()
@click.argument("file", metavar="CASES", type=FILE)
@click.option("--alike", multiple=True, required=True, help="Column in which twins are the same.")
@click.option("--outcome", required=True, help="Column in which they are opposite: yes and no.")
@click.option("--on", default="decided_on", show_default=True, help="Column of the day.")
@click.option("--within", type=click.IntRange(min=0), default=30, show_default=True, help="Days.")
@_where
@_breakdowns
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
    listed = _listed(organisation_file, breakdowns_file)
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
