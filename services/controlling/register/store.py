"""The register of decisions, and who decided what may still be drawn."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
from pydantic_core import from_json

from services.controlling.periods.draw import PeriodDraw
from services.controlling.policy.strata import Stratum
from services.controlling.register.candidates import StratumBound
from services.controlling.register.identity import Content
from services.controlling.register.registration import UNIT, Registration
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, as_words, load

QUERIES = load(__file__)


async def register(
    connection: Connection,
    registrations: Sequence[Registration],
    periods: Mapping[str, PeriodDraw],
) -> dict[str, None]:
    """Enter a batch of decisions into the frame; gives the ids of those that weren't there.

    No id stands twice in the batch.
    """
    places = list({item.place: None for item in registrations})
    position = {place: number for number, place in enumerate(places, start=1)}
    entered = await connection.fetch(
        QUERIES["register_decisions"],
        as_document(
            [
                (
                    item.decision.decision_id,
                    item.case_ref,
                    item.outcome.ticket,
                    item.outcome.drawn,
                    item.decided_at,
                    position[item.place],
                    item.facts,
                )
                for item in registrations
            ]
        ),
        [place.period_key for place in places],
        [place.stratum for place in places],
        [place.type_code for place in places],
        [periods[place.period_key].rule(place.stratum).rate for place in places],
        [periods[place.period_key].policy.version for place in places],
        [place.late_group for place in places],
    )
    return dict.fromkeys(decision_id for (decision_id,) in entered)


async def note_new(
    connection: Connection,
    registrations: Iterable[Registration],
    arrivals: Mapping[tuple[str, str], int],
) -> None:
    """Note that decisions wait to be compared and chained, and how many came from which source.

    Args:
        connection: As controlling.
        registrations: Those that are new.
        arrivals: How many of them there are, by period and source.
    """
    by_period: dict[str, list[str]] = defaultdict(list)
    for item in registrations:
        by_period[item.place.period_key].append(item.decision.decision_id)
    await connection.execute(
        QUERIES["note_new"],
        list(by_period),
        [as_words(ids) for ids in by_period.values()],
        [period for period, _ in arrivals],
        [source for _, source in arrivals],
        list(arrivals.values()),
    )


async def contents(
    connection: Connection, ids: Iterable[str], zone: ZoneInfo
) -> dict[str, Content]:
    """Give what registered decisions are bound to, by their ids.

    Args:
        connection: As controlling.
        ids: Those that are asked for.
        zone: Where the authority's days begin.
    """
    rows = await connection.fetch(QUERIES["contents"], as_words(ids))
    return {row["decision_id"]: _content(row, zone) for row in rows}


def _content(row: asyncpg.Record, zone: ZoneInfo) -> Content:
    stratum = Stratum.parse(row["stratum"])
    facts: dict[str, object] | None = from_json(row["facts"] or "null")
    named = (facts or {}).pop(UNIT, stratum.unit)
    return Content(
        row["case_ref"],
        row["type_code"],
        stratum.direction,
        str(named),
        row["decided_at"].astimezone(zone).date(),
        facts,
    )


async def note_second(connection: Connection, ids: Mapping[str, str]) -> None:
    """Note decisions that came under the id of another; `ids` gives that id by their own."""
    await connection.execute(QUERIES["note_second"], list(ids), list(ids.values()))


async def tighten_candidates(
    connection: Connection, strata: Sequence[StratumBound]
) -> dict[tuple[str, str], str]:
    """Give the bound of each stratum that has reached its minimum; forget deciders beyond it."""
    rows = await connection.fetch(
        QUERIES["tighten_candidates"],
        [one.period for one in strata],
        [one.stratum for one in strata],
        [one.minimum for one in strata],
    )
    return {(row["period"], row["stratum"]): row["bound"] for row in rows}


async def keep_candidates(connection: Connection, waiting: Sequence[Registration]) -> None:
    """Remember the deciders of what wasn't drawn but may be, when its period closes."""
    if waiting:
        await connection.execute(
            QUERIES["keep_candidates"],
            [item.decision.decision_id for item in waiting],
            [item.place.period_key for item in waiting],
            [item.decision.decider for item in waiting],
            [item.decision.co_signer for item in waiting],
        )


async def mark(connection: Connection, query: str, moments: Mapping[str, datetime]) -> None:
    """Mark decisions as corrected or withdrawn; `query` names the statement."""
    if moments:
        await connection.execute(QUERIES[query], list(moments), list(moments.values()))
