"""What is remembered to know what triggers a review: cases that wait, changes of law."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.controlling.triggers.causes import LawChange
from shared.postgres.pool import Connection
from shared.postgres.queries import as_words, load

QUERIES = load(__file__)


async def wait(connection: Connection, since: Mapping[str, datetime]) -> None:
    """Remember that cases wait for a decision."""
    if since:
        await connection.execute(QUERIES["wait_for_decisions"], list(since), list(since.values()))


async def end_waiting(connection: Connection, cases: Iterable[str]) -> dict[str, datetime]:
    """Give since when cases waited, and forget them."""
    rows = await connection.fetch(QUERIES["end_waiting"], as_words(cases))
    return {row["case_ref"]: row["since"] for row in rows}


async def law_changes(connection: Connection) -> list[LawChange]:
    """Give all changes of law; none is added before the transaction ends."""
    return [LawChange(*row) for row in await connection.fetch(QUERIES["law_changes"])]


async def enter_law_changes(connection: Connection, changes: Sequence[LawChange]) -> None:
    """Enter changes of law, when all who registered without knowing them are done."""
    await connection.execute(QUERIES["hold_law_changes"])
    await connection.execute(
        QUERIES["enter_law_changes"],
        [one.type_code for one in changes],
        [one.valid_from for one in changes],
    )


async def decided_under(
    connection: Connection, type_code: str, begin: datetime, end: datetime
) -> list[str]:
    """Give the decisions of a type from one moment to before another."""
    rows = await connection.fetch(QUERIES["decided_under"], type_code, begin, end)
    return [row["decision_id"] for row in rows]
