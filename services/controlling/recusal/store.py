"""Who decided what is under review, and who reviews: read by this room alone."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.controlling.recusal.exclusion import Decision, Reviewer
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
BATCH = 500


async def look_at_changed(connection: Connection) -> None:
    """Let everything be looked at anew for reviewers of whom something else is known now."""
    rows = await connection.fetch(QUERIES["changed_accounts"])
    changed = [row["id"] for row in rows]
    if changed:
        await connection.execute(QUERIES["keep_accounts"], changed)
        await connection.execute(QUERIES["vet_open_again"])  # waits for who looks at any of them
        await connection.execute(QUERIES["forget_of_accounts"], changed)


async def unvetted(connection: Connection, passed_over: Collection[str]) -> list[str]:
    """Give decisions whose reviewers are to be looked at."""
    rows = await connection.fetch(QUERIES["unvetted"], BATCH, list(passed_over))
    return [row["decision_id"] for row in rows]


async def take_unvetted(connection: Connection, decisions: Sequence[str]) -> list[Decision]:
    """Give those of them that still are; they count as looked at."""
    return [Decision(**row) for row in await connection.fetch(QUERIES["take_unvetted"], decisions)]


async def reviewers(connection: Connection) -> list[Reviewer]:
    """Give everybody who may be asked to review."""
    return [Reviewer(**row) for row in await connection.fetch(QUERIES["reviewers"])]


async def enter(connection: Connection, pairs: Sequence[tuple[str, UUID, bool]]) -> None:
    """Note for decisions and accounts whether the one must not be reviewed by the other."""
    decisions, accounts, excluded = zip(*pairs, strict=True)
    await connection.execute(QUERIES["enter_recusals"], decisions, accounts, excluded)
