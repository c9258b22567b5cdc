"""What a provider's report means for the message and for the address. Pure.

A report that isn't understood says nothing new: the message stays accepted. Nobody's address is
blamed for a cause that nobody told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from services.notify.channels.letter.print_folder import Verdict
from services.notify.channels.mailbox.security_event import EVENTS, SecurityEvent, Stage
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

_LETTERS: Mapping[Verdict, Receipt] = MappingProxyType(
    {
        Verdict.POSTED: ON_ITS_WAY,
        Verdict.REFUSED: UNWELCOME,
        Verdict.RETURNED: NO_SUCH_ADDRESS,
        Verdict.DELIVERED: ARRIVED,
    }
)

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_PERMANENT = "5"

# RFC 3463: of addresses (X.1) only what is wrong with the recipient's own, not with the sender's.
_NO_SUCH_MAILBOX = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_ADDRESS, _MAILBOX, _MEDIA, _POLICY = 1, 2, 6, 7
_TOO_BIG = frozenset({(2, 3), (3, 4)})

# What a destination objects to in a submission (docs.fitko.de/fit-connect, events): nobody read it.
_UNREADABLE = frozenset(
    f"{EVENTS}problems/{name}"
    for name in (
        "encryption-issue",
        "incorrect-hash",
        "missing-schema",
        "schema-violation",
        "syntax-violation",
        "unsupported-schema",
        "unsupported-service",
    )
)

# 3GPP TS 23.040, 9.2.3.15 (TP-Status).
_RECEIVED = 0x00
_GIVEN_UP = range(0x40, 0x80)
# Incompatible destination, refused by the phone, not obtainable, no interworking.
_NO_SUCH_NUMBER = frozenset({0x41, 0x42, 0x43, 0x45})


def of_mail(action: str, status: str) -> Receipt:
    """Read what a delivery status notification says of one recipient (RFC 3464).

    Args:
        action: `failed`, `delayed`, `delivered`, `relayed` or `expanded` (2.3.3). Relayed and
            expanded mean that nothing more will be told, so they are no delivery.
        status: The enhanced code of RFC 3463, as `5.1.1`.
    """
    match action.strip().lower():
        case "delivered":
            return ARRIVED
        case "failed" | "error":  # OpenSMTPD says the latter
            return _failed_mail(status)
    return ON_ITS_WAY


def of_sms(status: int) -> Receipt:
    """Read a status report of the network by its TP-Status (3GPP TS 23.040).

    Only `0x00` says that the phone has the message; `0x01` is a network that couldn't confirm it.
    """
    if status == _RECEIVED:
        return ARRIVED
    if status in _NO_SUCH_NUMBER:
        return NO_SUCH_ADDRESS
    if status in _GIVEN_UP:
        return NOT_THIS_TIME
    return ON_ITS_WAY


def of_submission(events: Iterable[SecurityEvent]) -> tuple[Receipt, SecurityEvent] | None:
    """Read the event log of a submission to a mailbox, and which event tells it.

    None while it hasn't left. No problem is known that says that there is no such mailbox, so none
    is blamed.
    """
    told = {event.stage: event for event in events}
    if (accepted := told.get(Stage.ACCEPTED)) is not None:
        return ARRIVED, accepted
    if (rejected := told.get(Stage.REJECTED)) is not None:
        unreadable = _UNREADABLE & set(rejected.problems)
        return UNWELCOME if unreadable else LOST_ON_THE_WAY, rejected
    submitted = told.get(Stage.SUBMITTED)
    return None if submitted is None else (ON_ITS_WAY, submitted)


def of_letter(verdict: Verdict) -> Receipt:
    """Read what a printer says; that it was posted is no delivery."""
    return _LETTERS[verdict]


def _failed_mail(status: str) -> Receipt:
    found = _STATUS.match(status.strip())
    if found is None:
        return LOST_ON_THE_WAY
    kind, subject, detail = found[1], int(found[2]), int(found[3])
    if kind == _PERMANENT and (subject, detail) in _NO_SUCH_MAILBOX:
        return NO_SUCH_ADDRESS
    if subject in {_MEDIA, _POLICY} or (subject, detail) in _TOO_BIG:
        return UNWELCOME
    return NOT_THIS_TIME if subject in {_ADDRESS, _MAILBOX} else LOST_ON_THE_WAY
