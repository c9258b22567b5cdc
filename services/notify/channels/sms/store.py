"""Which gateway is asked for an SMS, how fast each is, and how they share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic_core import from_json, to_json

from services.notify.sending.failover import SLOW_AFTER, SLOW_WINDOW, Change, Speed
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Weights:
    """How providers share the messages of a channel, by name.

    Attributes:
        changed_at: Since when.
        troubled_at: When one of them was last in trouble.
    """

    weights: Mapping[str, int]
    changed_at: datetime
    troubled_at: datetime | None


async def allot(connection: Connection, providers: Mapping[UUID, str]) -> None:
    """Write down which provider is asked for each claimed message, before it is."""
    if providers:
        await connection.execute(QUERIES["allot"], list(providers), list(providers.values()))


async def speeds(connection: Connection, channel: Channel) -> dict[str, Speed]:
    """Give how fast each provider of a channel was lately, by name."""
    rows = await connection.fetch(QUERIES["speeds"], channel, SLOW_WINDOW, SLOW_AFTER)
    return {row["provider"]: Speed(row["sent"], row["late"]) for row in rows}


async def weights(connection: Connection, channel: Channel) -> Weights | None:
    """Give how providers of a channel share its messages; None while nothing was ever moved."""
    row = await connection.fetchrow(QUERIES["weights"], channel)
    if row is None:
        return None
    return Weights(from_json(row["weights"]), row["changed_at"], row["troubled_at"])


async def change_weights(
    connection: Connection, channel: Channel, change: Change, since: datetime
) -> bool:
    """Write a change of weights down, unless others have changed them after `since`."""
    await connection.execute(QUERIES["lock_weights"], channel.value)
    shared = {provider.name: provider.weight for provider in change.pair.providers}
    done = await connection.fetchval(
        QUERIES["change_weights"],
        channel,
        change.pair.changed_at,
        change.cause,
        change.troubled,
        to_json(shared).decode(),
        since,
    )
    return bool(done)
