"""A past to measure with: millions of decisions, draws, inbox rows and stream heads.

Filled without keys and indexes, which are built afterwards as the migrations define them; then
vacuumed and analysed, as a database that has run for years is.
"""

from collections.abc import Callable, Sequence

import asyncpg

from shared.postgres.queries import load

QUERIES = load(__file__)
TABLES = ("decision", "draw", "candidate", "twin_case", "inbox", "stream_head")
STEP = 1_000_000
_FILLS = ("decisions", "draws", "inbox", "stream_heads")


async def fill(database_url: str, rows: int, told: Callable[[str], None]) -> None:
    """Put so many decisions, each of its own case, into controlling's schema."""
    owner = await asyncpg.connect(
        database_url,
        server_settings={"search_path": "controlling", "maintenance_work_mem": "1GB"},
    )
    keys = await owner.fetch(QUERIES["keys"], TABLES)
    indexes = await owner.fetch(QUERIES["indexes"], TABLES)
    await _drop(owner, keys, indexes)
    await owner.execute(QUERIES["periods"])
    for first in range(1, rows + 1, STEP):
        told(f"a past of {rows:,} decisions: {first - 1:,} done")
        for name in _FILLS:
            last = min(rows, first + STEP - 1)
            arguments = (first, last, rows + 1) if name == "decisions" else (first, last)
            await owner.execute(QUERIES[name], *arguments)
    told(f"a past of {rows:,} decisions: keys and indexes")
    await _build(owner, keys, indexes)
    told(f"a past of {rows:,} decisions: VACUUM and ANALYZE")
    await owner.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
    await owner.execute("CHECKPOINT")
    await owner.close()


async def _drop(
    owner: asyncpg.Connection, keys: Sequence[asyncpg.Record], indexes: Sequence[asyncpg.Record]
) -> None:
    for key in reversed(keys):
        await owner.execute(f"ALTER TABLE {key['table']} DROP CONSTRAINT {key['name']}")
    for index in indexes:
        await owner.execute(f"DROP INDEX {index['name']}")


async def _build(
    owner: asyncpg.Connection, keys: Sequence[asyncpg.Record], indexes: Sequence[asyncpg.Record]
) -> None:
    for index in indexes:
        await owner.execute(index["definition"])
    for key in keys:
        await owner.execute(
            f"ALTER TABLE {key['table']} ADD CONSTRAINT {key['name']} {key['definition']}"
        )
