"""notify on real parts, with messages to mailboxes: from case events to a mailbox, and back."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local.fake_fit_connect.mailboxes import NOBODYS
from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from deploy.secrets.files import create_missing
from services.notify.recipients.simulated import MAILBOXES
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationBounced,
    NotificationDelivered,
    NotificationFact,
    NotificationPlanned,
)
from shared.events.event import Event
from shared.events.vocabulary import Channel
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretName, SecretStore
from tests.fit_connect import FitConnectHost, fit_connect_host
from tests.imap_server import imap_server
from tests.integration.notify.service import (
    NAME,
    Notify,
    application,
    contact,
    free_port,
    new_database,
    pseudonym,
    serving,
    story,
    until_ready,
)
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FitConnectHost]:
    folder: Path = tmp_path_factory.mktemp("fit-connect")
    create_missing(folder / "secrets")
    client = SecretStore(folder / "secrets").text(SecretName.FIT_CONNECT).get_secret_value()
    async with fit_connect_host(folder, client) as host:
        yield host


class Running:
    """The service, which can be killed and started again."""

    def __init__(self, stack: Addresses, host: FitConnectHost, secrets: Path, log: Path) -> None:
        self.host = host
        self.log = log
        self._stack = stack
        self._secrets = secrets
        self._port = free_port()
        self.database_url = ""

    async def prepare(self) -> None:
        self.database_url = await new_database(self._stack, "notify_mailbox")
        await migrate(self.database_url, self._secrets)
        await apply_topics(self._stack.brokers)

    async def __aiter__(self) -> AsyncIterator[Notify]:
        """Give the service, started anew each time."""
        settings = {
            "NOTIFY_FIT_CONNECT": self.host.place.model_dump_json(),
            "NOTIFY_EVENT_LOG_PAUSE": "PT0.2S",
        }
        url = f"http://127.0.0.1:{self._port}"
        async with imap_server() as mailbox:
            while True:
                with serving(
                    self._stack,
                    self.database_url,
                    self._secrets,
                    self._port,
                    log=self.log,
                    mailbox=mailbox,
                    **settings,
                ) as process:
                    await until_ready(url, process, self.log)
                    store = SecretStore(self._secrets)
                    yield Notify(
                        self._stack, self.database_url, store, url, self.log, process, mailbox
                    )


@pytest.fixture(scope="module")
async def services(
    stack: Addresses, host: FitConnectHost, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AsyncIterator[Notify]]:
    directory = host.service.file.parent
    running = Running(stack, host, directory / "secrets", tmp_path_factory.mktemp("log") / "log")
    await running.prepare()
    started = aiter(running)
    yield started
    await started.aclose()  # type: ignore[attr-defined] # an async generator


@pytest.fixture(scope="module")
async def notify(services: AsyncIterator[Notify]) -> Notify:
    return await anext(services)


def reachable(contact_ref: str, mailbox: str, second: str) -> Contact:
    """Give a contact who wants to be told in their mailbox, and else by mail."""
    agreement = {
        "channel": "mailbox",
        "consent": "deemed",
        "at": "2026-03-02T09:00:00Z",
        "basis": "online_service",
    }
    document = json.loads(contact(contact_ref, second).plaintext())
    document |= {"mailbox": mailbox, "preferred": ["mailbox"], "agreements": [agreement]}
    return Contact.model_validate(document)


async def applied(notify: Notify, mailbox: str, second: str = "second@example.org") -> str:
    """Let somebody apply; gives the case."""
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(reachable(contact_ref, mailbox, second))
    await notify.publish(story(case_ref, application(contact_ref)))
    return case_ref


async def lacking(client: httpx.AsyncClient) -> dict[str, str]:
    """Give what the service lacks, with the reasons."""
    answer = await client.get("/readyz")
    needs = [] if answer.is_success else answer.json()["errors"]
    return {need["name"]: need["reason"] for need in needs}


def steps(events: list[Event]) -> list[tuple[type[object], Channel]]:
    return [
        (type(event.data), event.data.channel)
        for event in events
        if isinstance(event.data, NotificationFact)
    ]


async def test_a_message_goes_to_the_mailbox_and_its_delivery_comes_back(
    notify: Notify, host: FitConnectHost
) -> None:
    handle, second = str(uuid4()), f"{uuid4()}@example.org"

    events = await notify.published(await applied(notify, handle, second), 3)

    assert steps(events) == [
        (NotificationPlanned, Channel.MAILBOX),
        (NotificationAccepted, Channel.MAILBOX),
        (NotificationDelivered, Channel.MAILBOX),
    ]
    [taken] = [one for one in host.taken if one["mailbox"] == handle]
    assert NAME in taken["text"]
    assert isinstance(events[0].data, NotificationFact)
    assert taken["reference"] == events[0].data.message_id
    assert not notify.mails(second)


async def test_what_the_portal_rejects_is_told_by_mail(notify: Notify) -> None:
    handle = f"{NOBODYS}0000-4000-8000-{uuid4().hex[:12]}"
    second = f"{uuid4()}@example.org"

    events = await notify.published(await applied(notify, handle, second), 5)

    assert steps(events) == [
        (NotificationPlanned, Channel.MAILBOX),
        (NotificationAccepted, Channel.MAILBOX),
        (NotificationBounced, Channel.MAILBOX),
        (NotificationPlanned, Channel.EMAIL),
        (NotificationAccepted, Channel.EMAIL),
    ]
    assert notify.mails(second)


async def test_while_the_service_is_away_messages_wait_and_operations_can_see_why(
    notify: Notify, host: FitConnectHost
) -> None:
    host.is_away = True
    try:
        case_ref = await applied(notify, str(uuid4()))
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(base_url=notify.url, verify=PLAIN) as client,
        ):
            while "FIT-Connect" not in (lacks := await lacking(client)):
                await asyncio.sleep(0.1)
            assert (await client.get("/readyz/requests")).is_success
        assert "does not take connections (too many failures)" in lacks["FIT-Connect"]
        assert len(await notify.published(case_ref, 1)) == 1
    finally:
        host.is_away = False

    assert steps(await notify.published(case_ref, 3))[-1][0] is NotificationDelivered


async def test_a_simulated_mailbox_ends_as_it_says_and_reaches_nobody(
    notify: Notify, host: FitConnectHost
) -> None:
    simulated = next(iter(MAILBOXES))

    # Its delivery is reported before we have written down that it was accepted.
    events = await notify.published(await applied(notify, simulated), 2)

    assert [kind for kind, _ in steps(events)] == [NotificationPlanned, NotificationDelivered]
    assert simulated not in {one["mailbox"] for one in host.taken}


async def test_a_handle_is_nowhere_but_sealed(notify: Notify) -> None:
    handle = str(uuid4())
    case_ref = await applied(notify, handle)
    events = await notify.published(case_ref, 3)

    assert handle not in repr(events)
    assert handle not in await notify.dump()
    assert handle not in notify.log.read_text()


async def test_a_handle_that_is_none_is_left_out_by_name(notify: Notify) -> None:
    key = notify.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    wrong = reachable(pseudonym("contact"), "anna-at-bund", "second@example.org")

    answer = await notify.put([seal_contact(key, wrong)])

    assert answer.status_code == 200  # the address for mails stands beside it
    assert "mailbox-handle-invalid" in answer.text
    assert "anna-at-bund" not in answer.text


async def test_killed_between_hand_over_and_record_a_message_arrives_once(
    services: AsyncIterator[Notify], notify: Notify, host: FitConnectHost
) -> None:
    handle = str(uuid4())

    async def kill() -> None:
        notify.process.kill()

    host.on_submitted = kill
    case_ref = await applied(notify, handle)
    await asyncio.to_thread(notify.process.wait, 30)
    host.on_submitted = None
    assert len([one for one in host.taken if one["mailbox"] == handle]) == 1
    connection = await asyncpg.connect(notify.database_url)
    try:
        state = await connection.fetchval(
            "SELECT state FROM notify.message WHERE case_ref = $1", case_ref
        )
        assert state == "sending"
        # Its lease is over.
        await connection.execute(
            "UPDATE notify.message SET due_at = now() WHERE case_ref = $1", case_ref
        )
    finally:
        await connection.close()

    again = await anext(services)
    events = await again.published(case_ref, 2)
    while steps(events)[-1][0] is not NotificationDelivered:
        events = await again.published(case_ref, len(events) + 1)

    assert len([one for one in host.taken if one["mailbox"] == handle]) == 1
    assert {kind for kind, _ in steps(events)} <= {
        NotificationPlanned,
        NotificationAccepted,
        NotificationDelivered,
    }
