"""The audit log comes into a file whole, or what was there stays."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from pydantic_core import from_json

from services.controlling.audit.entry import Link
from services.controlling.audit.writing import write

ENTRY = Link(1, datetime(2026, 12, 1, tzinfo=UTC), None, None, "exported", "audit", {}, b"0", b"1")


async def in_two_batches() -> AsyncIterator[Sequence[Link]]:
    yield [ENTRY] * 2
    yield [ENTRY]


async def killed_on_the_way() -> AsyncIterator[Sequence[Link]]:
    yield [ENTRY] * 5_000
    os.kill(os.getpid(), signal.SIGKILL)


def write_and_be_killed(path: Path) -> None:
    asyncio.run(write(path, killed_on_the_way()))


async def test_the_log_is_an_entry_a_line(tmp_path: Path) -> None:
    assert await write(tmp_path / "log", in_two_batches()) == 3
    lines = [from_json(line) for line in (tmp_path / "log").read_bytes().splitlines()]
    assert [(one["number"], one["previous"], one["hash"]) for one in lines] == [(1, "30", "31")] * 3


def test_an_export_that_is_killed_leaves_what_was_there_and_nothing_half_done(
    tmp_path: Path,
) -> None:
    (tmp_path / "log").write_text("of yesterday")
    process = get_context("fork").Process(target=write_and_be_killed, args=(tmp_path / "log",))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / "log").read_text() == "of yesterday"
    assert len([*tmp_path.glob(".log.*.part")]) == len([*tmp_path.iterdir()]) - 1 == 1
