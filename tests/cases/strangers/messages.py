"""What strangers gave in messages, after public bug reports of systems like this one."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any, cast
from uuid import UUID

from pypdf import PdfReader

from services.intake.contacts import read_contacts
from services.intake.plausibility import Span
from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.delivery_status import of_mail
from services.notify.channels.letter.writing import typeset
from services.notify.contacts.normal_form import normal_form
from services.notify.messages.examples import examples
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.planning.expiry import TRAVEL
from services.notify.recipients.countries import country_of
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import Receipt
from shared.contacts.contact import Contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.event import new_event
from shared.events.vocabulary import Channel
from shared.web.problems import Problem
from tests.cases.case import Case
from tests.cases.strangers.story import BEGINNING, CONTACT, HERE, MATERIALS, TIMES, Story, Told

SPAN = Span(date(1990, 1, 1), date(2076, 1, 1), date(2036, 1, 1))
_OURS = UUID("20eac312-5fba-54d8-a3e5-1f658e55434f")
_SERVERS = frozenset({"MAILER-DAEMON", "mailer-daemon", "server", "postmaster", "<>", ""})
PROMISES = ("do not need to do anything", "nichts tun", "nichts mehr tun")
"""How our texts say that there is nothing to do."""


def _true(case: Case) -> bool:
    """What leaves at the end, or waits then, promises nothing while something is open."""
    if "nothing" not in case.expected["not_sent"]:
        return False
    story = Story.of(case.input)
    texts = [story.written(one) for one in story.leaving_last()]
    return bool(texts) and not any(promise in text for text in texts for promise in PROMISES)


def _which(case: Case) -> bool:
    """The last message names its appointment, day and time."""
    story = Story.of(case.input)
    *_, last = (one for one in story.told if one.message.leaves_at is None)
    return all(part in story.written(last) for part in case.expected["text_names"].split(", "))


def _history(case: Case) -> bool:
    story = Story.of(case.input, read_now=True)
    sent = [one.message.name for one in story.told if _leaves(one)]
    return bool(sent == case.expected["sent"])


def _leaves(one: Told) -> bool:
    message, ended = one.message, one.message.expires_at
    return message.reason is None and (ended is None or ended > one.read_at)


def _calendar(case: Case) -> bool:
    """The file of the last message keeps the place, and an end after its start."""
    story = Story.of(case.input)
    first, *_, last = (entry for one in story.ever if (entry := story.calendar_entry(one)))
    length = first.end - first.start
    return last.place == first.place and last.end == last.start + length > last.start


def _bounce(case: Case) -> bool:
    """Whether a mail that came back, or an answer, is held against the recipient."""
    if "blocked" in case.expected:
        receipt = _reported(case.input)
        return (receipt is not None and receipt.hardness is not Hardness.NONE) is (
            case.expected["blocked"]
        )
    blamed = of_mail("failed", case.input["status"]).hardness is not Hardness.NONE
    return blamed is bool(case.expected["counts_against_recipient"])


def _reported(told: Mapping[str, str]) -> Receipt | None:
    """Read a mail with such words, from a person or from a mail server."""
    sender, way_back = "anna@example.net", "<anna@example.net>"
    if told["from"] in _SERVERS:
        sender, way_back = "mailer-daemon@example.net", "<>"
    mail = EmailMessage()
    mail["Return-Path"], mail["From"] = way_back, sender
    mail["To"] = f"zurueck+{_OURS.hex}@example.org"
    mail.set_content(told["text"], cte=told.get("encoding", "8bit"))
    sent = Sender("Amt", "amt@example.org", bounces="zurueck@example.org")
    report = read_report(mail.as_bytes(), sent)
    return report.receipt if report else None


def _address(case: Case) -> bool:
    """A country on the last line, or a contact whose bad part doesn't spoil the good one."""
    if "last_line" in case.input:
        taken = country_of(case.input["last_line"]) is not None
        return taken is case.expected["taken"]
    contact, refused = _taken(case.input)
    if "taken" in case.expected:
        return bool(refused) is not case.expected["taken"]
    kept = [one for one, how in case.expected.items() if how == "kept"]
    return not refused & set(kept) and all(getattr(contact, one) is not None for one in kept)


def _taken(given: Mapping[str, object]) -> tuple[Contact, set[str]]:
    """Take a contact as the door and notify do; gives which fields were refused."""
    known = Contact.model_validate({"contact_ref": CONTACT, "language": "de"})
    document = json.dumps({"contact_ref": CONTACT, "language": "de", **given})
    try:
        (contact,), refused = read_contacts(document.encode(), SPAN)
    except Problem:
        return known, set(given)
    read, wrong = normal_form(contact)
    at_the_door = {str(one["field"]) for told in refused for one in cast("Any", told["fields"])}
    return read, at_the_door | {one.field for one in wrong}


def _rtl(case: Case) -> bool:
    """A number in an Arabic text stands alone in its direction, in words, page and on paper."""
    contact = {**HERE.authority.contact.model_dump(), "phone": case.input["phone"]}
    authority = HERE.authority.model_copy(
        update={"contact": HERE.authority.contact.model_validate(contact)}
    )
    here = HERE.model_copy(update={"authority": authority})
    kind = MATERIALS.messages.by_name["appointment_booked"]
    written = render(kind, "ar", examples(kind)[""], here)
    letter = typeset(
        render(kind, "ar", examples(kind)[""], here, way=Channel.LETTER),
        identity=_OURS,
        stationery=MATERIALS.stationery,
        authority=authority,
        recipient=("Anna", "Gasse 1", "76131 Karlsruhe"),
        reference="case-" + "a" * 26,
        dated=BEGINNING.date(),
        reception=HERE.reception(None, None),
    )
    shown = case.expected["shown_left_to_right"]
    pages = PdfReader(BytesIO(letter.content)).pages
    drawn = "".join(page.extract_text().replace(" ", "") for page in pages)
    alone = f"\u2066{shown}\u2069"
    # Text comes out as it is drawn: once above the letter's text, once below.
    return (
        alone in written.text and alone in written.html and drawn.count(shown.replace(" ", "")) == 2
    )


def _reminder(case: Case) -> bool:
    """A reminder leaves on a working day, when there is still one before the appointment."""
    starts = datetime.fromisoformat(case.input["starts"])
    booked = AppointmentBooked(
        appointment_id="appointment-" + "a" * 26, service_key="s", office="o", starts=starts
    )
    event = new_event("urn:gleichfall:test", "case-" + "a" * 26, booked, time=starts)
    reminder = MATERIALS.messages.by_name["appointment_reminder"].description
    calendar = TIMES.calendar
    by_mail, by_post = (
        TIMES.leaves_at(reminder, event, way) for way in (Channel.EMAIL, Channel.LETTER)
    )
    assert by_mail is not None
    assert by_post is not None
    told = re.search(r"\d{4}-\d{2}-\d{2}", case.expected["leaves"])
    latest = date.fromisoformat(told[0]) if told else calendar.day_of(starts) - timedelta(days=1)
    days = [calendar.day_of(one) for one in (by_mail, by_post)]
    return (
        all(map(calendar.is_working_day, days))
        and days[0] <= latest
        and by_post <= by_mail
        and days[1] + TRAVEL[Channel.LETTER] < calendar.day_of(starts)
    )


_CALLED = {
    "appointment_booked": "confirmation",
    "emergency_slot_booked": "confirmation",
    "application_received": "confirmation",
    "appointment_reminder": "reminder",
}


def _contact(case: Case) -> bool:
    """What is still of use leaves when the contact comes after its event."""
    story = Story.of(case.input)
    sent = [one.message.name for one in story.told if story.leaves(one)]
    return bool([_CALLED.get(name, name) for name in sent] == case.expected["sent"])


CHECKS: dict[str, Callable[[Case], bool]] = {
    "message.true": _true,
    "message.which": _which,
    "message.history": _history,
    "message.calendar": _calendar,
    "message.contact": _contact,
    "message.bounce": _bounce,
    "message.rtl": _rtl,
    "message.reminder": _reminder,
    "message.address": _address,
}
