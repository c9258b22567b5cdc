"""From a rendered message to an e-mail. Pure: the same message always gives the same bytes.

The lines are put together by hand: `email.message.EmailMessage` parses and folds every header anew
and takes two milliseconds for a mail, more than all the rest of sending it. What needs encoding,
the sender's name and the subject, is encoded by the standard library and remembered.
"""

from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache, partial
from uuid import UUID

from services.notify.channels.email.calendar_file import Appointment, CalendarFile, calendar_file
from services.notify.message import Claim
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.rendering import Rendered, locale_of
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.template.hostile import has_control
from services.notify.template.markup import escaped
from shared.contacts.contact import Contact

_LINE = 76
"""RFC 2045: no longer line in base64."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in its envelope; `identity` is the message's."""

    identity: UUID
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailWriter:
    """Writes mails."""

    opening: Opening
    materials: Materials

    async def prepare(self, claim: Claim) -> Prepared[Mail] | Outcome:
        """Write the mail, or tell why there is none."""
        return self.opening.written(claim, partial(write, self.materials))


def write(materials: Materials, claim: Claim, contact: Contact) -> Mail | None:
    """Write the mail of a message; None if its recipient has no address for one.

    Raises:
        ValueMissing: The text is gone, or a value that it needs.
    """
    attempt = claim.attempt
    rendered = materials.rendered(claim, contact)
    if contact.email is None:
        return None
    recipient = contact.email.reveal()
    return compose(
        rendered,
        identity=attempt.id,
        sender=materials.sender,
        recipient=recipient,
        dated=attempt.planned_at,
        calendar=_calendar(materials, claim, recipient),
    )


def _calendar(materials: Materials, claim: Claim, recipient: str) -> CalendarFile | None:
    """Write the calendar file of an appointment; the text's office has been found before."""
    method = materials.messages.by_name[claim.attempt.name].description.calendar
    if method is None:
        return None
    starts, ends, office = (claim.facts.get(name) for name in ("starts", "ends", "office"))
    begins = datetime.fromisoformat(str(starts)) if starts else None
    over = datetime.fromisoformat(str(ends)) if ends else None
    authority, here = materials.organisation.authority, materials.organisation.jurisdiction
    appointment = Appointment(
        case_ref=claim.attempt.case_ref,
        identity=claim.about,
        sequence=claim.sequence,
        title=authority.name.de,
        organizer=materials.sender.address,
        attendee=recipient,
        stated_at=claim.attempt.planned_at,
        starts=begins,
        ends=over if begins and over and over > begins else None,
        place=f"{materials.organisation.office(str(office)).where}, {authority.place}"
        if office
        else None,
    )
    return calendar_file(method, appointment, here.time_zone)


def compose(
    rendered: Rendered,
    *,
    identity: UUID,
    sender: Sender,
    recipient: str,
    dated: datetime,
    calendar: CalendarFile | None = None,
) -> Mail:
    """Write an e-mail.

    The Message-ID comes from the message's identity, so a repeated mail can be recognised as such.
    `Auto-Submitted` (RFC 3834) keeps answering machines from answering; so does Exchange's own
    header, which asks for everything but reports that a mail didn't arrive.

    Args:
        rendered: Subject and text; it goes as plain text and as HTML.
        identity: The message's identity.
        sender: Who writes.
        recipient: An address that has been validated.
        dated: When the message was planned; the same for every attempt.
        calendar: A file for the recipient's calendar, beside the text.

    Raises:
        ValueError: A header would hold a line break.
    """
    body = _alternatives(identity, rendered)
    if calendar is not None:
        body = _beside(identity, body, calendar)
    head = (
        _from(sender),
        *([_line("Reply-To", sender.answers_to)] if sender.answers_to else []),
        _line("To", recipient),
        _encoded("Subject", rendered.subject),
        _line("Date", format_datetime(dated)),
        _line("Message-ID", f"<{identity}@{sender.domain}>"),
        _line("Auto-Submitted", "auto-generated"),
        _line("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        _line("MIME-Version", "1.0"),
        _line("Content-Language", rendered.language),
    )
    content = "".join(head).encode("ascii") + body
    return Mail(identity, sender.return_path(identity), recipient, content)


def _alternatives(identity: UUID, rendered: Rendered) -> bytes:
    """Write the text for programs that show plain text, and for those that show pages."""
    parts = _part("plain", f"{rendered.text.rstrip()}\n"), _part("html", page(rendered))
    return _multipart("alternative", identity.hex, parts)


def _beside(identity: UUID, text: bytes, calendar: CalendarFile) -> bytes:
    """Put a calendar file beside the text (iMIP, RFC 6047).

    Calendars obey a part whose type names the method of the file, so both must be the same.
    """
    kind = f'text/calendar; charset="utf-8"; method={calendar.method}; name="termin.ics"'
    head = (
        _line("Content-Type", kind),
        _line("Content-Disposition", 'attachment; filename="termin.ics"'),
        _line("Content-Transfer-Encoding", "base64"),
    )
    coded = b64encode(calendar.content)
    lines = b"\r\n".join(coded[at : at + _LINE] for at in range(0, len(coded), _LINE))
    file = "".join((*head, "\r\n")).encode("ascii") + lines + b"\r\n"
    return _multipart("mixed", f"0.{identity.hex}", (text, file))


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = _line("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')
    between = f"--{boundary}\r\n".encode("ascii")
    whole = [f"{head}\r\n".encode("ascii")]
    for part in parts:
        whole += between, part
    return b"".join((*whole, f"--{boundary}--\r\n".encode("ascii")))


def _part(subtype: str, text: str) -> bytes:
    head = (
        _line("Content-Type", f'text/{subtype}; charset="utf-8"'),
        _line("Content-Transfer-Encoding", "quoted-printable"),
    )
    # b2a_qp breaks long lines as the first line of the text ends, so there must be one that ends.
    lines = text.replace("\n", "\r\n").encode()
    return "".join((*head, "\r\n")).encode("ascii") + b2a_qp(lines, istext=True)


def page(rendered: Rendered) -> str:
    """Put the text on a page of its own: language and direction for screen readers, large type."""
    direction = locale_of(rendered.language).text_direction
    return _PAGE.format(
        language=rendered.language,
        direction=direction,
        title=escaped(rendered.subject),
        body=rendered.html,
    )


_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body style="margin:0 auto;padding:16px;max-width:640px;font-family:Arial,Helvetica,sans-serif;
font-size:17px;line-height:1.5;color:#111111;background:#ffffff">
{body}</body>
</html>
"""


@lru_cache(maxsize=64)
def _from(sender: Sender) -> str:
    return _encoded("From", str(Address(sender.name, addr_spec=sender.address)))


def _line(name: str, value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"the header {name} would hold a line break or control character")
    return f"{name}: {value}\r\n"


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> str:
    """Write a header that may hold any character (RFC 2047), folded."""
    if has_control(value) or "\n" in value:
        raise ValueError(f"the header {name} would hold a line break or control character")
    header = SMTP.header_factory(name, value)
    folded: str = header.fold(policy=SMTP)
    return folded
