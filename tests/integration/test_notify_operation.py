"""What operators do with notify, on real parts: trial mode and simulated recipients."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from click.testing import CliRunner, Result

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from services.notify.commands import messages
from shared.events.event import Event
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretStore
from tests.imap_server import imap_server
from tests.integration.test_notify import (
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

pytestmark = pytest.mark.stack

LISTED = ("anna@example.org", "berta@example.org", "carla@example.org", "dora@example.org")


@pytest.fixture(scope="module")
async def notify(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Notify]:
    """A service on trial."""
    directory = tmp_path_factory.mktemp("notify-operation")
    secrets = directory / "secrets"
    create_missing(secrets)
    database_url = await new_database(stack, "notify_operation")
    await migrate(database_url, secrets)
    await apply_topics(stack.kafka_bootstrap_servers)
    port, log = free_port(), directory / "log"
    async with imap_server() as mailbox:
        trial = {"NOTIFY_ALLOW_LIST": json.dumps(LISTED)}
        with serving(
            stack, database_url, secrets, port, log=log, mailbox=mailbox, **trial
        ) as process:
            url = f"http://127.0.0.1:{port}"
            await until_ready(url, process, log)
            yield Notify(stack, database_url, SecretStore(secrets), url, log, process, mailbox)


@pytest.fixture
def command(notify: Notify) -> Callable[..., Awaitable[Result]]:
    """Gives `gleichfall messages` as an operator calls it."""
    environment = {
        "DATABASE_URL": notify.database_url,
        "GLEICHFALL_SECRETS_DIR": str(notify.secrets.directory),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "SMTP_URL": notify.stack.smtp_url,
        "NOTIFY_BOUNCE_ADDRESS": "zurueck@oa.karlsruhe.de",
    }

    async def call(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, messages, words)

    return call


async def confirmed(notify: Notify, address: str, amount: int) -> tuple[str, list[Event]]:
    """Give the case of somebody who applied, and so many facts about its confirmation."""
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, address))
    await notify.publish(story(case_ref, application(contact_ref)))
    return case_ref, await notify.published(case_ref, amount)


def kinds(events: list[Event]) -> list[str]:
    return [event.data.event_type.split(".")[-2] for event in events]


async def test_on_trial_only_who_is_listed_gets_anything_and_staff_read_why(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    _, listed = await confirmed(notify, "Anna@Example.org", 2)
    stranger, unlisted = await confirmed(notify, "stranger@example.org", 2)

    shown = await command("show", stranger, "--language", "en")

    assert kinds(listed) == ["planned", "accepted"]
    assert kinds(unlisted) == ["planned", "suppressed"]
    assert not notify.mails("stranger@example.org")
    assert "suppressed" in shown.output
    assert "The system is on trial. This person is not on the list" in shown.output


async def test_messages_to_simulated_recipients_end_as_their_address_says_and_never_leave(
    notify: Notify,
) -> None:
    _, delivered = await confirmed(notify, "anybody@delivered.test", 2)
    _, bounced = await confirmed(notify, "anybody@bounced.test", 2)
    _, silent = await confirmed(notify, "anybody@silent.test", 2)
    _, deferred = await confirmed(notify, "anybody@deferred.test", 1)

    assert kinds(delivered) == ["planned", "delivered"]
    assert kinds(bounced) == ["planned", "bounced"]
    assert kinds(silent) == ["planned", "accepted"]
    assert kinds(deferred) == ["planned"]
    for way in ("delivered", "bounced", "silent", "deferred"):
        assert not notify.mails(f"anybody@{way}.test")
