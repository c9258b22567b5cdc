"""The SMS gateways together: which one gets a message, how fast, and which is left alone.

Once a gateway may have a message, no other one is asked for it: its key is only known there. The
choice is written down with the claim, before anything is handed over, so that it survives a kill.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from services.notify.channels.sms import store
from services.notify.channels.sms.gateway import Gateway
from services.notify.channels.sms.writing import TextMessage
from services.notify.message import Claim
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable
from services.notify.sending.circuit import Circuit, Position
from services.notify.sending.failover import (
    ERROR_WINDOW,
    Change,
    Pair,
    Provider,
    after_calm,
    after_errors,
    after_slowness,
    choose,
)
from services.notify.sending.rate_limit import Rate
from services.notify.sending.store import claim as claim_due
from shared.events.vocabulary import Channel
from shared.observe.metrics import PROVIDER_ERRORS, PROVIDER_WEIGHT, ProviderName
from shared.postgres.pool import Connection
from shared.security.token_bucket import TokenBucket

BATCH = 16
"""How many are claimed at once: few, so that an urgent one never waits behind many others."""


@dataclass(slots=True)
class _Line:
    """A gateway and what is known of it in this process."""

    gateway: Gateway
    bucket: TokenBucket
    circuit: Circuit = field(default_factory=Circuit)
    errors: deque[datetime] = field(default_factory=deque)


class Switchboard:
    """Shares SMS between one or two gateways; to the sending loops it is their connection."""

    def __init__(
        self, gateways: Mapping[Provider, tuple[Gateway, Rate]], *, started_at: datetime
    ) -> None:
        """Wire it; weights rest where `gateways` say until the database knows better."""
        now = monotonic()
        self._lines = {
            provider.name: _Line(gateway, rate.bucket(now))
            for provider, (gateway, rate) in gateways.items()
        }
        self._providers: Sequence[Provider] = tuple(gateways)
        self._started_at = started_at
        self._tell_weights()

    @property
    def is_open(self) -> bool:
        """Whether any gateway may be asked."""
        return bool(self._usable(_now()))

    async def open(self) -> None:
        """Nothing is opened ahead: HTTP connections open with the first message.

        Raises:
            ProviderUnreachable: All gateways have failed lately and are left alone for a while.
        """
        if not self.is_open:
            raise ProviderUnreachable(" and ".join(self._lines), "too many failures")

    async def close(self) -> None:
        """Take leave of all gateways."""
        for line in self._lines.values():
            await line.gateway.close()

    async def claim(
        self, connection: Connection, lease: timedelta, passed_over: Sequence[UUID]
    ) -> list[Claim]:
        """Take some SMS that are due, and write down which gateway is asked for each.

        Raises:
            MessagesUnreadable: Some can't be read.
        """
        claims = await claim_due(connection, lease, passed_over, Channel.SMS, BATCH)
        allotted = [self._allotted(claim) for claim in claims]
        fresh = {
            one.attempt.id: one.attempt.asked
            for one in allotted
            if one.attempt.asked is not None and one.attempt.asked != one.attempt.holder
        }
        await store.allot(connection, fresh)
        return allotted

    async def send(self, message: TextMessage) -> Answer:
        """Hand one message to the gateway that it was allotted to.

        Raises:
            ProviderUnreachable: That one isn't asked now or took nothing, and another one may be.
        """
        try:
            return await self._ask(self._lines[message.gateway], message)
        except ProviderUnreachable:
            if message.held:
                return Answer.UNCLEAR
            raise

    async def _ask(self, line: _Line, message: TextMessage) -> Answer:
        line.circuit, may = line.circuit.ask(_now())
        if not may:
            raise ProviderUnreachable(message.gateway, "too many failures")
        await _turn(line, message.sms.parts)
        try:
            answer = await line.gateway.send(message)
        except ProviderUnreachable:
            self._failed(line)
            raise
        if answer is Answer.UNCLEAR:
            self._failed(line)
        else:
            line.circuit = line.circuit.succeeded()
        return answer

    async def rebalance(self, connection: Connection) -> Change | None:
        """Move weight away from a gateway that fails or is slow, and back; gives what was moved.

        Processes share the weights: what one has moved, the others find in the database.
        """
        if len(self._providers) == 1:
            return None
        now = _now()
        pair = await self._pair(connection)
        speeds = await store.speeds(connection, Channel.SMS)
        change = (
            after_errors(pair, self._errors(now), now)
            or after_slowness(pair, speeds, now)
            or after_calm(pair, now)
        )
        if change is not None and not await store.change_weights(
            connection, Channel.SMS, change, since=pair.changed_at
        ):
            return None
        self._providers = (change.pair if change else pair).providers
        self._tell_weights()
        return change

    def _tell_weights(self) -> None:
        for provider in self._providers:
            PROVIDER_WEIGHT.of(ProviderName(provider.name)).set(provider.weight)

    async def _pair(self, connection: Connection) -> Pair:
        known = await store.weights(connection, Channel.SMS)
        one, other = self._providers
        if known is None or known.weights.keys() != self._lines.keys():
            return Pair((one, other), self._started_at, self._started_at)
        weighed = [replace(each, weight=known.weights[each.name]) for each in (one, other)]
        troubled_at = known.troubled_at or self._started_at
        return Pair((weighed[0], weighed[1]), known.changed_at, troubled_at)

    def _errors(self, now: datetime) -> dict[str, int]:
        for line in self._lines.values():
            while line.errors and line.errors[0] < now - ERROR_WINDOW:
                line.errors.popleft()
        return {name: len(line.errors) for name, line in self._lines.items()}

    def _failed(self, line: _Line) -> None:
        now = _now()
        line.circuit = line.circuit.failed(now)
        line.errors.append(now)
        PROVIDER_ERRORS.of(ProviderName(line.gateway.name)).inc()

    def _usable(self, now: datetime) -> list[Provider]:
        return [
            one
            for one in self._providers
            if self._lines[one.name].circuit.position(now) is not Position.OPEN
        ]

    def _allotted(self, claim: Claim) -> Claim:
        attempt = claim.attempt
        if attempt.holder in self._lines:
            return claim
        chosen = self._chosen(attempt.id, attempt.number)
        return replace(claim, attempt=replace(attempt, asked=chosen, holder=None))

    def _chosen(self, message: UUID, number: int) -> str:
        return choose(self._usable(_now()) or self._providers, message, number).name


async def _turn(line: _Line, parts: int) -> None:
    """Wait until the gateway's rate lets so many parts leave."""
    while True:
        line.bucket, wait = line.bucket.take(parts, monotonic())
        if not wait:
            return
        await asyncio.sleep(wait.total_seconds())


def _now() -> datetime:
    return datetime.now(UTC)
