"""The scheduled policies, and how samples came out against their inspection plans."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from services.controlling.errors import PeriodOpen, PeriodUnknown, PolicyNotKept
from services.controlling.planning.acceptance import Inspection
from services.controlling.planning.switching import Lot, Result
from services.controlling.policy.binding import digest_of
from services.controlling.policy.errors import VersionTaken
from services.controlling.policy.inspection import Experience, LotResult
from services.controlling.policy.policy import Policy
from services.controlling.policy.timeline import Timeline
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Lots:
    """A closed period: the policy it kept, and its counts."""

    policy: Policy
    counts: tuple[StratumCount, ...]

    @classmethod
    def parse(cls, policy: str, closing: str) -> Self:
        """Read what was kept and what was published, both JSON."""
        closed = ReviewPeriodClosed.model_validate_json(closing)
        return cls(Policy.model_validate_json(policy), closed.strata)


@dataclass(frozen=True, slots=True)
class Entered:
    """What is entered about the sample of one stratum and period."""

    period: str
    errors: int
    result: LotResult


async def timeline(connection: Connection, first: Policy) -> Timeline:
    """Give all policies; `first` is the file the service begins with."""
    rows = await connection.fetch(QUERIES["scheduled_policies"])
    known = [(Policy.model_validate_json(row["document"]), row["withdrawn"]) for row in rows]
    return Timeline(
        first,
        tuple(policy for policy, withdrawn in known if not withdrawn),
        tuple(policy for policy, withdrawn in known if withdrawn),
    )


async def hold_policies(connection: Connection) -> None:
    """Let nobody schedule a policy until the transaction ends."""
    await connection.execute(QUERIES["hold_policies"])


async def change_policies(connection: Connection) -> None:
    """Let nobody open a period or schedule a policy until the transaction ends."""
    await connection.execute(QUERIES["change_policies"])


async def begun_until(connection: Connection) -> date | None:
    """Give the last day of the last period that has opened."""
    day: date | None = await connection.fetchval(QUERIES["begun_until"])
    return day


async def schedule(connection: Connection, policy: Policy, at: datetime) -> None:
    """Enter a policy that may be scheduled."""
    await connection.execute(
        QUERIES["schedule_policy"], policy.version, policy.valid_from, policy.model_dump_json(), at
    )


async def withdraw(connection: Connection, version: str, at: datetime) -> None:
    """Note that a policy was withdrawn."""
    await connection.execute(QUERIES["withdraw_policy"], version, at)


async def bind(connection: Connection, policy: Policy) -> None:
    """Bind a version to its content when it is first in use.

    Raises:
        VersionTaken: it is bound to another content.
    """
    digest = digest_of(policy)
    bound = await connection.fetchval(QUERIES["bind_version"], policy.version, digest)
    if bound != digest:
        taken = f"it is bound to the digest {bound}, not to {digest}"
        raise VersionTaken(policy.version, taken)


async def require_bound(pool: Pool, first: Policy) -> None:
    """Bind the policy that a service starts with, and those that are scheduled.

    Raises:
        VersionTaken: one of them isn't what it was.
    """
    async with pool.acquire() as connection, connection.transaction():
        for policy in (await timeline(connection, first)).policies:
            await bind(connection, policy)


async def last_lots(connection: Connection, before: date) -> Lots | None:
    """Give the last closed period before a day."""
    row = await connection.fetchrow(QUERIES["last_lots"], before)
    return None if row is None else Lots.parse(**row)


async def lots_of(connection: Connection, key: str) -> Lots:
    """Give a closed period by its key.

    Raises:
        PeriodUnknown, PolicyNotKept, PeriodOpen: there is nothing to inspect.
    """
    row = await connection.fetchrow(QUERIES["lots_of"], key)
    if row is None:
        raise PeriodUnknown(key)
    if row["policy"] is None:
        raise PolicyNotKept(key)
    if row["closing"] is None:
        raise PeriodOpen(key, row["first_day"], row["last_day"])
    return Lots.parse(row["policy"], row["closing"])


async def experience(connection: Connection, before: date, months: int) -> Experience:
    """Give what earlier periods tell a period that begins on a day and lasts so many months."""
    last = await last_lots(connection, before)
    if last is None:
        return Experience()
    sizes = {
        one.stratum: max(1, round(one.size * months / last.policy.period.months))
        for one in last.counts
        if one.size
    }
    return Experience(sizes, *await history(connection, before))


async def history(
    connection: Connection, before: date
) -> tuple[tuple[LotResult, ...], Mapping[int, Collection[str]]]:
    """Give results of periods before a day, and which strata each closed one of them held."""
    lots: dict[int, set[str]] = {}
    for row in await connection.fetch(QUERIES["lots_held"], before):
        lots.setdefault(row["number"], set()).add(row["stratum"])
    return tuple(await results(connection, before)), lots


async def results(connection: Connection, before: date) -> list[LotResult]:
    """Give how the samples of periods before a day came out, oldest first."""
    rows = await connection.fetch(QUERIES["lot_results"], before)
    return [
        LotResult(
            row["stratum"],
            Inspection(row["inspection"]),
            Lot(Result(row["result"]), may_reduce=row["may_reduce"], steady=row["steady"]),
            put_right=row["put_right"],
            period=row["number"],
        )
        for row in rows
    ]


async def enter_result(connection: Connection, entered: Entered, at: datetime) -> None:
    """Enter how a sample came out; a correction replaces what was entered."""
    await connection.execute(QUERIES["enter_result"], *_columns(entered), at)


async def count_result(connection: Connection, entered: Entered, at: datetime) -> bool:
    """Enter how a sample came out as reviews show it; tells whether that is new."""
    return await connection.fetchval(QUERIES["count_result"], *_columns(entered), at) is not None


async def counted_errors(connection: Connection, period: str, stratum: str) -> int | None:
    """Give the errors that reviews showed in a sample; None while they don't show all of it."""
    errors: int | None = await connection.fetchval(QUERIES["counted_errors"], period, stratum)
    return errors


def _columns(entered: Entered) -> tuple[object, ...]:
    result = entered.result
    return (
        entered.period,
        result.stratum,
        result.inspection.value,
        entered.errors,
        result.lot.result.value,
        result.lot.may_reduce,
        result.lot.steady,
        result.put_right,
    )
