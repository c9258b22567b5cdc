"""`gleichfall import`."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click

from services.intake.client import IntakeClient, IntakeRefused, IntakeUnavailable
from services.intake.importers.cases.case_table import tabulate
from services.intake.importers.errors import (
    EventsRefused,
    ImportInterrupted,
    LogBroken,
    LogUnusable,
    MappingChanged,
)
from services.intake.importers.inspection.inspection import Inspection, look_through, opened
from services.intake.importers.inspection.order import sorted_by_time
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import Told, open_log
from services.intake.importers.logs.progress import progress
from services.intake.importers.mapping.mapping import LogMapping, Sort, known_encoding
from services.intake.importers.mapping.mapping_files import load_mapping
from services.intake.importers.mapping.recognition import recognise
from services.intake.importers.proposal.proposal import propose_mapping
from services.intake.importers.sending.fate import Fate, Tally
from services.intake.importers.sending.refusals import Refusals
from services.intake.importers.sending.report import as_object, print_table
from services.intake.importers.sending.transfer import Intake, Rehearsal, Transfer
from services.intake.importers.sending.vanished import Vanished
from services.intake.importers.translation.translation import Translator
from shared.console import screen
from shared.console.options import FILE, OUT, json_option
from shared.errors import GleichfallError
from shared.security.pseudonyms import Pseudonymiser
from shared.security.secrets import DIRECTORY_VARIABLE, KEY_BYTES, SecretName, SecretStore


@click.command(name="import")
@click.argument("file", type=FILE)
@click.option("--mapping", "mapping_path", type=FILE, help="Mapping file for this log.")
@click.option("--url", envvar="INTAKE_URL", help="Address of intake.")
@click.option("--dry-run", is_flag=True, help="Map and validate only; send nothing.")
@json_option
@click.option("--propose", is_flag=True, help="Print a proposed mapping for FILE instead.")
@click.option("--encoding", help="Of its text, if the proposal shall not find it out.")
@click.option("--out", type=OUT, help="Write the proposal there, not to the screen.")
@click.option("--refused", type=OUT, help="Write a table of all refused events there.")
@click.option("--gone", type=OUT, help="Write a table of what was sent before and is gone there.")
@click.option("--cases", type=OUT, help="Write a table with a row per case; send nothing.")
def import_log(
    file: Path,
    mapping_path: Path | None,
    url: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    propose: bool,
    encoding: str | None,
    out: Path | None,
    refused: Path | None,
    gone: Path | None,
    cases: Path | None,
) -> None:
    """Send the event log FILE to intake as our events.

    FILE is .xes, .json (OCEL 2.0), .csv or .tsv, plain or .gz, or .xlsx. A mapping says what
    its activities mean. Shipped ones are found; for any other log, start with a proposal:

    \b
      gleichfall import --propose log.csv --out log.yaml
      gleichfall import --mapping log.yaml --dry-run log.csv
      gleichfall import --mapping log.yaml log.csv

    With --cases it writes what `gleichfall stats rates` and `twins` read: a row per case, with the
    columns that the mapping has under `cases`.

    Every event of the log ends as accepted, duplicate, changed (it was sent with other content,
    which stands), ignored (the mapping says why) or refused (the table says why), and the five add
    up to the events read. Running it again, also after Ctrl-C or with a later export, doubles
    nothing: what intake has comes back as duplicate. Cases and officers leave this command as
    pseudonyms only.

    The table of refusals names the first lines of each reason; --refused writes all of them to a
    file (CSV: line, activity, reason). --gone does so for what an earlier export had and this one
    hasn't (CSV: case, number, type, id, line where the case begins).

    Exit code: 0 when the whole log is accounted for, even with refusals by the mapping; 1 when the
    log or intake failed, intake refused events or a changed mapping would change what was sent; 2
    for wrong options; 130 after Ctrl-C.

    The token and the pseudonym key are read from $GLEICHFALL_SECRETS_DIR; a dry run needs neither.
    """
    if propose:
        _propose(file, encoding, out)
        return
    if cases is not None:
        _tabulate(
            file, recognise(file) if mapping_path is None else load_mapping(mapping_path), cases
        )
        return
    _check_intake(url, gone, dry_run=dry_run)
    mapping = recognise(file) if mapping_path is None else load_mapping(mapping_path)
    with ExitStack() as files:
        tally = Tally(refusals=Refusals(_table(refused, files)))
        told = _table(gone, files)
        vanished = None if told is None else Vanished(told)
        run = _Run(file, mapping, None if dry_run else url, tally, vanished)
        _import(run, as_json=as_json)


def _check_intake(url: str | None, gone: Path | None, *, dry_run: bool) -> None:
    if url is None and not dry_run:
        raise click.UsageError(
            "no intake: 'gleichfall up' starts one, --url names another, --dry-run needs none"
        )
    if gone is not None and dry_run:
        raise click.UsageError("a dry run asks nobody what was sent before; leave --gone out")


@dataclass(frozen=True, slots=True)
class _Run:
    """One import: what of, to where, and what is told of it."""

    file: Path
    mapping: LogMapping
    url: str | None
    tally: Tally
    vanished: Vanished | None


def _table(path: Path | None, files: ExitStack) -> TextIO | None:
    if path is None:
        return None
    return files.enter_context(path.open("w", encoding="utf-8", newline=""))


def _propose(file: Path, encoding: str | None, out: Path | None) -> None:
    try:
        known = None if encoding is None else known_encoding(encoding)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with open_log(file, Told(encoding=known)) as log, progress(log) as events:
        proposal = propose_mapping(file, events, known)
    if out is None:
        click.echo(proposal, nl=False)
        return
    if out.exists():
        raise click.UsageError(f"{out} exists; its mapping is not overwritten")
    out.write_text(proposal, encoding="utf-8")
    click.echo(f"proposed mapping written to {out}; complete it where it says so", err=True)


def _tabulate(file: Path, mapping: LogMapping, out: Path) -> None:
    """Write the cases; a key of this run alone makes their pseudonyms when there is no other."""
    rehearsal = DIRECTORY_VARIABLE not in os.environ
    if not mapping.cases:
        raise click.UsageError(f"the mapping {mapping.name} has no columns under 'cases'")
    dates = look_through(file, mapping).dates
    pseudonymiser = _pseudonymiser(rehearsal=rehearsal)
    try:
        with (
            opened(file, mapping) as log,
            progress(log) as events,
            out.open("w", encoding="utf-8") as table,
        ):
            written = tabulate(events, mapping, pseudonymiser, dates, table)
    except OSError as error:
        raise LogUnusable(f"can't write {out}: {error.strerror}") from error
    left = f"; {written.unreadable:,} values can't be read" if written.unreadable else ""
    click.echo(f"{written.cases:,} cases in {out}{left}")


def _import(run: _Run, *, as_json: bool) -> None:
    failure = _carried_out(run)
    tally, dry_run = run.tally, run.url is None
    if as_json:
        screen.show_json(as_object(tally, mapping=run.mapping.name, dry_run=dry_run), indent=2)
    else:
        print_table(tally, dry_run=dry_run)
    if failure is not None:
        raise failure
    if tally.other_mapping and tally.total(Fate.CHANGED):
        raise MappingChanged(tally.total(Fate.CHANGED))
    if tally.refused_by_intake:
        raise EventsRefused(
            f"intake refused {tally.refused_by_intake:,} events that the mapping took for good; "
            "the reasons are above; correct the mapping and run the command again"
        )


def _carried_out(run: _Run) -> GleichfallError | None:
    """Run the import; give back what stopped it half-way, so that the numbers come first."""
    try:
        asyncio.run(_transfer(run))
    except (LogBroken, IntakeUnavailable, IntakeRefused) as failure:
        return failure
    except KeyboardInterrupt:
        return ImportInterrupted()
    return None


async def _transfer(run: _Run) -> None:
    mapping, found = run.mapping, look_through(run.file, run.mapping)
    run.tally.backward = found.backward
    translator = Translator(mapping, _pseudonymiser(rehearsal=run.url is None), found.orders)
    async with _intake(run.url) as intake:
        with opened(run.file, mapping) as log, progress(log) as events:
            steps = map(translator.translate, _in_order(events, mapping, found))
            transfer = Transfer(intake, run.tally, run.vanished)
            try:
                await transfer.run(mapping, translator.keys, steps)
            finally:
                run.tally.cases = translator.cases


def _in_order(
    events: Iterator[LogEvent], mapping: LogMapping, found: Inspection
) -> Iterator[LogEvent]:
    if mapping.sort is not Sort.TIME:
        return events
    time = mapping.log.time
    return sorted_by_time(events, found.dates, time, newest_first=found.newest_first)


def _pseudonymiser(*, rehearsal: bool) -> Pseudonymiser:
    if rehearsal:
        return Pseudonymiser(secrets.token_bytes(KEY_BYTES))
    store = SecretStore.from_environment()
    return Pseudonymiser(store.key(SecretName.PSEUDONYM_KEY).get_secret_value())


@asynccontextmanager
async def _intake(url: str | None) -> AsyncIterator[Intake]:
    if url is None:
        yield Rehearsal()
        return
    token = SecretStore.from_environment().text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(url, token) as client:
        yield client
