"""`gleichfall frame`: is every decision in the sampling frame, and which are still owed?"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from services.controlling.completeness.comparison import Completeness
from services.controlling.completeness.dilution import Limits
from services.controlling.completeness.errors import FindingUnknown, FrameIncomplete
from services.controlling.completeness.findings import Finding
from services.controlling.completeness.misspelt import UnlistedType
from services.controlling.completeness.store import (
    check_frame,
    days_held,
    late_reasons,
    unlisted_types,
)
from services.controlling.completeness.store import settle as settle_finding
from shared.console import screen
from shared.console.lazy_group import LazyGroup, Subcommand
from shared.console.numbers import COUNT
from shared.console.options import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    answerable,
    between,
    json_option,
    organisation_option,
)
from shared.events.vocabulary import LateReason
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

_LIMITS = Limits()


class Checked(NamedTuple):
    """All that `check` tells.

    Attributes:
        others: The days of the decisions that the frame holds, where it holds none of those asked.
    """

    frame: Completeness
    unlisted: list[UnlistedType]
    late: dict[LateReason, int]
    others: tuple[date, date] | None

    @property
    def as_object(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            **asdict(self.frame),
            "unlisted": [one._asdict() for one in self.unlisted],
            "late_reasons": self.late,
            "footnotes": self.frame.footnotes,
        }

    @property
    def lines(self) -> Iterator[str]:
        """Give it for people: footnotes, then what these don't name."""
        yield f"the frame holds {self.frame.decisions:,} decisions"
        if self.others is not None:
            first, last = self.others
            yield f"it holds none of these days: all it holds are of {first} to {last}"
        yield from self.frame.footnotes
        if self.frame.repeats:
            yield f"sent again, and taken off what intake counted: {self.frame.repeats:,}"
        yield from _named(self.frame)
        yield from (one.said for one in self.unlisted)
        for reason, decisions in self.late.items():
            yield f"told long after their day: {decisions}, because: {reason}"


def _named(found: Completeness) -> Iterator[str]:
    """Tell operators what footnotes don't: who settled what, which case and which source."""
    for one in found.findings:
        if (told := one.settlement) is not None:
            yield f"{one.name} settled by {told.by} on {told.at:%Y-%m-%d}: {told.because}"
    if found.dilution is None:
        return
    for case in found.dilution.cases:
        yield f"{case.case_ref}: {case.decisions} decisions in {case.period}"
    for hour in found.dilution.hours:
        yield (
            f"{hour.source}: {hour.decisions} decisions of {hour.period} within the hour of "
            f"{hour.hour.astimezone(UTC):%Y-%m-%d %H:00} UTC"
        )


# What waits for a decision isn't in the frame, and stands on a floor above: named, not imported.
_OVERDUE = Subcommand(
    "services.controlling.triggers.commands:overdue", "List cases that wait too long for theirs."
)


@click.group(name="frame", cls=LazyGroup, table={"overdue": _OVERDUE})
def frame() -> None:
    """See whether the sampling frame holds every decision."""


@frame.command()
@click.option("--from", "first", type=DAY, default=FIRST_DAY, help="First day; all by default.")
@click.option("--to", "last", type=DAY, default=LAST_DAY, help="Last day.")
@click.option(
    "--in-case",
    type=COUNT,
    default=_LIMITS.in_case,
    show_default=True,
    help="More decisions of one case in a period are shown.",
)
@click.option(
    "--in-hour",
    type=COUNT,
    default=_LIMITS.in_hour,
    show_default=True,
    help="More decisions of a period from one source within an hour are shown.",
)
@organisation_option
@json_option
def check(
    *,
    first: datetime,
    last: datetime,
    in_case: int,
    in_hour: int,
    organisation_file: Path,
    as_json: bool,
) -> None:
    """Compare the frame with what intake accepted and what source systems counted.

    By unit and week; days stand for their weeks. Each gap is a footnote to every figure of its
    week. Exits with 1 when there is one in a week that is over. Of the running week counts come
    every few minutes: what differs there is told as running, and nothing is wrong.

    Exits with 1, too, while nobody has settled where two counts of a week differ, or a decision
    that came under the id of another one: both are kept, and `settle` says what became of them.

    Listed for correction are types that the catalogue doesn't have: they are drawn like the most
    looked at of their direction. Shown is what may dilute a draw: many decisions of one case, or
    from one source within an hour.

    \b
    --json prints one object:
        decisions  how many the frame holds
        gaps       week (as 2026-W19), unit, counted_by, counted, held
        running    the same of the week that isn't over
        uncounted  by who counts: the weeks and units of the frame they left out
        findings   name, said; settlement: null, or by, because, at
        dilution   cases, hours: where more came than the limits say
        repeats    how many decisions were sent again: intake counts them, source systems don't
        unlisted   code, decisions, nearest: types outside the catalogue
        late_reasons  how many say why they were told long after their day, by what they say
        footnotes  what stands beneath figures, as text

    Example: gleichfall frame check --from 2026-05-01 --to 2026-05-31
    """
    days = between(first.date(), last.date())
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> Checked:
        limits = Limits(in_case=in_case, in_hour=in_hour)
        async with pool.acquire() as connection:
            found = await check_frame(connection, *days, zone, limits)
            return Checked(
                found,
                await unlisted_types(connection, *days, zone, DecisionTypes.load()),
                await late_reasons(connection, *days, zone),
                None if found.decisions else await days_held(connection, zone),
            )

    checked = asyncio.run(on_database("controlling", work))
    found = checked.frame
    if as_json:
        screen.show_json(checked.as_object)
    else:
        for line in checked.lines:
            click.echo(line)
    if found.faults:
        raise FrameIncomplete(len(found.gaps), found.faults - len(found.gaps))


@frame.command()
@click.argument("names", metavar="FINDING...", nargs=-1, required=True)
@organisation_option
@answerable
def settle(
    *, names: Sequence[str], organisation_file: Path, by: str, reason: str, dry_run: bool
) -> None:
    """Say what became of findings, by the names that `check` calls them.

    Nothing is changed in the frame: two decisions stay two, counts stay as they were sent. What
    changes afterwards, as a new count, is found anew.

    \b
    Example:
        gleichfall frame settle 2026-W19/unit-2 --by ops-7 --reason "ADVIS counted drafts"
    """
    zone = load_organisation(organisation_file).jurisdiction.time_zone
    first, last = (date.fromisoformat(day) for day in (FIRST_DAY, LAST_DAY))

    async def work(pool: Pool) -> list[Finding]:
        async with pool.acquire() as connection, connection.transaction():
            found = await check_frame(connection, first, last, zone, _LIMITS)
            known = {one.name: one for one in found.findings}
            for name in names:
                if name not in known:
                    raise FindingUnknown(name)
                if not dry_run and known[name].settlement is None:
                    await settle_finding(connection, known[name], by, reason)
            return [known[name] for name in names]

    for one in asyncio.run(on_database("controlling", work)):
        now = "would be settled now" if dry_run else "is settled now"
        click.echo(f"{one.name} {'is settled already' if one.settlement else now}")
