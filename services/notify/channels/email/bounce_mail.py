"""What a mail that came back, or a report of delivery, says of one of our messages. Pure.

Delivery status notifications (RFC 3464) say it in fields. For servers that write in a way of their
own, flufl.bounce, which Mailman keeps, finds whether a mail was given up or is only late.

Whose message it is about stands in the address that it came back to (VERP) or in our Message-ID,
which it quotes. Both hold the message's identity, a hash of things that nobody outside knows: who
hasn't had the message can't forge a report of it.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import Message
from email.parser import HeaderParser
from uuid import UUID

from flufl.bounce import all_failures

from services.notify.channels.email.delivery_status import of_mail
from services.notify.messages.materials import Sender
from services.notify.reports.receipts import ARRIVED, ON_ITS_WAY, Receipt, Report
from services.notify.states import State

# It logs mails that it stumbles over, and a mail may quote anybody.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_HEX = r"[0-9a-f]{32}"
_DASHED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CAME_BACK_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_QUOTED_IN = ("In-Reply-To", "References")
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers"})
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_BLANK = re.compile(r"\r?\n[ \t]*\r?\n")


def read_report(content: bytes, sender: Sender) -> Report | None:
    """Read a mail to the address that our mails come back to.

    Returns:
        None for everything that says nothing of one of our messages: answers of people and of
        machines, advertising, reports about mails of others or about several at once, and what
        was made to be unreadable.
    """
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        identity = _identity(mail, content, sender)
        receipt = identity and (_of_fields(mail) or _of_words(mail))
    except Exception:  # noqa: BLE001 - parsers stumble over mails that no server writes
        return None
    return Report(identity, receipt) if identity and receipt else None


def _identity(mail: Message, content: bytes, sender: Sender) -> UUID | None:
    """Give the message it is about; the address it came back to is surer than what it quotes."""
    local, _, domain = sender.returns_to.partition("@")
    verp = re.compile(rf"{re.escape(local)}\+({_HEX})@{re.escape(domain)}", re.IGNORECASE)
    ours = re.compile(rf"<({_DASHED})@{re.escape(sender.domain)}>", re.IGNORECASE)
    for pattern, places in (
        (verp, _headers(mail, _CAME_BACK_TO)),
        (ours, _returned(mail)),
        (ours, [*_headers(mail, _QUOTED_IN), content.decode("latin-1")]),
    ):
        if found := {UUID(one) for place in places for one in pattern.findall(place)}:
            return found.pop() if len(found) == 1 else None
    return None


def _headers(mail: Message, names: Sequence[str]) -> list[str]:
    return [str(value) for name in names for value in mail.get_all(name, [])]


def _returned(mail: Message) -> Iterator[str]:
    """Give the Message-IDs of the mail that came back."""
    for part in mail.walk():
        if part.get_content_type() in _RETURNED:
            yield from _headers(_message_in(part), ["Message-ID"])


def _message_in(part: Message) -> Message:
    """Give the mail or the headers that a part holds."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    return HeaderParser().parsestr(str(payload))


def _of_fields(mail: Message) -> Receipt | None:
    """Read a delivery status notification; None if it is none."""
    receipts = [
        of_mail(_word(block, "Action"), _status(block))
        for part in mail.walk()
        if part.get_content_type() in _STATUS_TYPES
        for block in _blocks(part)
        if block["Action"] is not None
    ]
    return _together(receipts) if receipts else None


def _together(receipts: Sequence[Receipt]) -> Receipt:
    """Put together what is said of several addresses, where ours was sent on to them.

    It arrived if it arrived anywhere, and came back only if it came back from everywhere; then the
    address is blamed as little as any of the reports does.
    """
    states = {receipt.state for receipt in receipts}
    if State.DELIVERED in states:
        return ARRIVED
    if states == {State.BOUNCED}:
        return max(receipts, key=lambda receipt: receipt.hardness.value)
    return ON_ITS_WAY


def _blocks(part: Message) -> Iterator[Message]:
    """Give the groups of fields: first those of the mail, then those of each address."""
    payload = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
        return
    for text in _BLANK.split(_message_in(part).as_string()):
        yield HeaderParser().parsestr(text)


def _word(block: Message, name: str) -> str:
    """Give a field without the comments that some servers put behind it."""
    words = str(block[name]).split()
    return words[0].rstrip(";,") if words else ""


def _status(block: Message) -> str:
    """Give the enhanced code: the field, or what the server's own words say if it says nothing."""
    fields = (str(block[name] or "") for name in ("Status", "Diagnostic-Code"))
    codes = [found[1] for text in fields if (found := _ENHANCED.search(text))]
    return next((code for code in codes if not code.endswith(".0.0")), "")


def _of_words(mail: Message) -> Receipt | None:
    """Read a bounce that follows no standard; None if it is no bounce at all."""
    late, given_up = all_failures(mail)
    if given_up:
        said = next((_ENHANCED.search(text) for text in _texts(mail)), None)
        return of_mail("failed", said[1] if said else "")
    return ON_ITS_WAY if late else None


def _texts(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            yield payload.decode("latin-1") if isinstance(payload, bytes) else ""
