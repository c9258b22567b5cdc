"""What a period's row and its decisions say to whoever checks the draw."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from services.controlling.errors import PeriodUnknown
from services.controlling.periods.deadlines import (
    Promise,
    awaits_witness,
    closed_early,
    promise_of,
)
from services.controlling.periods.draw import as_threshold
from services.controlling.periods.store import count_strata
from services.controlling.periods.witness import Witness, kept
from services.controlling.policy.policy import Policy
from services.controlling.proof.publication import PeriodRecord, PublicRecord
from services.controlling.proof.record import Entry
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.time_stamps import stamped_at

QUERIES = load(__file__)
_PREFETCH = 5_000


@dataclass(frozen=True, slots=True)
class ClosedPeriod(PeriodRecord):
    """A period for its export.

    Attributes:
        closed_entries: What its register's chain held at its close; None if it is from before
            chains, or open.
    """

    closed_entries: int | None


async def closed_period(connection: Connection, key: str | None) -> ClosedPeriod | None:
    """Give a period by its key, or the last closed one."""
    row = await connection.fetchrow(QUERIES["closed_period"], key)
    return None if row is None else ClosedPeriod(**row)


async def public_records(connection: Connection, key: str | None = None) -> list[PublicRecord]:
    """Give what is public of all periods or of one, the newest first."""
    return [PublicRecord(**row) for row in await connection.fetch(QUERIES["public_records"], key)]


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """A period and what it holds.

    Attributes:
        closed_early: Whether that was before its days of grace were over.
        decisions: Those of its own, without the late ones.
        drawn: Of both.
        late: Those of earlier periods, drawn here; in a period from before that, its own after the
            close.
    """

    key: str
    first_day: date
    promise: Promise
    closed_at: datetime | None
    closed_early: bool
    policy_version: str
    stamped: bool
    witnessed_at: datetime | None
    simulated: bool
    decisions: int
    drawn: int
    late: int


async def summaries(connection: Connection, zone: ZoneInfo) -> list[PeriodSummary]:
    """Give all periods, oldest first; `zone` is where the authority's days end."""
    return [_summary(row, zone) for row in await connection.fetch(QUERIES["summaries"])]


def _summary(row: asyncpg.Record, zone: ZoneInfo) -> PeriodSummary:
    stamp, closed_at = row["time_stamp"], row["closed_at"]
    return PeriodSummary(
        key=row["key"],
        first_day=row["first_day"],
        promise=promise_of(
            row["first_day"],
            row["opened_at"],
            stamped_at(stamp, row["commitment"]),
            simulated=row["simulated"],
        ),
        closed_at=closed_at,
        closed_early=_is_early(closed_at, row["policy"], row["last_day"], row["opened_at"], zone),
        policy_version=row["policy_version"],
        stamped=stamp is not None,
        witnessed_at=row["witnessed_at"],
        simulated=row["simulated"],
        decisions=row["decisions"],
        drawn=row["drawn"],
        late=row["late"],
    )


def _is_early(
    closed_at: datetime | None,
    policy: str | None,
    last_day: date,
    opened_at: datetime,
    zone: ZoneInfo,
) -> bool:
    if closed_at is None or policy is None:
        return False
    grace = Policy.model_validate_json(policy).grace
    return closed_early(closed_at, last_day, opened_at, grace, zone)


async def entries(connection: Connection, key: str, *, chained: bool) -> AsyncIterator[Entry]:
    """Give a period's decisions in the order of the export; needs an open transaction."""
    query = QUERIES["chained_frame" if chained else "sampling_frame"]
    async for row in connection.cursor(query, key, prefetch=_PREFETCH):
        yield Entry(
            decision=row["decision_id"],
            type=row["type_code"],
            stratum=row["stratum"],
            decided=row["decided"],
            registered=row["registered"],
            ticket=row["ticket"],
            probability=as_threshold(row["inclusion_probability"]),
            drawn=row["drawn"],
            late=row["late"],
            corrected=row["corrected"],
            withdrawn=row["withdrawn"],
        )


@dataclass(frozen=True, slots=True)
class Description:
    """A period, open or closed.

    Attributes:
        seed: None while it is secret.
        witness: None: not yet witnessed, or never.
        awaits_witness: Until when it can still be.
        simulated: Whether that happened by the clock of an invented authority.
        closed_early: Whether that was before its days of grace were over.
    """

    period: str
    first_day: date
    last_day: date
    policy: str
    commitment: str
    opened_at: datetime
    promise: Promise
    stamped_at: datetime | None
    closed_at: datetime | None
    closed_early: bool
    seed: str | None
    witness: Witness | None
    awaits_witness: datetime | None
    simulated: bool
    strata: Sequence[StratumCount]


async def describe(connection: Connection, key: str, now: datetime, zone: ZoneInfo) -> Description:
    """Describe a period as it is now; `zone` is where the authority's days end.

    Raises:
        PeriodUnknown: that period was never opened.
    """
    period = await closed_period(connection, key)
    if period is None:
        raise PeriodUnknown(key)
    counts = await count_strata(connection, key)
    closed = period.closing and ReviewPeriodClosed.model_validate_json(period.closing)
    stamped = stamped_at(period.time_stamp, period.commitment)
    return Description(
        period=period.key,
        first_day=period.first_day,
        last_day=period.last_day,
        policy=period.policy_version,
        commitment=period.commitment,
        opened_at=period.opened_at,
        promise=promise_of(period.first_day, period.opened_at, stamped, simulated=period.simulated),
        stamped_at=stamped,
        closed_at=period.closed_at,
        closed_early=_is_early(
            period.closed_at, period.policy, period.last_day, period.opened_at, zone
        ),
        seed=closed.seed if closed else None,
        witness=kept(period.witness, period.witness_roles, period.witnessed_at),
        awaits_witness=awaits_witness(period.first_day, period.witnessed_at, now),
        simulated=period.simulated,
        strata=closed.strata if closed else counts,
    )
