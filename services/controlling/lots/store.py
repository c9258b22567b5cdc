"""Closed periods as lots, and what changes when their reviews do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.controlling.policy.store import Lots
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def closed_lots(connection: Connection, period: str) -> Lots | None:
    """Give the lots of a period; None as long as it is open."""
    row = await connection.fetchrow(QUERIES["closed_period"], period)
    return Lots.parse(row["policy"], row["closing"]) if row else None


async def states_of_reviews(connection: Connection) -> dict[str, tuple[int, int]]:
    """Give, by period, what is another whenever a review of it was signed or opened again."""
    rows = await connection.fetch(QUERIES["states_of_reviews"])
    return {row["period"]: (row["signed"], row["versions"]) for row in rows}


async def plan_samples(
    connection: Connection, period: str, sizes: Mapping[str, int]
) -> Mapping[str, Sequence[str]]:
    """Give the decisions that plans look at, by stratum; `sizes` is how many of each."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = await connection.fetch(
        QUERIES["plan_samples"], period, list(sizes), list(sizes.values())
    )
    for row in rows:
        found[row["stratum"]].append(row["decision_id"])
    return found
