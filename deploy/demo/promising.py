"""Lets the invented authority promise its periods in time, by a clock of its own.

Its weeks lie in the past, and so does the time before their periods. What had to happen then
happens now, with that clock's time: the product's own code opens, stamps and witnesses. The periods
are marked as simulated for good, and wherever their times show it says so. Nothing else has this
clock: they are closed, reviewed and exported by the real one.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from deploy.demo.errors import NotInProduction
from deploy.demo.time_stamps import Authority
from services.controlling.accounts.settings import AccountSettings
from services.controlling.periods.entering import enter_witness
from services.controlling.periods.opening import Periods
from services.controlling.periods.stamping import Stamper
from services.controlling.periods.witness import LEAST, Witness
from services.controlling.policy.calendar import period_of
from services.controlling.policy.policy import Policy
from shared.events.vocabulary import WitnessRole
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.queries import load
from shared.postgres.transaction import Transaction
from shared.security.key_ring import Key

QUERIES = load(__file__)
STAMPED_BY = "Invented authority with a simulated clock"
_AHEAD = timedelta(days=14)
_STAMPED_AFTER = timedelta(minutes=1)
_WITNESSED_AFTER = timedelta(days=1)
_WATCHED = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)


async def promise(pool: Pool, key: Key, policy: Policy, first: date, last: date) -> None:
    """Open, stamp and witness the periods from a day to another that aren't opened yet.

    Args:
        pool: As controlling.
        key: Under which seeds are stored.
        policy: That with which periods open.
        first: The first invented day.
        last: The last one.

    Raises:
        NotInProduction: no clock is set where real people decide.
    """
    if AccountSettings().production:
        raise NotInProduction
    begins = period_of(first, policy.period).first_day
    opened_at = datetime.combine(begins - _AHEAD, time(9), UTC)
    commitments = await _open(pool, Periods(key, policy), opened_at, last)
    if commitments:
        await _stamp(pool, commitments, opened_at + _STAMPED_AFTER)
    for period in commitments:
        thrown = "".join(f"{secrets.randbelow(6) + 1}" for _ in range(LEAST))
        witness = Witness(thrown, _WATCHED, opened_at + _WITNESSED_AFTER)
        await enter_witness(pool, period, witness)


async def _open(pool: Pool, periods: Periods, now: datetime, last: date) -> Mapping[str, str]:
    """Open them; gives their commitments."""
    async with pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection)
        opened = await periods.open_coming(now, last, tx)
        rows = await connection.fetch(QUERIES["set_back"], opened, now)
        await tx.flush()
    return {row["key"]: row["commitment"] for row in rows}


async def _stamp(pool: Pool, commitments: Mapping[str, str], at: datetime) -> None:
    authority = Authority(STAMPED_BY)
    authority.at = at
    with authority.serving() as url:
        holding = Holding(HeldItems(pool), Loop.TIME_STAMPING)
        await Stamper(pool, url, [authority.root], holding).stamp(commitments)
