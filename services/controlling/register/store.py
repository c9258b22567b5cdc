"""The register of decisions, and who decided what may still be drawn."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.controlling.periods.draw import PeriodDraw
from services.controlling.policy.strata import FIELDS
from services.controlling.register.candidates import StratumBound
from services.controlling.register.errors import DecisionKnown
from services.controlling.register.registration import Registration
from shared.events.catalogue.case import DecisionMade
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, as_words, load, rows_changed

QUERIES = load(__file__)


def facts_of(decision: DecisionMade) -> dict[str, object]:
    """Give what an event says of its decision beside type, direction and unit."""
    facts = {
        **{field: getattr(decision, field) for field in FIELDS},
        "features": decision.features,
    }
    return facts if decision.dataref is None else {**facts, "dataref": decision.dataref}


async def register(
    connection: Connection,
    registrations: Sequence[Registration],
    periods: Mapping[str, PeriodDraw],
) -> None:
    """Enter a batch of decisions into the frame.

    Raises:
        DecisionKnown: an id is registered already.
    """
    places = list({item.place: None for item in registrations})
    position = {place: number for number, place in enumerate(places, start=1)}
    tag = await connection.execute(
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
                    facts_of(item.decision),
                )
                for item in registrations
            ]
        ),
        [place.period_key for place in places],
        [place.stratum for place in places],
        [place.type_code for place in places],
        [periods[place.period_key].rule(place.stratum).rate for place in places],
        [periods[place.period_key].policy.version for place in places],
        [periods[place.period_key].closed for place in places],
    )
    if rows_changed(tag) != len(registrations):
        raise DecisionKnown(len(registrations), rows_changed(tag))
    by_period: dict[str, list[str]] = defaultdict(list)
    for item in registrations:
        by_period[item.place.period_key].append(item.decision.decision_id)
    await connection.execute(
        QUERIES["await_comparison_and_chain"],
        list(by_period),
        [as_words(ids) for ids in by_period.values()],
    )


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
