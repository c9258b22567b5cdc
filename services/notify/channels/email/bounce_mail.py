"""What a mail that came back, or a report of delivery, says of one of our messages. Pure.

Delivery status notifications (RFC 3464) say it in fields. For servers that write in a way of their
own, flufl.bounce, which Mailman keeps, finds whether a mail was given up or is only late.

Whose message it is about stands in the address that it came back to (VERP) or in our Message-ID,
which it quotes. Both hold the message's identity, a hash of things that nobody outside knows: who
hasn't had the message can't forge a report of it.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes, policy
from email.message import Message
from email.parser import HeaderParser
from types import MappingProxyType
from uuid import UUID

from flufl.bounce import all_failures

from services.notify.channels.email.delivery_status import of_mail
from services.notify.messages.materials import Sender
from services.notify.reports.receipts import ARRIVED, ON_ITS_WAY, Receipt, Report
from services.notify.states import State

# It logs mails that it stumbles over, and a mail may quote anybody.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

# Anybody may write to where mails come back to, and parsers take much longer for what is made to be
# long than for what a server writes: a few words, some fields and at most our own mail.
LONGEST = 64 * 1024
_MOST_KINDS_OF_PARTS, _MOST_PARTS = 20, 200
_HEX = r"[0-9a-f]{32}"
_DASHED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CAME_BACK_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_QUOTED_IN = ("In-Reply-To", "References")
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DELIVERY = "delivery-status"
_OF_DELIVERY = frozenset({_DELIVERY, "global-delivery-status"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers"})
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SERVER = re.compile(r"\b(?:mailer-daemon|mail-daemon|postmaster)@", re.IGNORECASE)
_CODED = frozenset({"base64", "quoted-printable"})

# How large German providers say it where they write no report that is one.
_GIVEN_UP = re.compile(
    r"\b(?:nicht|un)\s?zu(?:ge)?stell(?:t|bar|en)|zustellung\b.{0,60}\b(?:fehlgeschlagen|gescheitert)"
    r"|nicht (?:aus|ab)geliefert|nicht übermittelt",
    re.IGNORECASE | re.DOTALL,
)
_LATE = re.compile(
    r"verzöger|noch nicht zugestellt|weiter(?:e|hin)? (?:zustell)?versuch|wird weiter versucht"
    r"|erneut versuch",
    re.IGNORECASE,
)
_REFUSED_BY_POLICY = re.compile(
    r"\b(?:spam|spamhaus|(?:black|block)list\w*|polic(?:y|ies)|richtlinien?|reputation|spf|dkim|dmarc)\b",
    re.IGNORECASE,
)
"""Then the server doesn't want mails of ours, whatever code it gives: nobody's address is wrong."""
_IN_WORDS: Mapping[re.Pattern[str], str] = MappingProxyType(
    {
        _REFUSED_BY_POLICY: "5.7.1",
        re.compile(
            r"(?:empfänger|adresse|postfach|benutzer|konto)\b.{0,40}?"
            r"\b(?:unbekannt|existiert nicht|nicht (?:bekannt|vorhanden|gefunden))"
            r"|unbekannte[rs]? (?:empfänger|adresse|benutzer)"
            r"|user unknown|unknown user|no such user|mailbox unavailable|does not exist",
            re.IGNORECASE,
        ): "5.1.1",
        re.compile(
            r"(?:postfach|mailbox|speicher\w*)\b.{0,40}?\b(?:voll|überfüllt|full|belegt)|over quota"
            r"|quota exceeded",
            re.IGNORECASE,
        ): "5.2.2",
    }
)
_BLANK = re.compile(r"\r?\n[ \t]*\r?\n")


def read_report(content: bytes, sender: Sender) -> Report | None:
    """Read a mail to the address that our mails come back to.

    Returns:
        None for everything that says nothing of one of our messages: answers of people, whatever
        they quote, and of machines, advertising, reports about mails of others or about several at
        once, and what was made to be unreadable. What lies behind the first 64 KiB isn't read.
    """
    content = content[:LONGEST]
    if _is_in_pieces(content):
        return None
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        identity = _identity(mail, content, sender)
        receipt = identity and _is_a_report(mail) and (_of_fields(mail) or _of_words(mail))
    except Exception:  # noqa: BLE001 - parsers stumble over mails that no server writes
        return None
    return Report(identity, receipt) if identity and receipt else None


def _is_in_pieces(content: bytes) -> bool:
    """Whether it would come apart into more parts, or parts of parts, than a server makes."""
    kinds, parts = content.lower().count(b"boundary"), content.count(b"\n--")
    return kinds > _MOST_KINDS_OF_PARTS or parts > _MOST_PARTS


def _is_a_report(mail: Message) -> bool:
    """Whether a mail server wrote it: a report by its type, or from nobody (RFC 5321, 4.5.5).

    Who is away answers from nobody, too (RFC 3834), and programs report that somebody read or
    complained (RFC 8098, 5965): none of it says what became of a mail.
    """
    if mail.get_content_type() == "multipart/report":
        return str(mail.get_param("report-type") or _DELIVERY).lower() in _OF_DELIVERY
    if _SERVER.search(str(mail["From"] or "")) is not None:
        return True
    answers = str(mail["Auto-Submitted"] or "").strip().lower().startswith("auto-replied")
    nobody = any(str(one).strip() == "<>" for one in mail.get_all("Return-Path", []))
    return nobody and not answers


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
    if isinstance(payload, list) and not _is_encoded(part):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    return HeaderParser().parsestr(_plain(part))


def _is_encoded(part: Message) -> bool:
    """Whether a part is in base64 or the like, where the standard wants it plain."""
    return str(part["Content-Transfer-Encoding"] or "").strip().lower() in _CODED


def _plain(part: Message) -> str:
    """Give the text of a part; the parser takes an encoded report for messages, and keeps it so."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        decoded = part.get_payload(decode=True)
        return decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
    whole = Message()
    whole["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"])
    whole.set_payload("\n".join(one.as_string() for one in payload if isinstance(one, Message)))
    decoded = whole.get_payload(decode=True)
    return decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""


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
    plain = not _is_encoded(part)
    if plain and part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
        return
    for text in _BLANK.split(_message_in(part).as_string() if plain else _plain(part)):
        yield HeaderParser().parsestr(text)


def _word(block: Message, name: str) -> str:
    """Give a field without the comments that some servers put behind it."""
    words = str(block[name]).split()
    return words[0].rstrip(";,") if words else ""


def _status(block: Message) -> str:
    """Give the enhanced code: the field, or what the server's own words say if it says nothing."""
    fields = [str(block[name] or "") for name in ("Status", "Diagnostic-Code")]
    if _REFUSED_BY_POLICY.search(_without_addresses(fields[1])):
        return "5.7.1"
    codes = [found[1] for text in fields if (found := _ENHANCED.search(text))]
    return next((code for code in codes if not code.endswith(".0.0")), "")


def _without_addresses(said: str) -> str:
    """Leave addresses out: what they are called says nothing of why they were refused."""
    return " ".join(word for word in said.split() if "@" not in word)


def _of_words(mail: Message) -> Receipt | None:
    """Read a bounce that follows no standard; None if it is no bounce at all."""
    said = "\n".join(_texts(mail))
    late, given_up = map(bool, all_failures(_decoded(mail)))
    if not late and not given_up:
        late = _LATE.search(said) is not None
        given_up = not late and _GIVEN_UP.search(said) is not None
    if given_up:
        return of_mail("failed", _code_of(said))
    return ON_ITS_WAY if late else None


def _code_of(said: str) -> str:
    """Give the enhanced code that stands in a report, or the one that its words mean."""
    if found := _ENHANCED.search(said):
        return found[1]
    return next((code for words, code in _IN_WORDS.items() if words.search(said)), "")


def _decoded(mail: Message) -> Message:
    """Give a mail whose words are plain, for who reads no base64."""
    for part in mail.walk():
        if part.get_content_maintype() == "text" and _is_encoded(part):
            text = _plain(part)
            del part["Content-Transfer-Encoding"]
            part.set_payload(text.encode("ascii", "replace").decode("ascii"))
    return mail


def _texts(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            yield _plain(part)
