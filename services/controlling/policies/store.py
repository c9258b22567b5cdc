"""The scheduled policies, and how samples came out against their inspection plans."""

from datetime import date, datetime

from services.controlling.sampling.inspection import Experience, LotResult
from services.controlling.sampling.policy import Policy
from services.controlling.sampling.timeline import Timeline
from services.controlling.statistics.switching import Lot, Result
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def timeline(connection: Connection, first: Policy) -> Timeline:
    """Give all policies; `first` is the file the service begins with."""
    rows = await connection.fetch(QUERIES["scheduled_policies"])
    return Timeline(first, tuple([Policy.model_validate_json(row["document"]) for row in rows]))


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


async def experience(connection: Connection, before: date, months: int) -> Experience:
    """Give what earlier periods tell a period that begins on a day and lasts so many months."""
    last = await connection.fetchrow(QUERIES["last_lots"], before)
    if last is None:
        return Experience()
    closed = ReviewPeriodClosed.model_validate_json(last["closing"])
    lasted = Policy.model_validate_json(last["policy"]).period.months
    sizes = {
        one.stratum: max(1, round(one.size * months / lasted)) for one in closed.strata if one.size
    }
    return Experience(sizes, tuple(await results(connection, before)))


async def results(connection: Connection, before: date) -> list[LotResult]:
    """Give how the samples of periods before a day came out, oldest first."""
    rows = await connection.fetch(QUERIES["lot_results"], before)
    return [
        LotResult(
            row["stratum"],
            Lot(Result(row["result"]), may_reduce=row["may_reduce"], steady=row["steady"]),
            put_right=row["put_right"],
        )
        for row in rows
    ]
