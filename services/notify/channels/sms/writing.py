"""From a claimed message to an SMS, by day. Pure: the clock is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from services.notify.channels.sms.alphabet import Sms, as_sms
from services.notify.lanes import PATIENCE
from services.notify.message import Claim
from services.notify.messages.materials import Materials
from services.notify.messages.rendering import render_short
from services.notify.planning.quiet_hours import QuietHours, leaves_at
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.contacts.contact import Contact
from shared.organisation.calendar import Calendar


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text on its way to a phone.

    Attributes:
        identity: The message's; the same for every try.
        gateway: Which one is asked.
        held: Whether that gateway may have it from an earlier try.
        recipient: E.164.
        sms: The text.
        valid_for: How long networks may try; later it isn't delivered any more.
    """

    identity: UUID
    gateway: str
    held: bool
    recipient: str
    sms: Sms
    valid_for: timedelta

    @property
    def content(self) -> bytes:
        """What its recipient reads."""
        return self.sms.text.encode()


@dataclass(frozen=True, slots=True)
class SmsWriter:
    """Writes SMS; `clock` tells whether it is quiet now, where quiet hours are kept."""

    opening: Opening
    materials: Materials
    clock: Callable[[], datetime]
    quiet: bool = True

    async def prepare(self, claim: Claim) -> Prepared[TextMessage] | Outcome:
        """Write the SMS, or tell why there is none, or none now."""
        now, attempt = self.clock(), claim.attempt
        quiet = QuietHours(Calendar.of(self.materials.organisation))
        kind = self.materials.messages.by_name.get(attempt.name)
        wakes = not self.quiet or (kind is not None and kind.description.wakes is not None)
        if (leaves := leaves_at(now, attempt.channel, quiet, wakes=wakes)) > now:
            return Outcome(State.HELD, delay=leaves - now)
        return self.opening.written(claim, partial(write, self.materials))


def write(materials: Materials, claim: Claim, contact: Contact) -> TextMessage | None:
    """Write the SMS of a message; None if its recipient has no number for one.

    Raises:
        ValueMissing: The text is gone, or a value that it needs.
    """
    attempt = claim.attempt
    kind = materials.kind(attempt)
    text = render_short(kind, attempt.language, claim.facts, materials.organisation)
    if contact.phone is None or attempt.asked is None:
        return None
    return TextMessage(
        identity=attempt.id,
        gateway=attempt.asked,
        held=attempt.holder is not None,
        recipient=contact.phone.reveal(),
        sms=as_sms(text),
        valid_for=PATIENCE[attempt.lane],
    )
