"""The register of decisions, draws and periods: all SQL of controlling."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from services.controlling.errors import DecisionKnown
from services.controlling.frame import Place
from services.controlling.policy.calendar import Period
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import FIELDS
from services.controlling.sampling.draw import Outcome, PeriodDraw, as_threshold, commitment
from services.controlling.sampling.record import Entry
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.events.vocabulary import DrawReason
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, load, rows_changed

QUERIES = load(__file__)
_PREFETCH = 5_000


class Registration(NamedTuple):
    """One decision with its place in the frame and the outcome of its draw."""

    case_ref: str
    decided_at: datetime
    decision: DecisionMade
    place: Place
    outcome: Outcome
    traceparent: str | None = None
    twice: bool = False


class StratumBound(NamedTuple):
    """A stratum whose bound is asked for: the ticket of the decision that is `minimum`-th."""

    period: str
    stratum: str
    minimum: int


@dataclass(frozen=True, slots=True)
class NewPeriod:
    """A period about to be opened."""

    period: Period
    seed: bytes
    sealed_seed: bytes
    policy: Policy


@dataclass(frozen=True, slots=True)
class LockedPeriod:
    """A period that can't close before the transaction ends; `policy` is a document as JSON."""

    key: str
    sealed_seed: bytes
    policy: str | None
    closed: bool


def facts_of(decision: DecisionMade) -> dict[str, object]:
    """Give what an event says of its decision beside type, direction and unit."""
    return {
        **{field: getattr(decision, field) for field in FIELDS},
        "features": decision.features,
    }


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
    ids = " ".join(item.decision.decision_id for item in registrations)
    await connection.execute(QUERIES["await_comparison"], ids)


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
        [item.twice for item in drawn],
        at,
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


async def lock_periods(connection: Connection, keys: Sequence[str]) -> list[LockedPeriod]:
    """Give the periods that are there, held open or closed until the transaction ends."""
    rows = await connection.fetch(QUERIES["lock_periods"], keys)
    return [
        LockedPeriod(row["key"], row["sealed_seed"], row["policy"], row["closed"]) for row in rows
    ]


async def open_periods(connection: Connection, periods: Sequence[NewPeriod]) -> set[str]:
    """Open periods; gives the keys that were opened by this call."""
    rows = await connection.fetch(
        QUERIES["open_periods"],
        [item.period.key for item in periods],
        [item.period.first_day for item in periods],
        [item.period.last_day for item in periods],
        [item.sealed_seed for item in periods],
        [commitment(item.seed) for item in periods],
        [item.policy.version for item in periods],
        [item.policy.model_dump_json() for item in periods],
    )
    return {row["key"] for row in rows}


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period that may be due to close."""

    key: str
    last_day: date
    opened_at: datetime
    policy: str


@dataclass(frozen=True, slots=True)
class HeldPeriod:
    """A period that nobody else registers in or closes until the transaction ends."""

    key: str
    last_day: date
    sealed_seed: bytes
    policy: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period for its export; `closing` is what was published at its close, if it is closed."""

    key: str
    first_day: date
    last_day: date
    commitment: str
    time_stamp: bytes | None
    policy_version: str
    policy: str
    closing: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What stands in a period's row for everybody; `closing` is what its close published."""

    key: str
    first_day: date
    last_day: date
    opened_at: datetime
    commitment: str
    time_stamp: bytes | None
    policy_version: str
    closing: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """A decision that was drawn to reach its stratum's minimum."""

    decision_id: str
    case_ref: str
    stratum: str
    ticket: str


async def periods_to_close(connection: Connection) -> list[OpenPeriod]:
    """Give the periods that are open and have their policy."""
    rows = await connection.fetch(QUERIES["open_periods_with_policy"])
    return [OpenPeriod(**row) for row in rows]


async def hold_period(connection: Connection, key: str) -> HeldPeriod | None:
    """Hold a period until the transaction ends."""
    row = await connection.fetchrow(QUERIES["hold_period"], key)
    return None if row is None else HeldPeriod(**row)


async def count_strata(connection: Connection, key: str) -> list[StratumCount]:
    """Count the decisions of each stratum and those drawn."""
    rows = await connection.fetch(QUERIES["count_strata"], key)
    return [StratumCount(**row) for row in rows]


async def top_up(
    connection: Connection, draw: PeriodDraw, shortfalls: Mapping[str, int], at: datetime
) -> list[ToppedUp]:
    """Draw the next smallest tickets of strata that fall short by so many."""
    rows = await connection.fetch(
        QUERIES["top_up"], draw.key, list(shortfalls), list(shortfalls.values())
    )
    drawn = [ToppedUp(**row) for row in rows]
    names = [one.decision_id for one in drawn]
    twice = [draw.reviewed_twice(name) for name in names]
    await connection.execute(QUERIES["record_top_ups"], names, twice, at)
    return drawn


async def close_period(connection: Connection, closed: ReviewPeriodClosed, at: datetime) -> None:
    """Close a period for good and forget the deciders who are no longer needed."""
    await connection.execute(QUERIES["forget_candidates"], closed.period)
    await connection.execute(QUERIES["close_period"], closed.period, at, closed.model_dump_json())


async def closed_period(connection: Connection, key: str | None) -> ClosedPeriod | None:
    """Give a period by its key, or the last closed one."""
    row = await connection.fetchrow(QUERIES["closed_period"], key)
    return None if row is None else ClosedPeriod(**row)


async def public_records(connection: Connection, key: str | None = None) -> list[PublicRecord]:
    """Give what is public of all periods or of one, the newest first."""
    return [PublicRecord(**row) for row in await connection.fetch(QUERIES["public_records"], key)]


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """A period and what it holds; `decisions` are those in its frame, without the late ones."""

    key: str
    closed_at: datetime | None
    policy_version: str
    stamped: bool
    decisions: int
    drawn: int
    late: int


async def summaries(connection: Connection) -> list[PeriodSummary]:
    """Give all periods, oldest first."""
    return [PeriodSummary(**row) for row in await connection.fetch(QUERIES["summaries"])]


async def unstamped(connection: Connection) -> dict[str, str]:
    """Give the commitment of each open period that has no time stamp."""
    rows = await connection.fetch(QUERIES["unstamped"])
    return {row["key"]: row["commitment"] for row in rows}


async def keep_stamp(connection: Connection, key: str, stamp: bytes) -> None:
    """Keep the time stamp of a period's commitment."""
    await connection.execute(QUERIES["keep_stamp"], key, stamp)


async def sampling_frame(connection: Connection, key: str, *, late: bool) -> AsyncIterator[Entry]:
    """Give a period's decisions in the order of the export; needs an open transaction."""
    async for row in connection.cursor(QUERIES["sampling_frame"], key, late, prefetch=_PREFETCH):
        yield Entry(
            decision=row["decision_id"],
            stratum=row["stratum"],
            ticket=row["ticket"],
            probability=as_threshold(row["inclusion_probability"]),
            drawn=row["drawn"],
            late=late,
            corrected=row["corrected_at"] is not None,
            withdrawn=row["withdrawn_at"] is not None,
        )
