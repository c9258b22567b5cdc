"""`gleichfall simulate`: an invented authority instead of real source systems."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import click
from click.core import ParameterSource
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

from services.intake.client import IntakeClient
from services.intake.outcome import BatchOutcome
from services.intake.simulation.assumptions import PACKAGED, load_assumptions
from services.intake.simulation.batch import Batch, batches
from services.intake.simulation.delivery import Delivered, ToFile, ToIntake, deliver
from services.intake.simulation.errors import EventsRefused, SimulationInterrupted
from services.intake.simulation.generator import generate
from services.intake.simulation.tally import Tally
from shared.console import screen
from shared.console.numbers import FiniteRange
from shared.console.options import FILE, Day, json_option, organisation_option
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.security.secrets import SecretName, SecretStore

RATE = FiniteRange(0, 100, min_open=True)
FIRST_DAY = date(2026, 1, 5)


@click.command(name="simulate")
@click.option("--weeks", type=click.IntRange(1, 520), default=4, show_default=True)
@click.option(
    "--rate",
    type=RATE,
    default=1.0,
    show_default=True,
    help="Applications and calls relative to a realistic number.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
@click.option(
    "--start",
    type=Day("1971-01-01"),  # ids hold the time since 1970
    default=f"{FIRST_DAY}",
    show_default=True,
    help="First day.",
)
@organisation_option
@click.option(
    "--assumptions",
    "assumptions_file",
    type=FILE,
    envvar="GLEICHFALL_ASSUMPTIONS",
    default=PACKAGED,
    help="What the authority is like; what comes with the simulator if left out.",
)
@click.option("--url", envvar="INTAKE_URL", help="Address of intake; also from INTAKE_URL.")
@click.option("--out", type=click.File("wb"), help="Write the events there, one per line.")
@click.option("--truth", type=click.File("wb"), help="Write what is really wrong there.")
@json_option
def simulate(
    *,
    weeks: int,
    rate: float,
    seed: int,
    start: datetime,
    organisation_file: Path,
    assumptions_file: Path,
    url: str | None,
    out: BinaryIO | None,
    truth: BinaryIO | None,
    as_json: bool,
) -> None:
    """Invent the weeks of an authority, and send them to intake or write them to a file.

    The authority is the one of the organisation file: its units, offices, hours, services and
    filled posts. Applicants apply, book, miss and attend appointments, forget documents, get
    decisions of all types and directions, appeal and sue; telephones ring; errors are made at
    known rates. No event says which: the truth goes to the file of --truth, one line of JSON per
    decision, so that estimates can be checked against it.

    \b
    Examples:
        gleichfall simulate --weeks 2 --url http://127.0.0.1:8080
        gleichfall simulate --weeks 8 --seed 7 --out events.ndjson --truth truth.ndjson
        gleichfall simulate --rate 10 --weeks 4      load, with ten times the applications

    The same options give the same bytes, so running it again, also after Ctrl-C, doubles nothing:
    what intake has comes back as duplicate. More weeks continue the same history; a higher rate
    adds cases to it. Another organisation file needs another seed.

    The token is read from $GLEICHFALL_SECRETS_DIR; --out needs none and holds no contacts.
    """
    source = click.get_current_context().get_parameter_source("url")
    if out is not None and source is ParameterSource.ENVIRONMENT:
        url = None  # a running stack names its intake there; --out was said now
    if (url is None) == (out is None):
        raise click.UsageError("where to? Give either --url (or INTAKE_URL) or --out")
    first = start.date()
    if url is not None and first + timedelta(weeks=weeks) > datetime.now(UTC).date():
        raise click.UsageError("intake takes no events of the future: an earlier --start, please")
    organisation = load_organisation(organisation_file)
    stream = batches(
        generate(
            organisation,
            DecisionTypes.load(),
            weeks=weeks,
            rate=rate,
            seed=seed,
            start=first,
            assumptions=load_assumptions(assumptions_file),
        )
    )
    tally = _play(stream, url, out, truth, first=first, weeks=weeks)
    _report(tally, sent=url is not None, as_json=as_json)


def _play(
    stream: Iterator[Batch],
    url: str | None,
    out: BinaryIO | None,
    truth: BinaryIO | None,
    *,
    first: date,
    weeks: int,
) -> Tally:
    tally = Tally()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} days"),
        TextColumn("{task.fields[events]:,} events"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
    )
    with screen.progress(*columns) as progress:
        task = progress.add_task("simulating", total=weeks * 7, events=0, rate=0.0)

        def delivered(batch: Batch, outcome: BatchOutcome) -> None:
            tally.add(batch, outcome)
            if truth is not None:
                truth.writelines(batch.truths)
            days = 0 if batch.until is None else (batch.until.date() - first).days
            elapsed = progress.tasks[task].elapsed or 1.0
            progress.update(task, completed=days, events=tally.events, rate=tally.events / elapsed)

        try:
            asyncio.run(_deliver(stream, url, out, delivered))
        except KeyboardInterrupt:
            raise SimulationInterrupted from None
    return tally


async def _deliver(
    stream: Iterator[Batch], url: str | None, out: BinaryIO | None, delivered: Delivered
) -> None:
    if url is None:
        assert out is not None  # one of the two was given
        await deliver(stream, ToFile(out), delivered)
        return
    token = SecretStore.from_environment().text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(url, token) as client:
        await deliver(stream, ToIntake(client), delivered)


def _report(tally: Tally, *, sent: bool, as_json: bool) -> None:
    counts = tally.counts()
    if not sent:
        for name in ("accepted", "duplicate", "refused"):
            del counts[name]
    if as_json:
        screen.show_json(counts)
    else:
        click.echo(", ".join(f"{name}: {count:,}" for name, count in counts.items()))
    if tally.refused:
        raise EventsRefused(
            f"intake refused {tally.refused:,} events, the first because of "
            f"{tally.first_refusal}; with a changed organisation file, take another --seed"
        )
