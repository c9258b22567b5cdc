"""What a provider's report means for the message and for the address. Pure.

Each channel reads its providers' words into one of these. A report that isn't understood says
nothing new: the message stays accepted. Nobody's address is blamed for a cause that nobody told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.notify.recipients.suppression import Hardness
from services.notify.states import REPORTS, State
from shared.events.vocabulary import Channel, FailureReason


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report, in our words.

    Attributes:
        state: Where it leads, if it is stronger than what was reported before.
        reason: Why the message came back.
        hardness: What that says about the address.
    """

    state: State
    reason: FailureReason | None = None
    hardness: Hardness = Hardness.NONE


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says of one message, named by its identity."""

    message: UUID
    receipt: Receipt


def strongest(channel: Channel, reports: Iterable[Report]) -> list[Report]:
    """Keep the strongest report of each message: the highest on the ladder of its channel."""
    ladder = REPORTS[channel]
    found: dict[UUID, Report] = {}
    for report in sorted(reports, key=lambda one: ladder.index(one.receipt.state)):
        found[report.message] = report
    return list(found.values())


ON_ITS_WAY = Receipt(State.ACCEPTED)
ARRIVED = Receipt(State.DELIVERED)
NO_SUCH_ADDRESS = Receipt(State.BOUNCED, FailureReason.ADDRESS_REFUSED, Hardness.HARD)
NOT_THIS_TIME = Receipt(State.BOUNCED, FailureReason.UNDELIVERABLE, Hardness.SOFT)
UNWELCOME = Receipt(State.BOUNCED, FailureReason.CONTENT_REFUSED)
LOST_ON_THE_WAY = Receipt(State.BOUNCED, FailureReason.UNDELIVERABLE)
