"""How cases stand, one row per case that has something open or an appointment."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.notify.cases.standing import NOTHING_OPEN, STANDING, Standing
from services.notify.duty import Duty
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def standings(connection: Connection, case_refs: Sequence[str]) -> dict[str, Standing]:
    """Give how these cases stand; those of which nothing is kept are left out."""
    rows = await connection.fetch(QUERIES["standings"], case_refs)
    return {row["case_ref"]: STANDING.validate_json(row["standing"]) for row in rows}


async def put_standings(
    connection: Connection, before: Mapping[str, Standing], after: Mapping[str, Standing]
) -> None:
    """Write down how cases stand now, of those that stand otherwise than before."""
    changed = {case: one for case, one in after.items() if one != before.get(case, NOTHING_OPEN)}
    kept = {case: one for case, one in changed.items() if one != NOTHING_OPEN}
    if kept:
        documents = [STANDING.dump_json(one).decode() for one in kept.values()]
        await connection.execute(QUERIES["put_standings"], list(kept), documents)
    if gone := sorted(changed.keys() & before.keys() - kept.keys()):
        await connection.execute(QUERIES["drop_standings"], gone)


def open_duties(standing: str | None, day: date) -> frozenset[Duty]:
    """Give what is open on a day, of a standing as it is stored."""
    if standing is None:
        return frozenset()
    return STANDING.validate_json(standing).open_on(day)
