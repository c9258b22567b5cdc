"""What operators do with notify, on real parts: trials, erasing, reading, resending, stopping."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from click.testing import CliRunner, Result

from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from services.notify.commands import messages
from services.notify.operation.errors import (
    CannotResend,
    CannotStop,
    CaseUnknown,
    MessageNotFound,
    NothingLeft,
    TaskNotFound,
)
from services.notify.operation.interventions import Done, Operator, resend
from services.notify.operation.store import QUERIES
from shared.contacts.consent import Agreement, Consent
from shared.events.catalogue.appointment import AppointmentBooked, AppointmentCancelled
from shared.events.catalogue.case import DocumentsReceived
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationFact,
    NotificationHeld,
    NotificationPlanned,
    NotificationSuppressed,
)
from shared.events.event import Event
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import open_pool, service_url
from shared.security.secrets import SecretName
from tests.integration.notify.service import Notify, application, contact, pseudonym, running, story
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

APPOINTMENT = "appointment-" + "a" * 26
LISTED = tuple(f"{name}@example.org" for name in ("anna", "berta", "carla", "dora", "emil"))


@pytest.fixture(scope="module")
async def notify(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Notify]:
    """A service on trial."""
    trial = {"NOTIFY_ALLOW_LIST": json.dumps(LISTED)}
    directory = tmp_path_factory.mktemp("notify")
    async with running(stack, directory, "notify_operation", **trial) as service:
        yield service


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


def identity(event: Event) -> str:
    assert isinstance(event.data, NotificationFact)
    return event.data.message_id


async def erase(notify: Notify, contact_ref: str) -> int:
    token = notify.secrets.text(SecretName.HANDOVER_TOKEN).get_secret_value()
    async with httpx.AsyncClient(base_url=notify.url, verify=PLAIN) as client:
        path, headers = f"/v1/contacts/{contact_ref}", {"authorization": f"Bearer {token}"}
        return (await client.delete(path, headers=headers)).status_code


async def rows(notify: Notify, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(notify.database_url)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()


async def waiting_reminder(
    notify: Notify, address: str, office: str = "kaiserallee"
) -> tuple[str, str, str]:
    """Give the case and the recipient of an appointment, and the reminder that waits for it."""
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, address))
    booked = AppointmentBooked.model_validate(
        {
            "appointment_id": APPOINTMENT,
            "contact_ref": contact_ref,
            "office": office,
            "service_key": "permit",
            "starts": datetime.now(UTC) + timedelta(days=20),
        }
    )
    await notify.publish(story(case_ref, booked))
    events = await notify.published(case_ref, 4)
    (held,) = (event for event in events if isinstance(event.data, NotificationHeld))
    return case_ref, contact_ref, identity(held)


def kinds(events: list[Event]) -> list[str]:
    return [event.data.event_type.split(".")[-2] for event in events]


async def test_of_a_case_that_nobody_knows_is_said_that_nothing_is_known(
    command: Callable[..., Awaitable[Result]],
) -> None:
    answer = await command("show", "nosuch")

    assert isinstance(answer.exception, CaseUnknown)
    assert "nothing is known of a case nosuch" in str(answer.exception)


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


async def test_of_what_we_could_not_write_operators_read_why(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, _, _ = await waiting_reminder(notify, "emil@example.org", office="atlantis")
    async with asyncio.timeout(PATIENCE):
        while case_ref not in (told := await command("tasks", "--language", "en")).output:
            await asyncio.sleep(0.1)

    shown = await command("show", case_ref, "--language", "en")

    for answer in (told, shown):
        assert "We could not write the message, so it was not sent." in answer.output
        assert "the organisation file has no office atlantis" in answer.output


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


async def test_what_messages_tell_is_encrypted_until_their_recipient_is_erased_then_it_is_noise(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, contact_ref, reminder = await waiting_reminder(notify, "dora@example.org")
    stored = await rows(
        notify,
        "SELECT facts, sealed, digest, state FROM notify.message WHERE case_ref = $1",
        case_ref,
    )
    before = await command("show", case_ref, "--language", "en")

    statuses = [await erase(notify, contact_ref) for _ in range(2)]
    events = await notify.published(case_ref, 5)
    after = await command("show", case_ref, "--language", "en")
    (left,) = (event for event in events if isinstance(event.data, NotificationAccepted))
    read = await command("again", identity(left))

    assert [row["facts"] for row in stored] == ["[]", "[]"]
    assert all(b"kaiserallee" not in row["sealed"] for row in stored)
    assert statuses == [204, 204]
    assert isinstance(events[-1].data, NotificationSuppressed)
    assert events[-1].data.reason is FailureReason.CONTACT_ERASED
    assert identity(events[-1]) == reminder
    assert "writes it as it left" in before.output
    digest = next(row["digest"].hex() for row in stored if row["digest"])
    assert f"hash {digest}; its recipient was erased: nothing else is left" in after.output
    assert "The data of this person were erased" in after.output
    assert isinstance(read.exception, NothingLeft)


async def test_a_past_message_is_written_again_byte_by_byte_though_its_recipient_has_moved(
    notify: Notify, command: Callable[..., Awaitable[Result]], tmp_path: Path
) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "emil@example.org"))
    await notify.publish(story(case_ref, application(contact_ref)))
    _, left = await notify.published(case_ref, 2)
    moved = contact(contact_ref, "dora@example.org").model_copy(update={"name": None})
    await notify.register(moved)

    result = await command("again", identity(left), "--out", str(tmp_path / "mail.eml"))

    (sent,) = notify.raw_mails("emil@example.org")
    written = (tmp_path / "mail.eml").read_bytes()
    assert result.exit_code == 0, result.exception
    assert f"the same {len(written):,} bytes as were handed over" in result.output
    assert written.replace(b"\r\n", b"\n") in sent.replace(b"\r\n", b"\n")


async def test_after_its_retention_only_hash_state_and_times_of_a_message_are_left(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, (_, left) = await confirmed(notify, "anna@example.org", 2)
    await rows(
        notify,
        "UPDATE notify.message SET ended_at = now() - interval '2 years' WHERE case_ref = $1",
        case_ref,
    )
    connection = await asyncpg.connect(notify.database_url)
    await connection.execute("SET search_path TO notify")
    await connection.execute(QUERIES["empty_messages"], timedelta(days=365), 1_000)
    await connection.close()

    shown = json.loads((await command("show", case_ref, "--json")).output)
    read = await command("again", identity(left))
    again = await command("resend", identity(left), "--by", "ops-7", "--reason", "asked for")

    (emptied,) = await rows(
        notify, "SELECT sealed, contact_ref FROM notify.message WHERE case_ref = $1", case_ref
    )
    assert (emptied["sealed"], emptied["contact_ref"]) == (None, None)
    assert (shown[0]["state"], shown[0]["kept"], len(shown[0]["digest"])) == ("accepted", False, 64)
    assert isinstance(read.exception, NothingLeft)
    assert isinstance(again.exception, CannotResend)


async def test_a_message_is_sent_again_once_by_who_says_why(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, (_, first) = await confirmed(notify, "berta@example.org", 2)
    call = ("resend", identity(first), "--by", "ops-7", "--reason", "mailbox was full")

    tried = await command(*call, "--dry-run")
    assert len(await rows(notify, "SELECT FROM notify.message WHERE case_ref = $1", case_ref)) == 1
    results = [await command(*call) for _ in range(2)]
    *_, planned, accepted = await notify.published(case_ref, 4)
    shown = await command("show", case_ref)

    assert "would be resent as" in tried.output
    assert [one.exit_code for one in results] == [0, 0]
    assert "was resent before" in results[1].output
    assert isinstance(planned.data, NotificationPlanned)
    assert planned.data.cause == f"message:{identity(first)}"
    assert identity(accepted) == identity(planned) != identity(first)
    assert len(notify.mails("berta@example.org")) == 2
    assert f"resent by ops-7 as {identity(planned)}" in shown.output
    assert "mailbox was full" in shown.output


async def test_what_waits_may_not_be_sent_again_nor_what_has_become_untrue(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, _, reminder = await waiting_reminder(notify, "dora@example.org")
    events = await notify.published(case_ref, 4)
    (left,) = (event for event in events if isinstance(event.data, NotificationAccepted))
    early = await command("resend", reminder, "--by", "ops-7", "--reason", "now")

    cancelled = AppointmentCancelled(appointment_id=APPOINTMENT)
    (event,) = story(case_ref, cancelled)
    await notify.publish([event._replace(sequence=2)])
    await notify.published(case_ref, 7)
    late = await command("resend", identity(left), "--by", "ops-7", "--reason", "asked for")

    assert "it is held and may still arrive" in str(early.exception)
    assert "it isn't true any more" in str(late.exception)
    assert not await rows(
        notify,
        "SELECT FROM notify.intervention JOIN notify.message ON id = message WHERE case_ref = $1",
        case_ref,
    )


async def test_what_waits_can_be_stopped_and_nobody_is_told_another_way(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, _, reminder = await waiting_reminder(notify, "anna@example.org")
    call = ("stop", reminder, "--by", "ops-7", "--reason", "the office is closed")

    tried = await command(*call, "--dry-run")
    results = [await command(*call) for _ in range(2)]
    *_, last = await notify.published(case_ref, 5)
    shown = await command("show", case_ref, "--language", "en")
    events = await notify.published(case_ref, 4)
    (left,) = (event for event in events if isinstance(event.data, NotificationAccepted))
    too_late = await command("stop", identity(left), "--by", "ops-7", "--reason", "oh")
    unknown = await command("stop", str(uuid4()), "--by", "ops-7", "--reason", "oh")
    tasks = await rows(notify, "SELECT FROM notify.task WHERE case_ref = $1", case_ref)

    assert "would be stopped" in tried.output
    assert [one.output.split(" ", 1)[1] for one in results] == ["stopped\n", "was stopped before\n"]
    assert isinstance(last.data, NotificationSuppressed)
    assert last.data.reason is FailureReason.STOPPED
    assert "stopped by ops-7" in shown.output
    assert "One of us stopped the message" in shown.output
    assert isinstance(too_late.exception, CannotStop)
    assert isinstance(unknown.exception, MessageNotFound)
    assert not tasks


async def test_who_was_erased_and_comes_back_does_not_bring_old_messages_back(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "dora@example.org"))
    await notify.publish(story(case_ref, application(contact_ref)))
    _, left = await notify.published(case_ref, 2)
    await erase(notify, contact_ref)
    await notify.register(contact(contact_ref, "dora@example.org"))

    shown = await command("show", case_ref)
    read = await command("again", identity(left))
    again = await command("resend", identity(left), "--by", "ops-7", "--reason", "asked for")

    assert "its recipient was erased: nothing else is left" in shown.output
    assert isinstance(read.exception, NothingLeft)
    assert isinstance(again.exception, CannotResend)


async def test_what_failed_is_not_sent_again_once_it_is_untrue_too_late_or_unwanted(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "stranger@example.org"))
    booked = AppointmentBooked(
        appointment_id=APPOINTMENT,
        contact_ref=contact_ref,
        office="kaiserallee",
        service_key="permit",
        starts=datetime.now(UTC) + timedelta(hours=20),
    )
    events = story(case_ref, booked, AppointmentCancelled(appointment_id=APPOINTMENT))
    await notify.publish(events[:1])
    _, unlisted = await notify.published(case_ref, 2)
    call = ("resend", identity(unlisted), "--by", "ops-7", "--reason", "now on the list")
    possible = await command(*call, "--dry-run")
    at_noon = "UPDATE notify.message SET expires_at = $2 WHERE case_ref = $1"

    await rows(notify, at_noon, case_ref, datetime.now(UTC))
    too_late = await command(*call)
    await rows(notify, at_noon, case_ref, datetime.now(UTC) + timedelta(hours=20))
    withdrawn = Agreement(
        channel=Channel.EMAIL, consent=Consent.WITHDRAWN, at=datetime.now(UTC), basis="form-12"
    )
    wanted = contact(contact_ref, "stranger@example.org")
    await notify.register(wanted.model_copy(update={"agreements": (withdrawn,)}))
    unwanted = await command(*call)
    await notify.register(wanted)
    await notify.publish(events[1:])
    await notify.published(case_ref, 4)
    untrue = await command(*call)

    assert "would be resent" in possible.output
    assert "it would come too late" in str(too_late.exception)
    assert "by email now (consent_withdrawn)" in str(unwanted.exception)
    assert "it isn't true any more" in str(untrue.exception)


async def test_two_operators_at_once_send_a_message_again_once(notify: Notify) -> None:
    case_ref, (_, first) = await confirmed(notify, "carla@example.org", 2)
    password = notify.secrets.text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    url = service_url(notify.database_url, "notify", password)
    async with await open_pool(url, service="notify") as pool:

        async def press(name: str) -> Done:
            async with pool.acquire() as connection:
                return await resend(connection, UUID(identity(first)), Operator(name, "asked for"))

        done = await asyncio.gather(press("ops-7"), press("ops-8"), press("ops-9"))

    events = await notify.published(case_ref, 4)
    assert len({one.successor for one in done}) == 1
    assert sorted(one.before for one in done) == [False, True, True]
    assert kinds(events) == ["planned", "accepted", "planned", "accepted"]


async def test_what_no_message_could_tell_waits_for_a_person_who_says_how_they_told_it(
    notify: Notify, command: Callable[..., Awaitable[Result]]
) -> None:
    case_ref = pseudonym("case")
    now = datetime.now(UTC)
    events = story(case_ref, application(None), DocumentsReceived())
    await notify.publish([event._replace(time=now) for event in events])
    query = "SELECT message FROM notify.task WHERE case_ref = $1 AND done_at IS NULL"
    async with asyncio.timeout(PATIENCE):
        while len(waiting := await rows(notify, query, case_ref)) < 3:
            await asyncio.sleep(0.1)
    message = str(waiting[1]["message"])
    call = ("told", message, "--by", "unit-3", "--reason", "called on the phone")

    listed = await command("tasks", "--language", "en", "--limit", "10000")
    tried = await command(*call, "--dry-run")
    told = await command(*call)
    repeated = await command(*call)
    stranger = await command("told", str(uuid4()), *call[2:])

    assert listed.output.count(case_ref) == 1, "who calls an applicant calls once"
    assert " and 2 more  " in listed.output
    assert tried.output == f"{message} would be told\n"
    assert told.output == f"{message} told\n"
    assert repeated.output == f"{message} was told before\n"
    assert isinstance(stranger.exception, TaskNotFound)
    assert case_ref not in (await command("tasks", "--limit", "10000")).output
    assert "called on the phone" in (await command("show", case_ref)).output


async def test_sigterm_ends_the_service_in_order(
    stack: Addresses, notify: Notify, tmp_path: Path
) -> None:
    # The other service's, for roles belong to all databases of a server, and so do their passwords.
    shutil.copytree(notify.secrets.directory, tmp_path / "secrets")
    async with running(stack, tmp_path, "notify_ending") as service:
        service.process.send_signal(signal.SIGTERM)

        assert await asyncio.to_thread(service.process.wait, 20) == 0
        assert "Traceback" not in service.log.read_text()
