"""The register of decisions, draws and periods: all SQL of controlling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.controlling.errors import DecisionKnown
from services.controlling.frame import Place
from services.controlling.sampling.draw import Outcome, commitment
from services.controlling.sampling.periods import Period
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import DrawReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


class Registration(NamedTuple):
    """One decision with its place in the frame and the outcome of its draw."""

    case_ref: str
    decided_at: datetime
    decision: DecisionMade
    place: Place
    outcome: Outcome
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class NewPeriod:
    """A period about to be opened."""

    period: Period
    seed: bytes
    sealed_seed: bytes


async def register(
    connection: Connection, registrations: Sequence[Registration], policy_version: str
) -> None:
    """Enter a batch of decisions into the frame.

    Raises:
        DecisionKnown: an id is registered already.
    """
    places = list({item.place: None for item in registrations})
    position = {place: number for number, place in enumerate(places, start=1)}
    tag = await connection.execute(
        QUERIES["register_decisions"],
        [item.decision.decision_id for item in registrations],
        [item.case_ref for item in registrations],
        [item.outcome.ticket for item in registrations],
        [item.outcome.drawn for item in registrations],
        [item.decided_at for item in registrations],
        [position[item.place] for item in registrations],
        [place.period_key for place in places],
        [place.stratum for place in places],
        [place.type_code for place in places],
        [place.rate for place in places],
        policy_version,
    )
    registered = int(tag.rpartition(" ")[2])
    if registered != len(registrations):
        raise DecisionKnown(len(registrations), registered)


async def record_draws(
    connection: Connection, drawn: Sequence[Registration], reason: DrawReason, at: datetime
) -> None:
    """Record what was drawn, with the decider, who may not review it."""
    if not drawn:
        return
    await connection.execute(
        QUERIES["record_draws"],
        [item.decision.decision_id for item in drawn],
        [reason.value] * len(drawn),
        [item.decision.decider for item in drawn],
        [item.decision.co_signer for item in drawn],
        at,
    )


async def mark(connection: Connection, query: str, moments: Mapping[str, datetime]) -> None:
    """Mark decisions as corrected or withdrawn; `query` names the statement."""
    if moments:
        await connection.execute(QUERIES[query], list(moments), list(moments.values()))


async def read_periods(connection: Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Give the sealed seeds of the periods that are open."""
    rows = await connection.fetch(QUERIES["read_periods"], keys)
    return {row["key"]: row["sealed_seed"] for row in rows}


async def open_periods(
    connection: Connection, periods: Sequence[NewPeriod], policy_version: str
) -> set[str]:
    """Open periods; gives the keys that were opened by this call."""
    rows = await connection.fetch(
        QUERIES["open_periods"],
        [item.period.key for item in periods],
        [item.period.first_day for item in periods],
        [item.period.last_day for item in periods],
        [item.sealed_seed for item in periods],
        [commitment(item.seed) for item in periods],
        policy_version,
    )
    return {row["key"] for row in rows}
