"""What a period's row and its decisions say to whoever checks the draw."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.controlling.errors import PeriodUnknown
from services.controlling.periods.draw import as_threshold
from services.controlling.periods.store import count_strata
from services.controlling.proof.publication import PublicRecord
from services.controlling.proof.record import Entry
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_PREFETCH = 5_000


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period for its export; `closing` is what was published at its close, if it is closed."""

    key: str
    first_day: date
    last_day: date
    opened_at: datetime
    commitment: str
    commitment_form: int
    time_stamp: bytes | None
    policy_version: str
    policy: str | None
    catalogue: str | None
    closing: str | None
    closed_at: datetime | None


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


@dataclass(frozen=True, slots=True)
class Description:
    """A period, open or closed; its seed is None while it is secret."""

    period: str
    first_day: date
    last_day: date
    policy: str
    commitment: str
    seed: str | None
    strata: Sequence[StratumCount]


async def describe(connection: Connection, key: str) -> Description:
    """Describe a period.

    Raises:
        PeriodUnknown: that period was never opened.
    """
    period = await closed_period(connection, key)
    if period is None:
        raise PeriodUnknown(key)
    counts = await count_strata(connection, key)
    closed = period.closing and ReviewPeriodClosed.model_validate_json(period.closing)
    return Description(
        period=period.key,
        first_day=period.first_day,
        last_day=period.last_day,
        policy=period.policy_version,
        commitment=period.commitment,
        seed=closed.seed if closed else None,
        strata=closed.strata if closed else counts,
    )
