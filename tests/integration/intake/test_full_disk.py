"""A full disk is told as such, nothing unkept is answered for, and room mends it."""

import asyncio
import os
import pwd
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx
import pytest

from tests.integration.intake.door import Service, decision, send, send_batch, until_ready
from tests.small_disk import fill, mounted

pytestmark = pytest.mark.stack

TOLD = "has no space left on its disk"


@pytest.fixture
def disk() -> Iterator[Path]:
    """Mount a disk of two megabytes where PostgreSQL's user may go."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with mounted(Path(folder), 2):
            yield Path(folder)


@pytest.fixture
def tables(disk: Path) -> Path:
    """Give a folder on it to PostgreSQL."""
    folder = disk / "tables"
    folder.mkdir()
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    return folder


@pytest.fixture
async def full_disk(
    intake: Service, database: asyncpg.Connection, tables: Path
) -> AsyncIterator[Path]:
    """Put the outbox on the disk, which a file fills; gives that file."""
    del intake  # its tables must be there
    await database.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")
    await database.execute("ALTER TABLE outbox SET TABLESPACE small")
    filler = tables.parent / "filler"
    fill(filler)
    yield filler
    await asyncio.to_thread(filler.unlink, missing_ok=True)
    await database.execute("ALTER TABLE outbox SET TABLESPACE pg_default")
    await database.execute("DROP TABLESPACE small")


async def reasons(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/readyz")
    if answer.is_success:
        return []
    return [f"{one['name']}: {one['reason']}" for one in answer.json()["errors"]]


async def test_a_full_disk_is_told_and_room_mends_it(
    intake: Service, client: httpx.AsyncClient, full_disk: Path
) -> None:
    batches = [[decision() for _ in range(200)] for _ in range(10)]
    answers = [(await send_batch(client, batch)).status_code for batch in batches]
    assert 503 in answers
    assert set(answers) <= {202, 503}
    found = await reasons(client)
    assert any(one.startswith("ledger: ") and TOLD in one for one in found), found

    await asyncio.to_thread(full_disk.unlink)
    assert (await send(client, decision())).status_code == 202
    again = [(await send_batch(client, batch)).status_code for batch in batches]
    assert set(again) == {202}
    await until_ready(intake)
