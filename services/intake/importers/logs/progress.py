"""Shows on the terminal how far into a log reading has come."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import EventLog
from shared.console import screen

_EVENTS_PER_UPDATE = 250


@contextmanager
def progress(log: EventLog, doing: str = "reading") -> Iterator[Iterator[LogEvent]]:
    """Give the events of the log and draw a bar by bytes read, with events per second."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with screen.progress(*columns) as bar:
        yield _counted(log, bar, doing)


def _counted(log: EventLog, bar: Progress, doing: str) -> Iterator[LogEvent]:
    task = bar.add_task(doing, total=log.size, events=0, rate=0.0)
    for number, event in enumerate(log.events(), start=1):
        if number % _EVENTS_PER_UPDATE == 0:
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = number / elapsed if elapsed else 0.0
            bar.update(task, completed=log.bytes_read, events=number, rate=rate)
        yield event
