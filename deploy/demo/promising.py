"""Lets the invented authority promise its periods in time, by a clock of its own.

Its weeks lie in the past, and so does the time before their periods. What had to happen then
happens now, with that clock's time: the product's own code opens, stamps and witnesses. The periods
are marked as simulated for good, and wherever their times show it says so. Nothing else has this
clock: they are closed, reviewed and exported by the real one.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import asyncpg

from deploy.demo import store
from deploy.demo.errors import NotInProduction
from deploy.demo.time_stamps import Authority
from services.controlling.accounts.settings import AccountSettings
from services.controlling.periods.entering import enter_witness
from services.controlling.periods.opening import Periods
from services.controlling.periods.witness import LEAST, Witness
from services.controlling.policy.calendar import period_of
from services.controlling.policy.policy import Policy
from services.controlling.stamps.stamping import Stamper
from services.controlling.stamps.store import Commitment
from shared.events.vocabulary import WitnessRole
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.key_ring import Key

STAMPED_BY = "Invented authority with a simulated clock"
_AHEAD = timedelta(days=14)
_STAMPED_AFTER = timedelta(minutes=1)
_WITNESSED_AFTER = timedelta(days=1)
_WATCHED = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)


async def promise(pool: Pool, key: Key, policy: Policy, first: date, last: date) -> None:
    """Open, stamp and witness the periods from a day to another that aren't yet.

    Each step is a transaction of its own: what a killed run left undone is done by the next one, as
    long as no decision of the period is registered.

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
    await _open(pool, Periods(key, policy), opened_at, last)
    unwitnessed = await store.unwitnessed(pool)
    if unstamped := [one for one in unwitnessed if one["time_stamp"] is None]:
        await _stamp(pool, unstamped)
    for one in unwitnessed:
        thrown = "".join(f"{secrets.randbelow(6) + 1}" for _ in range(LEAST))
        witness = Witness(thrown, _WATCHED, one["opened_at"] + _WITNESSED_AFTER)
        await enter_witness(pool, one["key"], witness)


async def _open(pool: Pool, periods: Periods, now: datetime, last: date) -> None:
    async with pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection)
        opened = await periods.open_ahead(await periods.coming(now, last, tx), tx)
        await store.set_back(connection, opened, now)
        await tx.flush()


async def _stamp(pool: Pool, unstamped: Sequence[asyncpg.Record]) -> None:
    authority = Authority(STAMPED_BY)
    with authority.serving() as url:
        holding = Holding(HeldItems(pool), Loop.TIME_STAMPING)
        stamper = Stamper(pool, url, [authority.root], holding)
        for one in unstamped:
            authority.at = one["opened_at"] + _STAMPED_AFTER
            await stamper.stamp([Commitment(one["key"], one["commitment"])])
