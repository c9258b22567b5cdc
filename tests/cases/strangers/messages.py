"""What strangers gave in messages, after public bug reports of systems like this one."""

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from uuid import UUID

from pydantic import ValidationError

from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.delivery_status import of_mail
from services.notify.contacts.normal_form import normal_form
from services.notify.messages.materials import Sender
from services.notify.recipients.countries import country_of
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import Receipt
from shared.contacts.contact import Contact
from tests.cases.case import Case
from tests.cases.strangers.story import CONTACT, Story, Told

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
    known: dict[str, object] = {"contact_ref": CONTACT, "language": "de"}
    refused = set[str]()
    while True:
        try:
            read = normal_form(Contact.model_validate({**known, **given}))
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors()}
        else:
            if isinstance(read, Contact):
                return read, refused
            wrong = {one.field for one in read}
        refused |= wrong
        given = {name: value for name, value in given.items() if name not in wrong}


CHECKS: dict[str, Callable[[Case], bool]] = {
    "message.true": _true,
    "message.which": _which,
    "message.history": _history,
    "message.calendar": _calendar,
    "message.bounce": _bounce,
    "message.address": _address,
}
