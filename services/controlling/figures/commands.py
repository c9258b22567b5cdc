"""`gleichfall stats period`, `reviews export`, `release`: figures of review periods."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from services.controlling.breakdowns.breakdowns import Breakdowns
from services.controlling.calculator.options import breakdowns_option, confidence_option
from services.controlling.figures import report
from services.controlling.figures.errors import BreakdownTells, DrawWithoutReviews
from services.controlling.figures.export import export_reviews
from services.controlling.figures.kept import Released
from services.controlling.figures.period import Asked, PeriodFigures, period_figures
from services.controlling.figures.period_range import periods_and_files
from services.controlling.figures.releasing import releasing
from services.controlling.figures.reviews import (
    DECISION_TYPE,
    ERRORS,
    NOT_ASKED,
    ON_THE_FILE,
    VERDICTS,
    Answer,
    read_reviews,
)
from services.controlling.figures.sample import Sample, together
from services.controlling.figures.store import Edition, sample_in_file, sample_in_register
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.commands import criteria_option
from services.controlling.policy.stratum_names import StratumNames
from shared.console import screen
from shared.console.options import FILE, OUT, json_option, language_option, organisation_option
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.web.pages.spoken import Spoken, spoken

_SERVICE = "controlling"


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
@breakdowns_option
@organisation_option
@criteria_option
@confidence_option
@language_option
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
    language: str,
    as_json: bool,
) -> None:
    """All figures of closed review periods, from the results of their reviews.

    Several periods, named one by one or as a range (2026-01..2026-06), are one figure. Results are
    read from the register, or from REVIEWS: CSV tables with the columns decision and on_the_file
    and more (docs/guide/statistics.md; `gleichfall reviews export` writes one). How many decisions
    there are, and which were drawn at random, comes from the register, too, or with --draw from
    what `gleichfall draw export` wrote.

    No count about fewer than 7 decisions is shown, but of those without an answer, and rates are in
    steps. The register tells figures once all that was drawn is reviewed or released by name, and
    ever again so. Figures of REVIEWS are for those alone who may have the files. --by is
    decision_type for the register, and of a file what can't tell of one officer: unit, group,
    direction, legal_basis, year, month, a verdict, a criterion, or a column of --breakdowns.

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
    if draws and not files:
        raise DrawWithoutReviews
    organisation = load_organisation(organisation_file)
    zone = organisation.jurisdiction.time_zone
    sample = together(_samples(keys, draws, zone))
    described: dict[str, object] = {"period": keys[0]} if len(keys) == 1 else {"periods": keys}
    if not sample.size:
        _say_nothing_decided(keys, described, language, as_json=as_json)
        return
    asked = Asked(question, frozenset(map(Answer, errors)), by, confidence, organisation.unit_now)
    released = None if files else _released(keys, asked, zone)
    if released is None:
        listed = _listed(organisation_file, breakdowns_file, criteria_file) if by else None
        figures = _of_files(sample, files, asked, listed, criteria_file)
    else:
        figures = released.figures
        described |= {"editions": dict(released.editions), "released_at": released.released_at}
    if as_json:
        described |= {"question": question, "errors": sorted(errors)}
        screen.show_json(described | report.as_object(figures))
    else:
        _print(figures, released, organisation, language)


def _print(
    figures: PeriodFigures, released: Released | None, organisation: Organisation, language: str
) -> None:
    say = spoken(language, report.FOLDER)
    names = StratumNames.told(DecisionTypes.load(), organisation, language)
    report.print_tables(figures, say, names)
    if released is None:
        click.echo(say("period.of_file"))
    else:
        click.echo(_told_since(released, organisation.jurisdiction.time_zone, say))


def _say_nothing_decided(
    keys: Sequence[str], described: dict[str, object], language: str, *, as_json: bool
) -> None:
    if as_json:
        screen.show_json(described | {"decisions": 0, "whole": None})
    else:
        click.echo(spoken(language, report.FOLDER)("period.nothing", periods=", ".join(keys)))


def _told_since(released: Released, zone: ZoneInfo, say: Spoken) -> str:
    editions = (f"{key}: {number}" for key, number in released.editions.items() if number)
    day = released.released_at.astimezone(zone).date().isoformat()
    return say("period.edition", day=day, editions=", ".join(editions))


def _of_files(
    sample: Sample,
    files: Sequence[str],
    asked: Asked,
    listed: Breakdowns | None,
    criteria_file: Path,
) -> PeriodFigures:
    """Work figures out of what a reader holds anyway."""
    always = _criteria(criteria_file).applies_always(asked.question)
    reviews = [
        one for name in files for one in read_reviews(Path(name), asked.question, always=always)
    ]
    if asked.by is not None and listed is not None:
        reviews = [replace(one, row=listed.told(asked.by, one.row)) for one in reviews]
    return period_figures(sample, reviews, asked, of_file=True)


def _released(keys: Sequence[str], asked: Asked, zone: ZoneInfo) -> Released:
    """Take figures out of the register: as they are told once and for all."""
    if asked.by not in (None, DECISION_TYPE):
        raise BreakdownTells
    types = () if asked.by is None else sorted(DecisionTypes.load().codes)

    async def work(pool: Pool) -> Released:
        async with releasing(pool, zone) as release:
            return await release.figures(keys, asked, types)

    return asyncio.run(on_database(_SERVICE, work))


def _criteria(file: Path) -> Criteria:
    return Criteria.load(DecisionTypes.load(), file)


def _listed(
    organisation_file: Path, breakdowns_file: Path | None, criteria_file: Path
) -> Breakdowns:
    questions = (*VERDICTS, *(one.code for one in _criteria(criteria_file).criteria))
    listed = Breakdowns.of(load_organisation(organisation_file), breakdowns_file)
    return listed.among(questions, (*Answer, NOT_ASKED))


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


@reviews.command(name="release")
@click.argument("period_key", metavar="PERIOD")
@organisation_option
@language_option
def release_command(period_key: str, organisation_file: Path, language: str) -> None:
    """Release figures of PERIOD now, although reviews of it may be open; leadership decides it.

    Figures of a closed period are released by themselves once all that was drawn is reviewed. What
    is released stays: a review that is signed or changed later enters a new edition, which there is
    only when 7 decisions or more have another answer. That it was released is noted in the log.

    Example: gleichfall reviews release 2026-05
    """
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> Edition:
        async with releasing(pool, zone) as release:
            return await release.by_name(period_key)

    edition = asyncio.run(on_database(_SERVICE, work))
    say = spoken(language, report.FOLDER)
    click.echo(say("period.released", period=period_key, number=edition.number))
