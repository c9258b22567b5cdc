"""What loops are made of, and what a channel offers to the service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from fastapi import APIRouter
from starlette.datastructures import State

from services.notify.message import Claim
from services.notify.messages.materials import Materials
from services.notify.reports.entering import Reports
from services.notify.sending.carrier import Content, Parcel
from services.notify.sending.dispatcher import Dispatcher, Outlet
from services.notify.sending.opening import Opening
from services.notify.sending.recorder import Recorder
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.postgres.pool import Connection
from shared.security.secrets import SecretStore
from shared.service.loops import Looping, Rounds, Work, every
from shared.service.spine import Spine

DELIVERY_LIMIT = timedelta(minutes=3)
REPORTS_LIMIT = timedelta(minutes=10)

Rebalance = Callable[[Connection], Awaitable[object]]
"""Moves weight between providers of a channel."""


def utc_now() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loops are made of.

    Attributes:
        state: Where routes find what they need.
        lease: How long a process may hold a message.
    """

    spine: Spine
    health: Health
    state: State
    secrets: SecretStore
    materials: Materials
    opening: Opening
    reports: Reports
    lease: timedelta

    def dispatcher(self, outlet: Outlet[Parcel], loop: Loop) -> Dispatcher[Parcel]:
        """Give the loops of a channel; without its provider the service isn't ready."""
        holding = self.spine.holding(loop)
        recorder = Recorder(self.spine.pool, holding, self.spine.committed)
        dispatcher = Dispatcher(
            self.spine.pool,
            outlet,
            recorder,
            holding,
            certain=self.spine.clock.certain,
            lease=self.lease,
            progressed=self.health.liveness.watch(loop, DELIVERY_LIMIT).beat,
        )
        self.health.readiness.require(outlet.provider, dispatcher.check)
        self.health.readiness.require(f"record of {outlet.channel}", recorder.check)
        return dispatcher

    def every(
        self,
        cadence: timedelta,
        work: Work,
        loop: Loop,
        limit: timedelta,
        at_end: Callable[[], Awaitable[None]] | None = None,
    ) -> Rounds:
        """Give a loop that works every so often; see `shared.service.loops.every`."""
        return every(cadence, work, loop=loop, health=self.health, limit=limit, at_end=at_end)


@dataclass(frozen=True, slots=True)
class Wired:
    """A channel at work: its loops, and what balances its providers."""

    loops: Mapping[Loop, Looping]
    rebalance: Sequence[Rebalance] = ()


class Wiring(Protocol):
    """A channel whose settings and secrets are read."""

    @property
    def is_carried(self) -> bool:
        """Whether somebody carries its messages."""

    def wire(self, parts: Parts) -> Wired:
        """Put its loops together."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel as its `wiring.py` offers it.

    Attributes:
        write: Writes a message as the channel carries it; None without an address.
        wiring: Reads the channel's settings and secrets, and raises what can't be used.
        router: Where its providers report over HTTP.
    """

    channel: Channel
    write: Callable[[Materials, Claim, Contact], Content | None]
    wiring: Callable[[SecretStore, Materials], Wiring]
    router: APIRouter | None = None
