"""The event log of cases as files that others' programs read."""

import gzip
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from services.controlling.audit.entry import OPERATOR, Act, Entry
from services.controlling.audit.store import changing
from services.controlling.event_log import store, xes
from services.controlling.event_log.errors import FileThere
from services.controlling.event_log.ocel import HEAD, Ocel
from shared.configuration.replacing import replacing
from shared.postgres.pool import Connection, Pool

_PACKED = ".gz"
_TOLD_EVERY = 1_000


class Form(StrEnum):
    """How a log is written."""

    XES = "xes"
    """IEEE 1849: cases with their events."""
    OCEL = "ocel"
    """OCEL 2.0: events, and all things that each is about."""


@dataclass(slots=True)
class Count:
    """What was written into a file.

    Attributes:
        incomplete: Cases of which numbers are missing: what had happened isn't kept any more, or
            never came.
    """

    cases: int = 0
    events: int = 0
    incomplete: int = 0


Begun = Callable[[Form, int], None]
Told = Callable[[int], None]


async def export(
    pool: Pool,
    files: Mapping[Form, Path],
    *,
    force: bool = False,
    begun: Begun = lambda _, __: None,
    told: Told = lambda _: None,
) -> dict[Form, Count]:
    """Write what is kept of all cases, as it is at one moment, whatever happens meanwhile.

    Before anything is written, it is noted that it was.

    Args:
        pool: As controlling.
        files: What to write; a name that ends with .gz makes it packed.
        force: Whether files that are there are replaced.
        begun: Hears of each file before it is written, with the number of its events.
        told: Hears now and then how many of them are written.

    Raises:
        FileThere: a file is there, and nobody said that it may be replaced.
        FileUnwritable: a file can't be written; none is left behind then.
    """
    for path in files.values():
        if path.exists() and not force:
            raise FileThere(path)
    async with changing(pool) as change:
        change.note(*(Entry(None, OPERATOR, Act.EXPORTED, f"events:{form}") for form in files))
    counts = {}
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        extent = await store.extent(connection)
        for form, path in files.items():
            begun(form, sum(extent) if form is Form.OCEL else extent.of_cases)
            with _opened(path) as file:
                counts[form] = await _WRITERS[form](connection, file, told)
    return counts


async def _write_xes(connection: Connection, file: BinaryIO, told: Told) -> Count:
    count = Count()
    file.write(xes.HEAD)
    async for trace in store.traces(connection):
        file.write(xes.written(trace))
        _add(count, len(trace.events), told)
        count.cases += 1
        count.incomplete += not trace.is_whole
    file.write(xes.FOOT)
    return count


async def _write_ocel(connection: Connection, file: BinaryIO, told: Told) -> Count:
    count, ocel = Count(), Ocel()

    async def events() -> AsyncIterator[bytes]:
        async for trace in store.traces(connection):
            for one in trace.events:
                yield ocel.event(one)
            _add(count, len(trace.events), told)
            count.cases += 1
            count.incomplete += not trace.is_whole
        async for one in store.of_offices(connection):
            yield ocel.event(one)
            _add(count, 1, told)

    async def things() -> AsyncIterator[bytes]:
        async for one in store.items(connection):
            yield ocel.item(one)
        for place in ocel.places():
            yield place

    file.write(HEAD + b'"events":')
    await _write_list(file, events())
    file.write(b',"objects":')
    await _write_list(file, things())
    file.write(b',"eventTypes":%b,"objectTypes":%b}\n' % ocel.types())
    return count


_WRITERS = {Form.XES: _write_xes, Form.OCEL: _write_ocel}


async def _write_list(file: BinaryIO, parts: AsyncIterator[bytes]) -> None:
    between = b"[\n"
    async for part in parts:
        file.write(between + part)
        between = b",\n"
    file.write(b"[]" if between == b"[\n" else b"\n]")


def _add(count: Count, events: int, told: Told) -> None:
    before = count.events // _TOLD_EVERY
    count.events += events
    if count.events // _TOLD_EVERY > before:
        told(count.events)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Give a file that takes its name once it is whole, and that nobody else may read."""
    with replacing(path) as torso:
        torso.unlink(missing_ok=True)
        torso.touch(mode=0o600)
        with torso.open("wb") as raw:
            if path.suffix == _PACKED:
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                    yield cast("BinaryIO", packed)
            else:
                yield raw
