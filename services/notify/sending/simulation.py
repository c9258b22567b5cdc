"""Stands before a carrier: what is for simulated recipients goes no further, and ends as they say.

So a trial runs through everything but the provider: planning, text, states, reports, events.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from services.notify.recipients.simulated import Ending, ending_of
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import ARRIVED, LOST_ON_THE_WAY, Receipt, Report
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import Carrier, Content
from shared.events.vocabulary import Channel

# Lost on the way: a simulated address is blamed for nothing, so the next message ends alike.
_REPORTED: Mapping[Ending, Receipt] = MappingProxyType(
    {Ending.DELIVERED: ARRIVED, Ending.BOUNCED: LOST_ON_THE_WAY}
)


class Addressed(Content, Protocol):
    """A message whose recipient can be simulated."""

    @property
    def identity(self) -> UUID:
        """The message's."""

    @property
    def recipient(self) -> str:
        """An e-mail address, or a number as E.164."""


Message = TypeVar("Message", bound=Addressed)


class Simulation(Generic[Message]):
    """A carrier that hands over to another one what is for real recipients."""

    def __init__(self, channel: Channel, carrier: Carrier[Message], reports: Reports) -> None:
        """Wire it; `reports` takes what a provider of `channel` would report."""
        self._channel = channel
        self._carrier = carrier
        self._reports = reports

    @property
    def is_open(self) -> bool:
        """Whether the carrier behind it is."""
        return self._carrier.is_open

    async def open(self) -> None:
        """Open the carrier behind it.

        Raises:
            ProviderUnreachable: not now.
        """
        await self._carrier.open()

    async def send(self, parcel: Message) -> Answer:
        """Hand one message over, or simulate that.

        The report is taken at once; that it comes before we have written down that the message was
        accepted happens with providers, too.

        Raises:
            ProviderUnreachable: Nothing of the message was handed over.
        """
        ending = ending_of(parcel.recipient)
        if ending is None:
            return await self._carrier.send(parcel)
        if (receipt := _REPORTED.get(ending)) is not None:
            await self._reports.take(self._channel, [Report(parcel.identity, receipt)])
        return Answer.LATER if ending is Ending.DEFERRED else Answer.ACCEPTED

    async def close(self) -> None:
        """Take leave."""
        await self._carrier.close()
