"""Enters what was witnessed into the draw of a period to come, once and for good."""

from services.controlling.errors import PeriodUnknown
from services.controlling.periods import store
from services.controlling.periods.deadlines import first_begin, is_before
from services.controlling.periods.errors import (
    CommitmentUnstamped,
    DrawBegun,
    StampAhead,
    WitnessStands,
    WitnessTooLate,
)
from services.controlling.periods.store import PromisedPeriod
from services.controlling.periods.witness import Witness
from services.controlling.source import SOURCE
from shared.events.catalogue.review import ReviewPeriodWitnessed
from shared.events.event import new_event
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.time_stamps import read


async def enter_witness(pool: Pool, key: str, witness: Witness, *, unstamped: bool = False) -> None:
    """Let a witnessed value enter the seed of a period.

    The row is held while it happens: no ticket of the period is made meanwhile, and who makes one
    afterwards reads the value with the seed.

    Args:
        pool: Connections as the service's role.
        key: The period.
        witness: Value, roles, and the time now.
        unstamped: Takes a commitment that no third party has stamped.

    Raises:
        PeriodUnknown, WitnessStands, WitnessTooLate: it has no place for a value.
        CommitmentUnstamped, StampAhead: nobody outside says that the commitment was there before.
        DrawBegun: tickets of the period are made already.
    """
    async with pool.acquire() as connection, connection.transaction():
        held = await store.hold_promise(connection, key)
        _require_open_to(held, key, witness, unstamped=unstamped)
        # Asked after the lock: a decision may have come while it was waited for.
        if not await store.keep_witness(connection, key, witness):
            raise DrawBegun(key)
        tx = Transaction(connection)
        facts = ReviewPeriodWitnessed(period=key, value=witness.value, roles=witness.roles)
        tx.publish(new_event(SOURCE, f"period:{key}", facts, time=witness.at))
        await tx.flush()


def _require_open_to(
    period: PromisedPeriod | None, key: str, witness: Witness, *, unstamped: bool
) -> None:
    if period is None:
        raise PeriodUnknown(key)
    if period.witnessed_at is not None:
        raise WitnessStands(key, period.witnessed_at)
    if not is_before(witness.at, period.first_day):
        raise WitnessTooLate(key, first_begin(period.first_day))
    if period.time_stamp is None:
        if not unstamped:
            raise CommitmentUnstamped(key)
    elif witness.at < (stamped_at := read(period.time_stamp, period.commitment).at):
        raise StampAhead(key, stamped_at)
