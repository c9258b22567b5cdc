"""A past to measure with: millions of rows, such as decisions, draws, inbox rows, messages.

Filled without keys and indexes, which are built afterwards as the migrations define them; then
vacuumed and analysed, as a database that has run for years is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from shared.postgres.queries import load

QUERIES = load(__file__)
STEP = 1_000_000


@dataclass(frozen=True, slots=True)
class Past:
    """What a service's past is made of.

    Attributes:
        schema: The service's.
        tables: Which are filled, or hang on those that are.
        fills: Statements by name, each for the rows from $1 to $2 (of $3, where it asks for it).
        before: What must be there first.
    """

    schema: str
    tables: Sequence[str]
    fills: Mapping[str, str]
    before: str = ""


DECISIONS = Past(
    "controlling",
    (
        "decision",
        "second_decision",
        "draw",
        "review",
        "answer",
        "candidate",
        "twin_case",
        "inbox",
        "stream_head",
    ),
    {name: QUERIES[name] for name in ("decisions", "draws", "inbox", "stream_heads")},
    QUERIES["periods"],
)
"""Decisions, each of its own case, with the draws among them."""


async def fill(database_url: str, past: Past, rows: int, told: Callable[[str], None]) -> None:
    """Put so many rows of a past into a service's schema."""
    owner = await asyncpg.connect(
        database_url,
        server_settings={"search_path": past.schema, "maintenance_work_mem": "1GB"},
    )
    keys = await owner.fetch(QUERIES["keys"], past.tables)
    indexes = await owner.fetch(QUERIES["indexes"], past.tables)
    await _drop(owner, keys, indexes)
    if past.before:
        await owner.execute(past.before)
    for first in range(1, rows + 1, STEP):
        told(f"a past of {rows:,}: {first - 1:,} done")
        for statement in past.fills.values():
            last = min(rows, first + STEP - 1)
            arguments = (first, last, rows + 1) if "$3" in statement else (first, last)
            await owner.execute(statement, *arguments)
    told(f"a past of {rows:,}: keys and indexes")
    await _build(owner, keys, indexes)
    told(f"a past of {rows:,}: VACUUM and ANALYZE")
    await owner.execute(f"VACUUM (ANALYZE) {', '.join(past.tables)}")
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
