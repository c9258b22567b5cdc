"""Review periods: opened, stamped, witnessed, held, topped up and closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.controlling.periods.commitment import TO_ALL, Promised
from services.controlling.periods.errors import SimulatedInProduction
from services.controlling.periods.witness import Witness
from services.controlling.policy.calendar import Period
from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.policy import Policy
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load, rows_changed

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewPeriod:
    """A period about to be opened."""

    period: Period
    seed: bytes
    sealed_seed: bytes
    policy: Policy
    groups: TypeGroups

    @property
    def promised(self) -> Promised:
        """By what it draws, in the words that are kept."""
        return Promised(
            self.seed,
            self.policy.model_dump_json(),
            self.groups.model_dump_json(),
            self.period.first_day,
            self.period.last_day,
        )


@dataclass(frozen=True, slots=True)
class LockedPeriod:
    """A period that can't close before the transaction ends; what it keeps are documents (JSON)."""

    key: str
    sealed_seed: bytes
    policy: str | None
    catalogue: str | None
    witness: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period that may be due to close; a simulated one is due by no clock of ours."""

    key: str
    last_day: date
    opened_at: datetime
    policy: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class HeldPeriod:
    """A period that nobody else registers in or closes until the transaction ends."""

    key: str
    last_day: date
    sealed_seed: bytes
    policy: str | None
    witness: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PromisedPeriod:
    """A period that is promised, in which nobody registers until the transaction ends."""

    first_day: date
    commitment: str
    time_stamp: bytes | None
    witnessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """A decision that was drawn to reach its stratum's minimum."""

    decision_id: str
    stratum: str


async def lock_periods(connection: Connection, keys: Sequence[str]) -> list[LockedPeriod]:
    """Give the periods that are there, held open or closed until the transaction ends."""
    rows = await connection.fetch(QUERIES["lock_periods"], keys)
    return [LockedPeriod(**row) for row in rows]


async def open_periods(connection: Connection, periods: Sequence[NewPeriod]) -> set[str]:
    """Open periods; gives the keys that were opened by this call."""
    promises = [item.promised for item in periods]
    rows = await connection.fetch(
        QUERIES["open_periods"],
        [item.period.key for item in periods],
        [item.period.first_day for item in periods],
        [item.period.last_day for item in periods],
        [item.sealed_seed for item in periods],
        [one.commitment for one in promises],
        [item.policy.version for item in periods],
        [one.policy for one in promises],
        [one.catalogue for one in promises],
        TO_ALL,
    )
    return {row["key"] for row in rows}


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


async def top_up(connection: Connection, key: str, shortfalls: Mapping[str, int]) -> list[ToppedUp]:
    """Draw the next smallest tickets of strata that fall short by so many."""
    rows = await connection.fetch(
        QUERIES["top_up"], key, list(shortfalls), list(shortfalls.values())
    )
    return [ToppedUp(**row) for row in rows]


async def close_period(
    connection: Connection, closed: ReviewPeriodClosed, at: datetime, entries: int
) -> None:
    """Close a period for good, with so many entries in its register's chain.

    The deciders who are no longer needed are forgotten.
    """
    await connection.execute(QUERIES["forget_candidates"], closed.period)
    await connection.execute(
        QUERIES["close_period"], closed.period, at, closed.model_dump_json(), entries
    )


async def hold_promise(connection: Connection, key: str) -> PromisedPeriod | None:
    """Hold a period, so that no ticket of it is made until the transaction ends."""
    row = await connection.fetchrow(QUERIES["hold_promise"], key)
    return None if row is None else PromisedPeriod(**row)


async def keep_witness(connection: Connection, key: str, witness: Witness) -> bool:
    """Keep what was witnessed; False where decisions of the period are registered already."""
    tag = await connection.execute(
        QUERIES["keep_witness"], key, witness.value, witness.roles, witness.at
    )
    return rows_changed(tag) == 1


async def require_real(pool: Pool) -> None:
    """Refuse a database that holds periods of an invented authority.

    Raises:
        SimulatedInProduction: it does.
    """
    if found := await simulated(pool):
        raise SimulatedInProduction(found)


async def simulated(pool: Pool) -> list[str]:
    """Name the periods of an invented authority."""
    return [row["key"] for row in await pool.fetch(QUERIES["simulated"])]
