"""`gleichfall policy preview`: what a policy would draw, before it holds."""

import asyncio
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import click

from services.controlling.forecast.preview import Preview
from services.controlling.forecast.preview import preview as foresee
from services.controlling.forecast.printing import FOLDER, Printer, as_object
from services.controlling.forecast.store import count_register, read_history
from services.controlling.policy.commands import read
from services.controlling.policy.policy import Policy
from services.controlling.policy.stratum_names import StratumNames
from shared.console import screen
from shared.console.numbers import SHARE
from shared.console.options import DAY, FILE, json_option, language_option, organisation_option
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.web.pages.spoken import spoken


@click.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--from", "first", type=DAY, required=True, help="The first day to look at.")
@click.option("--to", "last", type=DAY, required=True, help="The last day.")
@click.option("--half-width", type=SHARE, help="Also the rates needed for it, e.g. 0.05 for ±5 %.")
@click.option("--weeks", "by_week", is_flag=True, help="Also each stratum week by week.")
@organisation_option
@language_option
@json_option
def preview(
    *,
    file: Path,
    first: datetime,
    last: datetime,
    organisation_file: Path,
    half_width: Fraction | None,
    by_week: bool,
    language: str,
    as_json: bool,
) -> None:
    """Show what FILE would have drawn from the register between two days.

    First all that it would put before reviewers in a week, by what asks for it (certainty, chance,
    minimum, second reviews, triggers, twins), beside the hours that the organisation file says
    there are (`staff.review_hours`), and what to change where it doesn't fit.

    Then per stratum and week: how many decisions would be expected in the sample, the hours their
    reviews take, and how far a report on all these periods would reach to each side. Chances are
    counted, not tickets, so that nothing is told about a draw whose seed is still secret. With
    --half-width the reverse: rates that give a wanted precision to each stratum, and to the whole
    with the fewest reviews (Neyman) or by size.

    Example: gleichfall policy preview next.yaml --from 2026-01-01 --to 2026-03-31 --half-width 0.05
    """
    organisation = load_organisation(organisation_file)
    if half_width is not None and not 0 < half_width < 1:
        raise click.BadParameter("write a share above 0 and below 1, like 0.05")
    draft = read(file, organisation)
    days = (first.date(), last.date())
    found = _counted(draft, *days, organisation)
    if as_json:
        screen.show_json(as_object(found, *days, half_width))
        return
    _printer(organisation, language).print_tables(found, by_week=by_week, wanted=half_width)


@click.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--from", "first", type=DAY, required=True, help="The first day to look at.")
@click.option("--to", "last", type=DAY, required=True, help="The last day.")
@organisation_option
@language_option
def load(
    file: Path, first: datetime, last: datetime, organisation_file: Path, language: str
) -> None:
    """Show all that FILE would have put before reviewers in a week; `policy check` says it."""
    organisation = load_organisation(organisation_file)
    found = _counted(read(file, organisation), first.date(), last.date(), organisation)
    _printer(organisation, language).print_load(found)


def _counted(draft: Policy, first: date, last: date, organisation: Organisation) -> Preview:
    async def work(pool: Pool) -> Preview:
        zone = organisation.jurisdiction.time_zone
        with screen.counting("counting", "periods") as progressed:
            register = await count_register(
                pool, draft, first, last, zone=zone, progressed=progressed
            )
        groups = organisation.groups_of_services
        history = await read_history(pool, first, last, zone=zone, groups=groups)
        return foresee(draft, register, history, DecisionTypes.load(), organisation)

    return asyncio.run(on_database("controlling", work))


def _printer(organisation: Organisation, language: str) -> Printer:
    names = StratumNames.told(DecisionTypes.load(), organisation, language)
    return Printer(spoken(language, FOLDER), names)
