"""A running notify service and the world around it: who is written to, and what happens to them."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from secrets import choice

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from deploy.secrets.files import create_missing
from shared.contacts.contact import Contact
from shared.contacts.handover import SEALED_CONTACTS, SealedContact, seal_contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived, DecisionNotified, DocumentsRequested
from shared.events.event import Event, decode, encode, new_event
from shared.events.kafka_binding import from_kafka, to_kafka
from shared.events.registry import Facts, Topic
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretName, SecretStore
from tests.imap_server import ImapServer, imap_server
from tests.patience import PATIENCE

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
        assert (answer.status_code, answer.json()) == (200, [])

    async def put(self, boxes: Sequence[SealedContact], token: str | None = None) -> httpx.Response:
        if token is None:
            token = self.secrets.text(SecretName.HANDOVER_TOKEN).get_secret_value()
        async with httpx.AsyncClient(base_url=self.url, verify=PLAIN) as client:
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
        async with consumer, asyncio.timeout(PATIENCE):
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


async def new_database(stack: Addresses, name: str) -> str:
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
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
        "NOTIFY_TELL_HISTORY": "true",
        "NOTIFY_SMS_QUIET_HOURS": "false",
        "NOTIFY_CONTACT_PATIENCE": "PT0S",
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


@asynccontextmanager
async def running(
    stack: Addresses, directory: Path, name: str, **settings: str
) -> AsyncIterator[Notify]:
    """Run notify on a new database of this name."""
    secrets, log, port = directory / "secrets", directory / "log", free_port()
    create_missing(secrets)
    database_url = await new_database(stack, name)
    await migrate(database_url, secrets)
    await apply_topics(stack.brokers)
    url = f"http://127.0.0.1:{port}"
    async with imap_server() as mailbox:
        with serving(
            stack, database_url, secrets, port, log=log, mailbox=mailbox, **settings
        ) as process:
            await until_ready(url, process, log)
            yield Notify(stack, database_url, SecretStore(secrets), url, log, process, mailbox)


async def until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(verify=PLAIN) as client:
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
    async with asyncio.timeout(PATIENCE):
        while len(notify.mails(recipient)) < amount:
            await asyncio.sleep(0.05)
    return notify.mails(recipient)
