"""A policy is scheduled: made known, to take effect on a day to come."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.controlling.policy import store
from services.controlling.policy.binding import digest_of
from services.controlling.policy.policy import Policy
from services.controlling.policy.timeline import Timeline
from services.controlling.source import SOURCE
from shared.events.catalogue.review import PolicyScheduled, PolicyWithdrawn
from shared.events.event import new_event
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction


async def schedule(
    pool: Pool, policy: Policy, *, first: Policy, zone: ZoneInfo, now: datetime
) -> Timeline:
    """Schedule a policy; running services learn of it when they next open a period.

    Meanwhile no period opens, so none opens with a policy that was replaced a moment ago.

    Args:
        pool: Connections as the service's role.
        policy: The new one.
        first: The policy the service begins with.
        zone: Where the authority's days begin and end.
        now: When it is scheduled.

    Raises:
        PolicyUndated, VersionTaken, PolicyTooLate, PolicyInMidPeriod: it can't be.
    """
    async with pool.acquire() as connection, connection.transaction():
        await store.change_policies(connection)
        before = await store.timeline(connection, first)
        if before.holds(policy):  # asked for twice
            return before
        after = before.with_scheduled(
            policy,
            today=now.astimezone(zone).date(),
            begun_until=await store.begun_until(connection),
        )
        await store.bind(connection, policy)
        await store.schedule(connection, policy, now)
        tx = Transaction(connection)
        tx.publish(new_event(SOURCE, f"policy:{policy.version}", _announcement(policy), time=now))
        await tx.flush()
    return after


async def withdraw(
    pool: Pool, version: str, *, first: Policy, zone: ZoneInfo, now: datetime
) -> Timeline:
    """Take back a policy that doesn't hold yet; the one before it goes on.

    Args:
        pool: Connections as the service's role.
        version: Its version.
        first: The policy the service begins with.
        zone: Where the authority's days begin and end.
        now: When it is withdrawn.

    Raises:
        PolicyUnknown, PolicyBegun, PolicyInMidPeriod: it can't be.
    """
    async with pool.acquire() as connection, connection.transaction():
        await store.change_policies(connection)
        before = await store.timeline(connection, first)
        after = before.with_withdrawn(
            version,
            today=now.astimezone(zone).date(),
            begun_until=await store.begun_until(connection),
        )
        await store.withdraw(connection, version, now)
        tx = Transaction(connection)
        facts = PolicyWithdrawn(version=version)
        tx.publish(new_event(SOURCE, f"policy:{version}", facts, time=now))
        await tx.flush()
    return after


def _announcement(policy: Policy) -> PolicyScheduled:
    assert policy.valid_from is not None, "a policy without a day is never scheduled"
    return PolicyScheduled(
        version=policy.version,
        valid_from=policy.valid_from,
        digest=digest_of(policy),
    )
