"""What is remembered to know what triggers a review.

What cases wait for, changes of law, what happened to decisions that aren't registered yet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from services.controlling.policy.policy import TriggerKind
from services.controlling.triggers.causes import Cause, LawChange
from services.controlling.triggers.waiting import Wait
from shared.postgres.pool import Connection
from shared.postgres.queries import as_words, load

QUERIES = load(__file__)
EMPTY = QUERIES["forget_early"]


async def wait(connection: Connection, waits: Collection[tuple[str, Wait]]) -> None:
    """Remember that cases wait for decisions."""
    if waits:
        await connection.execute(
            QUERIES["wait_for_decisions"],
            [case for case, _ in waits],
            [wait.since for _, wait in waits],
            [wait.service for _, wait in waits],
            [wait.ruled for _, wait in waits],
        )


async def take_waits(connection: Connection, cases: Iterable[str]) -> dict[str, list[Wait]]:
    """Give what cases waited for, and forget it."""
    found: dict[str, list[Wait]] = defaultdict(list)
    for case, *wait in await connection.fetch(QUERIES["take_waits"], as_words(cases)):
        found[case].append(Wait(*wait))
    return found


async def decided_since(
    connection: Connection, since: Mapping[str, datetime], made: Iterable[str]
) -> dict[str, str]:
    """Give a decision of each case that has one from a moment on, beside those just made."""
    rows = await connection.fetch(
        QUERIES["decided_since"], list(since), list(since.values()), as_words(made)
    )
    return {row["case_ref"]: row["decision_id"] for row in rows}


async def waiting(connection: Connection, before: datetime) -> list[tuple[str, Wait]]:
    """Give what waits since before a moment, or since a court ruled."""
    rows = await connection.fetch(QUERIES["waiting"], before)
    return [(case, Wait(*wait)) for case, *wait in rows]


async def note_early(connection: Connection, causes: Collection[tuple[date, Cause]]) -> None:
    """Note what happened to those of the decisions that aren't registered yet.

    What happens to a decision and the decision are events of one case, applied one after the
    other; so what isn't registered here is registered later.
    """
    if causes:
        await connection.execute(
            QUERIES["note_early"],
            [decision for _, (decision, _) in causes],
            [kind.value for _, (_, kind) in causes],
            [day for day, _ in causes],
        )


async def take_early(connection: Connection, made: Iterable[str]) -> list[tuple[date, Cause]]:
    """Give what happened to decisions before they were registered, and forget it."""
    rows = await connection.fetch(QUERIES["take_early"], as_words(made))
    return [(day, (decision, TriggerKind(kind))) for decision, kind, day in rows]


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
