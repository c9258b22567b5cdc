import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.notify.channels.email.writing import MailWriter
from services.notify.channels.letter.print_run import PrintRun
from services.notify.channels.letter.writing import LetterWriter
from services.notify.channels.mailbox.writing import MailboxWriter
from services.notify.channels.sms.writing import SmsWriter
from services.notify.channels.wiring import CHANNELS
from services.notify.contacts.vault import Vault
from services.notify.lanes import Lane
from services.notify.message import Attempt, Claim
from services.notify.messages.catalogue import load_messages
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.stationery import load_stationery
from services.notify.recipients.allow_list import AllowList
from services.notify.recipients.simulated import MAILBOXES
from services.notify.reference import code_of
from services.notify.sending.carrier import Content
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.configuration.places import ROOT
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel, FailureReason
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

HANDLE = "e0e02494-eca2-4a6b-9320-fc527747878c"
OTHER = "7f2c6a52-5b1e-4b7a-9a53-6d7f0f0c2a11"
ANNA = "contact-" + "a" * 26
THREAD = UUID("20eac312-5fba-44d8-a3e5-1f658e55434f")
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
VAULT = Vault(b"m" * 32)
WRAPPED = VAULT.new_key(ANNA)
KEY = VAULT.key_of(ANNA, WRAPPED)
MATERIALS = Materials(
    load_messages(),
    load_stationery(),
    load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml"),
    Sender("Amt", "amt@example.org"),
)
OPENING = Opening(VAULT, b"edition")
MAILBOX = next(iter(MAILBOXES))
HOME = ("Anna", "Musterstraße 1", "99999 Musterstadt")
WRITERS = {way.channel: way.write for way in CHANNELS}
WAYS = pytest.mark.parametrize("channel", Channel)


def claim(channel: Channel, **fields: object) -> Claim:
    """Give a claimed confirmation of an appointment."""
    found = {"name": "Anna", "email": "anna@example.org", "phone": "+491713920012"}
    given = {"mailbox": HANDLE, "postal_address": HOME} | found | fields
    contact = Contact.model_validate({"contact_ref": ANNA, "language": "de"} | given)
    facts = b'{"starts":"2026-03-20T09:00:00Z","ends":null,"office":"kaiserallee"}'
    return Claim(
        attempt=Attempt(
            id=THREAD,
            name="appointment_booked",
            case_ref="case-" + "a" * 26,
            contact_ref=ANNA,
            channel=channel,
            language="de",
            cause_id=None,
            traceparent=None,
            number=1,
            lane=Lane.URGENT,
            planned_at=NOON,
            expires_at=None,
            asked="gateway",
        ),
        about="appointment",
        sequence=1,
        thread=THREAD,
        facts={},
        sealed=KEY.seal(THREAD, facts),
        ciphertext=VAULT.lock(contact, WRAPPED).ciphertext,
        wrapped_key=WRAPPED,
    )


def prepared(claimed: Claim, opening: Opening = OPENING) -> object:
    ways: Mapping[Channel, Callable[[Claim], Coroutine[Any, Any, object]]] = {
        Channel.EMAIL: MailWriter(opening, MATERIALS).prepare,
        Channel.SMS: SmsWriter(opening, MATERIALS, lambda: NOON).prepare,
        Channel.MAILBOX: MailboxWriter(opening, MATERIALS).prepare,
        Channel.LETTER: LetterWriter(opening, MATERIALS, lambda: NOON).prepare,
    }
    return asyncio.run(ways[claimed.attempt.channel](claimed))


def said(channel: Channel, content: bytes) -> str:
    if channel is Channel.LETTER:
        return PdfReader(BytesIO(content)).pages[0].extract_text()
    return content.decode()


def handed_over(claimed: Claim) -> Prepared[Content]:
    found = prepared(claimed)
    assert isinstance(found, Prepared)
    return found


@WAYS
def test_what_is_kept_of_a_message_writes_it_again_byte_by_byte(channel: Channel) -> None:
    first = handed_over(claim(channel))
    new = {"email": "berta@example.org", "phone": "+491713920013", "mailbox": OTHER}
    moved = claim(channel, name="Berta", postal_address=("Berta", *HOME[1:]), **new)

    told = KEY.unseal(THREAD, first.copy.sealed)
    assert told.contact is not None
    parcel = WRITERS[channel](MATERIALS, replace(moved, facts=told.facts), told.contact)
    assert parcel is not None
    again = parcel.content

    assert again == first.parcel.content
    assert KEY.digest(again) == first.copy.digest
    assert "Kaiserallee" in said(channel, again)


@WAYS
def test_of_the_recipient_only_the_address_that_was_used_is_kept(channel: Channel) -> None:
    kept = KEY.unseal(THREAD, handed_over(claim(channel)).copy.sealed).contact

    assert kept is not None
    addresses = {
        Channel.EMAIL: kept.email,
        Channel.SMS: kept.phone,
        Channel.MAILBOX: kept.mailbox,
        Channel.LETTER: kept.postal_address,
    }
    assert [one for one, address in addresses.items() if address] == [channel]


@WAYS
def test_another_value_or_name_is_another_message(channel: Channel) -> None:
    first = handed_over(claim(channel))
    later = b'{"starts":"2026-03-21T09:00:00Z","ends":null,"office":"kaiserallee"}'
    other = handed_over(replace(claim(channel), sealed=KEY.seal(THREAD, later)))

    assert other.copy.digest != first.copy.digest


@WAYS
def test_what_an_earlier_release_planned_still_leaves(channel: Channel) -> None:
    facts = {"starts": "2026-03-20T09:00:00Z", "office": "kaiserallee"}
    old = replace(claim(channel), sealed=None, facts=facts)

    assert handed_over(old).parcel.content == handed_over(claim(channel)).parcel.content


@WAYS
@pytest.mark.parametrize(
    ("listed", "leaves"),
    [
        (("anna@example.org", "0171 3920012", HANDLE.upper(), ", ".join(HOME)), True),
        (("berta@example.org", "0171 3920013", OTHER), False),
        ((), False),
    ],
)
def test_on_trial_a_message_leaves_for_listed_addresses_only(
    channel: Channel, listed: tuple[str, ...], *, leaves: bool
) -> None:
    trial = replace(OPENING, trial=AllowList.of(listed))

    found = prepared(claim(channel), trial)

    assert isinstance(found, Prepared) is leaves
    assert leaves or (isinstance(found, Outcome) and found.reason is FailureReason.NOT_LISTED)


@WAYS
def test_on_trial_simulated_recipients_are_open(channel: Channel) -> None:
    trial = replace(OPENING, trial=AllowList.of(()))
    nobody = {"email": "a@delivered.test", "phone": "+4915228817386", "mailbox": MAILBOX}
    nowhere = ("Anna", "delivered.test", "99999 Musterstadt")
    simulated = claim(channel, postal_address=nowhere, **nobody)

    assert isinstance(prepared(simulated, trial), Prepared)


def test_a_person_who_was_erased_gets_nothing() -> None:
    gone = replace(claim(Channel.EMAIL), ciphertext=None, wrapped_key=None)

    found = prepared(gone)

    assert isinstance(found, Outcome)
    assert found.reason is FailureReason.NO_CONTACT


def test_a_letter_waits_for_its_print_run() -> None:
    calendar = Calendar.of(MATERIALS.organisation)
    evening = PrintRun(time(16, 30), calendar, calendar.is_working_day)
    early = LetterWriter(OPENING, MATERIALS, lambda: NOON, evening)
    late = replace(early, clock=lambda: NOON + timedelta(hours=5))

    held = asyncio.run(early.prepare(claim(Channel.LETTER)))

    assert isinstance(held, Outcome)
    assert (held.state, held.delay) == (State.HELD, timedelta(hours=4, minutes=30))
    assert isinstance(asyncio.run(late.prepare(claim(Channel.LETTER))), Prepared)


def test_an_address_that_outgrows_the_window_of_a_letter_is_at_fault_and_nothing_of_ours() -> None:
    company = "Gesellschaft zur Förderung der Verständigung mbH & Co. KG"
    home = (company, company, company, company, "Musterstraße 1", "99999 Musterstadt")

    outcome = prepared(claim(Channel.LETTER, postal_address=home))

    assert isinstance(outcome, Outcome)
    assert (outcome.state, outcome.reason) == (State.FAILED, FailureReason.ADDRESS_REFUSED)
    assert outcome.why is not None
    assert "window of the envelope" in outcome.why


@WAYS
def test_what_we_cannot_write_is_no_fault_of_server_or_address_and_says_why(
    channel: Channel,
) -> None:
    nowhere = b'{"starts":"2026-03-20T09:00:00Z","ends":null,"office":"atlantis"}'

    outcome = prepared(replace(claim(channel), sealed=KEY.seal(THREAD, nowhere)))

    assert isinstance(outcome, Outcome)
    assert (outcome.state, outcome.reason) == (State.FAILED, FailureReason.NOT_WRITTEN)
    assert outcome.why is not None
    assert "the organisation file has no office atlantis" in outcome.why
    assert "Anna" not in outcome.why


@WAYS
def test_every_way_names_the_authority_s_reference_or_a_code_to_read_out(channel: Channel) -> None:
    case_ref = "case-" + "a" * 26
    given = {case_ref: "33.2-1234/26"}

    other = {"case-" + "b" * 26: "of another case"}
    own = said(channel, handed_over(claim(channel, references=given)).parcel.content)
    code = said(channel, handed_over(claim(channel, references=other)).parcel.content)

    assert "33.2-1234/26" in own
    assert code_of(case_ref) in code
    assert "another" not in code


@WAYS
def test_a_reference_turns_no_text_around_and_is_never_invisible(channel: Channel) -> None:
    case_ref = "case-" + "a" * 26
    turning, unseen = {case_ref: "33.2\u202e-1234\u2066"}, {case_ref: "\u200b\u2060"}

    turned = said(channel, handed_over(claim(channel, references=turning)).parcel.content)
    code = said(channel, handed_over(claim(channel, references=unseen)).parcel.content)

    assert "33.2-1234" in turned
    assert code_of(case_ref) in code
