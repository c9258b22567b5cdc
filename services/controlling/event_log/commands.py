"""`gleichfall export`: the event log of all cases, for programs that look at processes."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn

from services.controlling.event_log.export import Begun, Count, Form, Told, export
from shared.console import screen
from shared.console.options import OUT, json_option
from shared.postgres.command_pool import on_database

_SERVICE = "controlling"


@click.command(name="export")
@click.option("--xes", type=OUT, help="Write cases with their events there (IEEE 1849).")
@click.option("--ocel", type=OUT, help="Write events and what they are about there (OCEL 2.0).")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@json_option
def export_log(xes: Path | None, ocel: Path | None, *, force: bool, as_json: bool) -> None:
    """Write the event log of all cases into a file, for programs that look at processes.

    --xes is what most of them read: a case after the other, each with its events in the order of
    time. --ocel is for those that follow several things at once: cases, decisions, appointments,
    submissions, units, offices, services and telephone lines, and it has the events of offices,
    too. Both may be written at once; they then tell of one moment. A name that ends with .gz makes
    a file packed.

    In it is what is kept of cases: for three years, of decisions for ever. Nobody who decided or
    applied stands in it, but every case by its pseudonym: hand it to those only who may see single
    cases. That it was written stands in the audit log. docs/guide/export.md tells each attribute.

    \b
    Examples:
        gleichfall export --xes cases.xes.gz
        gleichfall export --xes cases.xes --ocel cases.json --force
    """
    files = {form: path for form, path in ((Form.XES, xes), (Form.OCEL, ocel)) if path is not None}
    if not files:
        raise click.UsageError("say --xes FILE or --ocel FILE, or both")
    if xes and ocel and xes.resolve() == ocel.resolve():
        raise click.UsageError("--xes and --ocel name one file: each needs its own")
    with _progress() as (begun, told):
        counts = asyncio.run(
            on_database(
                _SERVICE, lambda pool: export(pool, files, force=force, begun=begun, told=told)
            )
        )
    if as_json:
        screen.show_json(
            {form: {"file": str(files[form])} | asdict(count) for form, count in counts.items()}
        )
    else:
        _say(files, counts)


def _say(files: Mapping[Form, Path], counts: Mapping[Form, Count]) -> None:
    for form, count in counts.items():
        click.echo(f"wrote {count.cases:,} cases and {count.events:,} events to {files[form]}")
    incomplete = max(count.incomplete for count in counts.values())
    if incomplete:
        click.echo(f"of {incomplete:,} cases not every event is kept")


@contextmanager
def _progress() -> Iterator[tuple[Begun, Told]]:
    """Draw a bar for each file, by the number of its events."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,} events"),
        TimeRemainingColumn(),
    )
    with screen.progress(*columns) as drawn:
        tasks: list[TaskID] = []
        yield (
            lambda form, events: tasks.append(drawn.add_task(f"writing {form}", total=events)),
            lambda done: drawn.update(tasks[-1], completed=done),
        )
