"""notify on real parts: from case events on Kafka to mails on a mail server, each once."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count, cycle
from pathlib import Path
from secrets import choice
from typing import Any

import asyncpg
import dkim
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from click.testing import CliRunner
from icalendar import Calendar

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.notify.commands import messages
from shared.contacts.contact import Contact
from shared.contacts.handover import SEALED_CONTACTS, SealedContact, seal_contact
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import ApplicationReceived, DecisionNotified, DocumentsRequested
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationBounced,
    NotificationDelivered,
    NotificationFact,
    NotificationFailed,
    NotificationPlanned,
    NotificationSuppressed,
)
from shared.events.event import Event, decode, encode, new_event
from shared.events.kafka_binding import from_kafka, to_kafka
from shared.events.registry import Facts, Topic
from shared.events.vocabulary import FailureReason
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretName, SecretStore
from shared.security.webhooks import signature
from tests.imap_server import ImapServer, imap_server

pytestmark = pytest.mark.stack

GLEICHFALL = Path(sys.executable).parent / "gleichfall"
NAME = "Şahika Müstermann"
PHONE = "+4915228817386"
ADDRESS = (NAME, "Geheimgasse 17", "76199 Karlsruhe")
NOON = "2026-03-02T12:00:00Z"
SERVICES = ("intake", "controlling", "notify")


def pseudonym(kind: str) -> str:
    return f"{kind}-{''.join(choice('abcdefghijklmnopqrstuvwxyz234567') for _ in range(26))}"


@dataclass(frozen=True)
class Notify:
    """A running notify service and the world around it."""

    stack: Addresses
    database_url: str
    secrets: SecretStore
    url: str
    log: Path
    process: subprocess.Popen[bytes]
    mailbox: ImapServer

    async def register(self, *contacts: Contact) -> None:
        key = self.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
        answer = await self.put([seal_contact(key, contact) for contact in contacts])
        assert answer.status_code == 204, answer.text

    async def put(self, boxes: Sequence[SealedContact], token: str | None = None) -> httpx.Response:
        if token is None:
            token = self.secrets.text(SecretName.HANDOVER_TOKEN).get_secret_value()
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.put(
                "/v1/contacts",
                content=SEALED_CONTACTS.dump_json(tuple(boxes)),
                headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
            )

    async def publish(self, events: Sequence[Event]) -> None:
        servers = self.stack.kafka_bootstrap_servers
        async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
            for event in events:
                message = to_kafka(encode(event))
                await producer.send_and_wait(
                    Topic.CASE_EVENTS.value, message.value, key=message.key, headers=message.headers
                )

    def mails(self, recipient: str) -> list[EmailMessage]:
        raw = self.raw_mails(recipient)
        return [message_from_bytes(mail, policy=policy.default) for mail in raw]

    def raw_mails(self, recipient: str) -> list[bytes]:
        assert self.stack.maildir is not None
        wanted = f"Delivered-To: {recipient}\r\n".encode()
        raw = (path.read_bytes() for path in sorted((self.stack.maildir / "new").iterdir()))
        return [mail for mail in raw if wanted in mail]

    async def published(self, case_ref: str, amount: int) -> list[Event]:
        """Read notification events until `amount` of the case have come."""
        consumer = AIOKafkaConsumer(
            Topic.NOTIFICATION_EVENTS.value,
            bootstrap_servers=self.stack.kafka_bootstrap_servers,
            auto_offset_reset="earliest",
        )
        found: list[Event] = []
        async with consumer, asyncio.timeout(30):
            while len(found) < amount:
                record = await consumer.getone()
                event = decode(from_kafka(record.headers, record.value))
                if event.subject == case_ref:
                    found.append(event)
        return found

    async def dump(self) -> str:
        """Every row of every table of every service, as text."""
        connection = await asyncpg.connect(self.database_url)
        try:
            tables = await connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
                "WHERE schemaname = ANY($1)",
                SERVICES,
            )
            rows = [
                row["line"]
                for table in tables
                for row in await connection.fetch(f"SELECT t::text AS line FROM {table['name']} t")
            ]
        finally:
            await connection.close()
        assert len(rows) > 10
        return "\n".join(rows)


@pytest.fixture(scope="module")
async def notify(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Notify]:
    directory = tmp_path_factory.mktemp("notify")
    secrets = directory / "secrets"
    create_missing(secrets)
    database_url = await new_database(stack, "notify_service")
    await migrate(database_url, secrets)
    await apply_topics(stack.kafka_bootstrap_servers)
    port = free_port()
    log, store = directory / "log", SecretStore(secrets)
    async with imap_server() as mailbox:
        with serving(stack, database_url, secrets, port, log=log, mailbox=mailbox) as process:
            url = f"http://127.0.0.1:{port}"
            await until_ready(url, process, log)
            yield Notify(stack, database_url, store, url, log, process, mailbox)


async def new_database(stack: Addresses, name: str) -> str:
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return stack.database_url.rpartition("/")[0] + f"/{name}"


@contextmanager
def serving(
    stack: Addresses,
    database_url: str,
    secrets: Path,
    port: int,
    *,
    log: Path,
    mailbox: ImapServer,
    **settings: str,
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "DATABASE_URL": database_url,
        "SMTP_URL": stack.smtp_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "LOG_LEVEL": "DEBUG",
        "NOTIFY_BOUNCE_ADDRESS": "zurueck@oa.karlsruhe.de",
        "NOTIFY_BOUNCE_MAILBOX": mailbox.url,
        "NOTIFY_BOUNCE_PAUSE": "PT1S",
        "NOTIFY_DKIM_SELECTOR": "march",
        **settings,
    }
    command = [str(GLEICHFALL), "serve", "notify", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient() as client:
        while True:
            assert process.poll() is None, f"see {log}"
            try:
                if (await client.get(f"{url}/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def contact(contact_ref: str, email: str, language: str = "de") -> Contact:
    return Contact.model_validate(
        {
            "contact_ref": contact_ref,
            "language": language,
            "name": NAME,
            "email": email,
            "phone": PHONE,
            "postal_address": ADDRESS,
        }
    )


def story(case_ref: str, *facts: Facts) -> list[Event]:
    """Events of one case in order, numbered from 1; so old that its three months are over."""
    numbers = count(1)
    time = datetime.now(UTC) - timedelta(days=365)
    return [
        new_event("urn:gleichfall:test", case_ref, fact, time=time)._replace(sequence=next(numbers))
        for fact in facts
    ]


def application(contact_ref: str | None) -> ApplicationReceived:
    return ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=contact_ref
    )


def whole_story(case_ref: str, contact_ref: str, office: str = "kaiserallee") -> list[Event]:
    return story(
        case_ref,
        application(contact_ref),
        DocumentsRequested(items=("passport-copy",), due=date(2099, 3, 2)),
        AppointmentBooked(
            appointment_id=pseudonym("appointment"),
            service_key="permit",
            office=office,
            starts=datetime(2099, 7, 6, 12, 30, tzinfo=UTC),
        ),
        DecisionNotified(decision_id=pseudonym("decision"), notified_on=date(2099, 8, 3)),
    )


async def until(amount: int, notify: Notify, recipient: str) -> list[EmailMessage]:
    async with asyncio.timeout(30):
        while len(notify.mails(recipient)) < amount:
            await asyncio.sleep(0.05)
    return notify.mails(recipient)


async def test_each_cause_leads_to_one_mail_whatever_kafka_repeats(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "whole@example.org"))
    events = whole_story(case_ref, contact_ref)

    await notify.publish([*events, *events, events[0]])
    published = await notify.published(case_ref, 10)
    mails = notify.mails("whole@example.org")

    assert sorted(mail["Subject"] for mail in mails) == [
        "Es fehlen noch Unterlagen",
        "Es gibt etwas Neues in Ihrer Sache",
        "Ihr Antrag ist bei uns",
        "Ihr Termin am Montag, 6. Juli 2099",
    ]
    assert [event.sequence for event in published] == list(range(1, 11))
    steps = [(event.data.event_type.split(".")[2], event.data.message) for event in published]  # type: ignore[attr-defined] # all are notification facts
    names = (
        "application_received",
        "documents_requested",
        "appointment_booked",
        "decision_notified",
    )
    reminder = [(step, "appointment_reminder") for step in ("planned", "held")]
    assert sorted(steps) == sorted(
        [*reminder, *((step, name) for step in ("planned", "accepted") for name in names)]
    )


async def test_a_mail_says_what_it_is_and_who_writes(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "headers@example.org", language="uk"))

    await notify.publish(whole_story(pseudonym("case"), contact_ref)[:1])
    (mail,) = await until(1, notify, "headers@example.org")

    assert mail["From"] == "Ausländerbehörde der Stadt Karlsruhe <abh@oa.karlsruhe.de>"
    assert mail["To"] == "headers@example.org"
    identity = mail["Message-ID"].strip("<>").partition("@")[0]
    assert mail["Return-Path"] == f"<zurueck+{identity.replace('-', '')}@oa.karlsruhe.de>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "uk"
    assert mail["Message-ID"].endswith("@oa.karlsruhe.de>")
    for part in mail.iter_parts():
        assert "Телефон: 115" in part.get_content()
        assert "Ми отримали вашу заяву" in part.get_content()
        assert "має лише німецький текст" in part.get_content()


async def test_a_mail_is_signed_so_that_anybody_can_check_it(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "signed@example.org"))
    await notify.publish(whole_story(pseudonym("case"), contact_ref)[:1])
    await until(1, notify, "signed@example.org")
    (mail,) = (raw for raw in notify.raw_mails("signed@example.org"))
    printed = CliRunner(
        env={
            "DATABASE_URL": notify.database_url,
            "GLEICHFALL_SECRETS_DIR": str(notify.secrets.directory),
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
            "SMTP_URL": "smtp://127.0.0.1:9",
        }
    ).invoke(messages, ["dkim", "march"])

    name, _, record = printed.output.strip().partition(" TXT ")
    answers = {name.encode(): record.strip('"').encode()}
    assert dkim.verify(mail, dnsfunc=lambda asked, timeout=5: answers[asked])
    assert name == "march._domainkey.oa.karlsruhe.de."


async def test_without_contact_data_the_message_ends_as_suppressed(notify: Notify) -> None:
    case_ref = pseudonym("case")

    await notify.publish(story(case_ref, application(pseudonym("contact"))))
    planned, suppressed = await notify.published(case_ref, 2)

    assert isinstance(planned.data, NotificationFact)
    assert isinstance(suppressed.data, NotificationSuppressed)
    assert suppressed.data.reason is FailureReason.NO_CONTACT
    assert suppressed.data.message_id == planned.data.message_id


async def test_a_place_that_nobody_configured_refuses_the_message(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "nowhere@example.org"))

    await notify.publish(whole_story(case_ref, contact_ref, office="atlantis")[:3])
    *_, last = sorted(await notify.published(case_ref, 8), key=failed)

    assert isinstance(last.data, NotificationFailed)
    assert last.data.message == "appointment_booked"
    assert last.data.reason is FailureReason.CONTENT_REFUSED
    assert "the organisation file has no office atlantis" in notify.log.read_text()


def failed(event: Event) -> bool:
    return isinstance(event.data, NotificationFailed)


async def test_contacts_are_taken_from_intake_only(notify: Notify) -> None:
    box = SealedContact(contact_ref=pseudonym("contact"), sealed=b"box")

    answer = await notify.put([box], token="guessed")

    assert answer.status_code == 401


async def test_a_box_that_does_not_open_refuses_the_whole_batch(notify: Notify) -> None:
    key = notify.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    good = seal_contact(key, contact(pseudonym("contact"), "good@example.org"))
    broken = SealedContact(contact_ref=pseudonym("contact"), sealed=good.sealed)

    answer = await notify.put([good, broken])

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:gleichfall:problem:invalid-contacts"
    assert good.contact_ref not in await notify.dump()


async def test_an_address_that_nobody_can_be_written_to_is_refused_and_never_repeated(
    notify: Notify,
) -> None:
    key = notify.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    good = contact(pseudonym("contact"), "fine@example.org")
    bad = Contact.model_validate(
        {
            "contact_ref": pseudonym("contact"),
            "language": "de",
            "phone": "0171 392 OO12",
            "postal_address": ["Erika Muster", "Unter den Brücken", "ohne festen Wohnsitz"],
        }
    )

    answer = await notify.put([seal_contact(key, one) for one in (good, bad)])

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:gleichfall:problem:refused-contacts"
    assert [(one["contact_ref"], one["field"], one["condition"]) for one in problem["errors"]] == [
        (bad.contact_ref, "phone", "phone-character-unknown"),
        (bad.contact_ref, "postal_address", "no-fixed-abode"),
    ]
    for value in ("0171 392", "OO12", "Erika", "Brücken", "Wohnsitz"):
        assert value not in answer.text + notify.log.read_text()
    assert good.contact_ref not in await notify.dump()


async def test_who_wants_no_mail_gets_none_and_is_told_why_to_staff(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    said = {
        "channel": "email",
        "consent": "withdrawn",
        "at": "2026-03-02T09:00:00Z",
        "basis": "f-1",
    }
    who = contact(contact_ref, "leave.me@example.org").plaintext()
    await notify.register(
        Contact.model_validate({**json.loads(who), "postal_address": None, "agreements": [said]})
    )

    await notify.publish(story(case_ref, application(contact_ref)))
    *_, last = await notify.published(case_ref, 2)

    assert isinstance(last.data, NotificationSuppressed)
    assert last.data.reason is FailureReason.CONSENT_WITHDRAWN
    assert not notify.mails("leave.me@example.org")


async def test_what_one_person_is_told_holds_nothing_of_another(notify: Notify) -> None:
    """Sixty people at once, in all languages: each name and address stands in its own mail only."""
    languages = cycle(("de", "en", "fr", "tr", "uk", "ar"))
    people = [
        (f"Zeichen{word}", f"{word}@isolated.example", pseudonym("contact"))
        for word in (pseudonym("x")[2:14] for _ in range(60))
    ]
    await notify.register(
        *(
            Contact.model_validate(
                {"contact_ref": ref, "language": next(languages), "name": name, "email": email}
            )
            for name, email, ref in people
        )
    )

    cases = [story(pseudonym("case"), application(ref)) for _, _, ref in people]
    await notify.publish([event for events in cases for event in events])
    for _, email, _ in people:
        await until(1, notify, email)

    for name, email, _ in people:
        (mail,) = notify.mails(email)
        told = str(mail["To"]) + "".join(part.get_content() for part in mail.iter_parts())
        assert [one for one, _, _ in people if one in told] == [name]
        assert [other for _, other, _ in people if other in told] == [email]


async def test_the_latest_contact_data_count(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "old@example.org"))
    await notify.register(
        contact(contact_ref, "older@example.org"), contact(contact_ref, "latest@example.org")
    )

    await notify.publish(story(pseudonym("case"), application(contact_ref)))
    await until(1, notify, "latest@example.org")

    assert not notify.mails("old@example.org")
    assert not notify.mails("older@example.org")


async def test_nobody_can_be_found_in_database_events_or_logs(notify: Notify) -> None:
    contact_ref, case_ref = pseudonym("contact"), pseudonym("case")
    await notify.register(contact(contact_ref, "hidden.person@example.org"))
    await notify.publish(whole_story(case_ref, contact_ref))
    await until(4, notify, "hidden.person@example.org")

    events = await notify.published(case_ref, 10)
    traces = "\n".join(
        [await notify.dump(), notify.log.read_text(), *(str(encode(event)) for event in events)]
    )

    assert contact_ref in traces
    for secret in (NAME, "hidden.person", PHONE, *ADDRESS):
        for form in forms(secret):
            assert form not in traces


def forms(secret: str) -> tuple[str, ...]:
    """The secret as it is and as encodings would show it."""
    data = secret.encode()
    return (secret, json.dumps(secret)[1:-1], data.hex(), b64encode(data).decode().rstrip("="))


def entry(mail: EmailMessage) -> tuple[str, Any]:
    """Give the method of the mail's calendar file, and the entry in it."""
    *_, file = mail.iter_parts()
    whole = Calendar.from_ical(file.get_payload(decode=True))  # type: ignore[arg-type] # bytes
    (found,) = whole.walk("VEVENT")
    assert file["Content-Type"].params["method"] == whole["METHOD"]
    return str(whole["METHOD"]), found


async def test_an_appointment_is_entered_moved_and_removed_in_calendars(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    appointment, address = pseudonym("appointment"), "calendar@example.org"
    await notify.register(contact(contact_ref, address))
    booked, moved, cancelled = story(
        case_ref,
        AppointmentBooked(
            appointment_id=appointment,
            service_key="permit",
            office="kaiserallee",
            starts=datetime(2099, 7, 6, 12, 30, tzinfo=UTC),
            ends=datetime(2099, 7, 6, 12, 50, tzinfo=UTC),
            contact_ref=contact_ref,
        ),
        AppointmentRescheduled(
            appointment_id=appointment, starts=datetime(2099, 12, 7, 9, tzinfo=UTC)
        ),
        AppointmentCancelled(appointment_id=appointment),
    )

    entries: list[tuple[str, Any]] = []
    for number, event in enumerate((booked, moved, cancelled), start=1):
        await notify.publish([event])
        mails = await until(number, notify, address)
        entries = sorted(map(entry, mails), key=lambda one: one[1]["SEQUENCE"])

    methods = [method for method, _ in entries]
    (first, second, third) = (found for _, found in entries)
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({str(found["UID"]) for found in (first, second, third)}) == 1
    assert first["SEQUENCE"] < second["SEQUENCE"] < third["SEQUENCE"]
    assert str(first["DTSTART"].dt) == "2099-07-06 14:30:00+02:00"
    assert str(second["DTSTART"].dt) == "2099-12-07 10:00:00+01:00"
    assert first["LOCATION"] == "Kaiserallee 8, Karlsruhe"
    assert first["ATTENDEE"] == f"mailto:{address}"


def report(mail: EmailMessage, action: str, status: str) -> bytes:
    """What a mail server writes to the address that a mail came from (RFC 3464)."""
    return f"""To: {mail["Return-Path"].strip("<>")}
From: MAILER-DAEMON@mx.example.org
Subject: Your mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; somebody@example.org
Action: {action}
Status: {status}

--b--
""".replace("\n", "\r\n").encode()


async def accepted(notify: Notify, address: str) -> tuple[str, EmailMessage]:
    """Give the case and the mail of somebody whose application was confirmed."""
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, address))
    await notify.publish(story(case_ref, application(contact_ref)))
    (mail,) = await until(1, notify, address)
    return case_ref, mail


async def test_a_mail_that_comes_back_late_ends_as_bounced(notify: Notify) -> None:
    case_ref, mail = await accepted(notify, "gone@example.org")

    notify.mailbox.deliver(report(mail, "delayed", "4.4.1"), report(mail, "failed", "5.1.1"))
    planned, left, bounced = (event.data for event in await notify.published(case_ref, 3))

    assert isinstance(left, NotificationAccepted)
    assert isinstance(bounced, NotificationBounced)
    assert bounced.reason is FailureReason.ADDRESS_REFUSED
    assert isinstance(planned, NotificationPlanned)
    assert bounced.message_id == planned.message_id


async def post_report(notify: Notify, body: bytes, *, key: bytes | None = None) -> httpx.Response:
    right = notify.secrets.key(SecretName.MAIL_REPORT_KEY).get_secret_value()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    async with httpx.AsyncClient(base_url=notify.url) as client:
        return await client.post(
            "/v1/mail-reports",
            content=body,
            headers={
                "content-type": "message/rfc822",
                "webhook-id": "msg_1",
                "webhook-timestamp": timestamp,
                "webhook-signature": signature(key or right, "msg_1", timestamp, body),
            },
        )


async def test_a_mail_server_may_call_instead_of_writing(notify: Notify) -> None:
    case_ref, mail = await accepted(notify, "there@example.org")
    delivered = report(mail, "delivered", "2.0.0")

    forged = await post_report(notify, delivered, key=b"x" * 32)
    empty = await post_report(notify, b"Subject: Danke")
    answers = [await post_report(notify, delivered) for _ in range(2)]
    *_, last = await notify.published(case_ref, 3)

    assert (forged.status_code, forged.json()["title"]) == (
        401,
        "The call isn't signed by the mail server",
    )
    assert empty.status_code == 422
    assert [answer.status_code for answer in answers] == [204, 204]
    assert isinstance(last.data, NotificationDelivered)


async def test_sigterm_ends_the_service_in_order(notify: Notify) -> None:
    notify.process.send_signal(signal.SIGTERM)

    assert await asyncio.to_thread(notify.process.wait, 20) == 0
    assert "Traceback" not in notify.log.read_text()
