"""The one port to all channels: what the sending loops know of whoever takes messages away."""

from datetime import timedelta
from typing import Protocol, TypeVar

from services.notify.sending.answer import Answer
from shared.errors import TransientError

SEND_TIMEOUT = timedelta(seconds=90)
"""No attempt takes longer."""


class Content(Protocol):
    """A message as its channel carries it: a mail, an SMS, a submission."""

    @property
    def content(self) -> bytes:
        """What its recipient gets: the same bytes whenever the same message is written."""


Parcel = TypeVar("Parcel", bound=Content)
Parcel_contra = TypeVar("Parcel_contra", bound=Content, contravariant=True)


class ProviderUnreachable(TransientError):
    """A provider can't be reached, greets with an error or refuses our login."""

    def __init__(self, who: str, cause: str) -> None:
        # The provider's own words may quote an address: only the kind of error is told.
        super().__init__(f"{who} does not take connections ({cause}); messages wait until it does")


class ProviderSilent(TransientError):
    """A provider is slow: it doesn't answer in the time that a healthy one needs."""

    def __init__(self, who: str, silence: timedelta) -> None:
        super().__init__(
            f"the {who} has not answered for {silence.total_seconds():.0f} s; messages wait "
            "and leave by themselves"
        )


class Carrier(Protocol[Parcel_contra]):
    """Hands over one message at a time, over a connection that it keeps and renews."""

    @property
    def is_open(self) -> bool:
        """Whether the next message would be taken away at once."""

    async def open(self) -> None:
        """Make it so.

        Raises:
            ProviderUnreachable: not now.
        """

    async def send(self, parcel: Parcel_contra) -> Answer:
        """Hand one message over, within `SEND_TIMEOUT`.

        Raises:
            ProviderUnreachable: Nothing of the message was handed over.
        """

    async def close(self) -> None:
        """Take leave."""
