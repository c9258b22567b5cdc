"""notify on real parts, with SMS: killed, and cut off from its database, while it sends them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.contacts.contact import Contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretStore
from tests.imap_server import ImapServer, imap_server
from tests.integration.notify.service import (
    Notify,
    application,
    free_port,
    new_database,
    pseudonym,
    serving,
    story,
    until_ready,
)
from tests.patience import PATIENCE
from tests.sms_gateway import GatewayHost, gateway_host

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(180)]

PEOPLE = 60
GATEWAY = "alpha"


class Place:
    """Where the service runs, again and again."""

    def __init__(self, stack: Addresses, host: GatewayHost, folder: Path) -> None:
        self.host = host
        self.database_url = ""
        self._stack = stack
        self._secrets = folder / "secrets"
        self._log = folder / "log"
        self._port = free_port()

    async def prepare(self) -> None:
        create_missing(self._secrets)
        self.database_url = await new_database(self._stack, f"notify_sms_{self._port}")
        await migrate(self.database_url, self._secrets)
        await apply_topics(self._stack.brokers)

    @contextmanager
    def service(self, mailbox: ImapServer) -> Iterator[Notify]:
        url = f"http://127.0.0.1:{self._port}"
        gateways = f'[{{"name": "{GATEWAY}", "url": "{self.host.url}"}}]'
        settings = {"NOTIFY_SMS_GATEWAYS": gateways, "NOTIFY_URL": url}
        with serving(
            self._stack,
            self.database_url,
            self._secrets,
            self._port,
            log=self._log,
            mailbox=mailbox,
            **settings,
        ) as process:
            store = SecretStore(self._secrets)
            yield Notify(self._stack, self.database_url, store, url, self._log, process, mailbox)

    async def execute(self, statement: str) -> None:
        owner = await asyncpg.connect(self.database_url)
        await owner.execute(statement)
        await owner.close()

    async def sms(self) -> list[str]:
        """Give the identities of the confirmations, whatever else is told."""
        owner = await asyncpg.connect(self.database_url)
        query = "SELECT id FROM notify.message WHERE channel = 'sms' AND name = $1"
        found = [str(row["id"]) for row in await owner.fetch(query, "appointment_booked")]
        await owner.close()
        return found


@pytest.fixture
async def place(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with gateway_host() as host:
        found = Place(stack, host, tmp_path_factory.mktemp("sms"))
        await found.prepare()
        yield found


async def booked(notify: Notify) -> None:
    """Let people who gave nothing but a mobile number book an appointment."""
    contacts = [
        Contact.model_validate(
            {
                "contact_ref": pseudonym("contact"),
                "language": "de",
                "phone": f"+4917139200{number:02}",
            }
        )
        for number in range(PEOPLE)
    ]
    await notify.register(*contacts)
    starts = datetime.now(UTC) + timedelta(days=30)
    for one in contacts:
        appointment = AppointmentBooked(
            appointment_id=pseudonym("appointment"),
            service_key="permit",
            office="kaiserallee",
            starts=starts,
        )
        case_ref = pseudonym("case")
        await notify.publish(story(case_ref, application(one.contact_ref), appointment))


async def taken(place: Place, amount: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(place.host.taken) < amount:
            await asyncio.sleep(0.01)


async def all_once(place: Place) -> None:
    """Wait until each has been taken, and none under two names."""
    async with asyncio.timeout(PATIENCE):
        while True:
            confirmations = await place.sms()
            if len(confirmations) == PEOPLE and set(confirmations) <= set(place.host.taken):
                break
            await asyncio.sleep(0.1)
    texts = [text["to"] for key, text in place.host.texts.items() if key in confirmations]
    assert len(texts) == len(set(texts)) == PEOPLE


async def test_killed_while_sending_each_sms_is_taken_once(place: Place) -> None:
    async with imap_server() as mailbox:
        with place.service(mailbox) as notify:
            await until_ready(notify.url, notify.process, notify.log)
            await booked(notify)
            await taken(place, 10)
            os.kill(notify.process.pid, signal.SIGKILL)
        # Whoever was killed holds nothing for long: its leases end.
        await place.execute("UPDATE notify.message SET due_at = now() WHERE state = 'sending'")
        with place.service(mailbox) as notify:
            await until_ready(notify.url, notify.process, notify.log)
            await all_once(place)


async def test_cut_off_from_its_database_while_sending_each_sms_is_taken_once(
    place: Place,
) -> None:
    sessions = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with imap_server() as mailbox:
        with place.service(mailbox) as notify:
            await until_ready(notify.url, notify.process, notify.log)
            await booked(notify)
            for amount in (5, 15, 25):
                await taken(place, amount)
                await place.execute(sessions)
            await place.execute("UPDATE notify.message SET due_at = now() WHERE state = 'sending'")
            await all_once(place)
