"""Delivery against mail servers that refuse, hang up and go away; with a real database."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from itertools import permutations
from pathlib import Path
from secrets import choice
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiosmtpd import smtp
from click.testing import CliRunner, Result
from pydantic import SecretBytes
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.notify import store
from services.notify.app import Looping
from services.notify.channels.email import carrier as smtp_channel
from services.notify.channels.email.carrier import SmtpAddress, SmtpConnection
from services.notify.channels.email.writing import Mail, Sender
from services.notify.commands import messages as group
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.errors import MessagesOverdue
from services.notify.follow_up.loop import Upkeep
from services.notify.handlers import case_events
from services.notify.messages.catalogue import load_messages
from services.notify.messages.stationery import load_stationery
from services.notify.operation.edition import Edition
from services.notify.operation.interventions import Operator, tell
from services.notify.recipients.suppression import Hardness
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import ARRIVED, ON_ITS_WAY, Receipt, Report
from services.notify.sending import dispatcher as dispatching
from services.notify.sending.carrier import ProviderSilent
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.opening import Preparation
from services.notify.sending.outcomes import Outcome
from services.notify.sending.recorder import Recorder
from services.notify.states import TERMINAL, State
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionMade,
    DocumentsRequested,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, Direction, FailureReason
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.sealing import new_sealing_pair
from shared.security.secrets import SecretName, SecretStore
from shared.service.settings import ROOT

pytestmark = pytest.mark.stack

LEASE = timedelta(minutes=5)
VAULT = Vault(SecretBytes(b"m" * 32))
PUBLIC, PRIVATE = new_sealing_pair()
MESSAGES = load_messages()
CARRIED = frozenset({Channel.EMAIL})
ORGANISATION = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
SENDER = Sender("Amt", "amt@example.org")
PREPARATION = Preparation(
    VAULT,
    MESSAGES,
    load_stationery(),
    ORGANISATION,
    SENDER,
    Edition.current(ORGANISATION, SENDER).digest,
)


CUT_OFF = "taken, and the connection cut before the answer"


class Unwilling(asyncio.Protocol):
    """A server that greets with an error (RFC 5321, 3.1)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"554 no service here\r\n")
        transport.close()


class MailHost:
    """A real SMTP server whose answers the test chooses."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.recipient_answers: list[str] = []
        self.content_answers: list[str] = []
        self.sender_answers: list[str] = []
        self.pauses: list[timedelta] = []
        self.greeting_refusals = 0
        self.sessions: list[smtp.SMTP] = []
        self._begun: Counter[smtp.SMTP] = Counter()
        self.mails_per_session = 1_000_000
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        for session in self.sessions:
            if isinstance(session.transport, asyncio.Transport):
                session.transport.abort()
        self.sessions.clear()

    @property
    def address(self) -> SmtpAddress:
        return SmtpAddress.parse(f"smtp://127.0.0.1:{self.port}")

    async def handle_MAIL(
        self,
        server: smtp.SMTP,
        session: object,
        envelope: smtp.Envelope,
        address: str,
        options: object,
    ) -> str:
        if self._begun[server] == self.mails_per_session:
            return "421 4.7.0 enough for one connection"
        self._begun[server] += 1
        if self.sender_answers:
            return self.sender_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: object
    ) -> str:
        answer = self.recipient_answers.pop(0) if self.recipient_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)  # type: ignore[attr-defined] # aiosmtpd is untyped
        return answer

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.pauses:
            await asyncio.sleep(self.pauses.pop(0).total_seconds())
        answer = self.content_answers.pop(0) if self.content_answers else "250 OK"
        if answer.startswith("250") or answer == CUT_OFF:
            content = envelope.content  # type: ignore[attr-defined] # aiosmtpd is untyped
            self.received.append(message_from_bytes(content, policy=policy.default)["Message-ID"])
        if answer == CUT_OFF:
            self.hang_up()
        return answer

    def _session(self) -> asyncio.Protocol:
        if self.greeting_refusals:
            self.greeting_refusals -= 1
            return Unwilling()
        protocol = smtp.SMTP(self, hostname="localhost", loop=asyncio.get_running_loop())
        self.sessions.append(protocol)
        return protocol


@pytest.fixture(scope="module")
async def database(stack: Addresses, secrets: Path) -> tuple[str, Path]:
    """A database of its own, and where the passwords are."""
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("DROP DATABASE IF EXISTS notify_delivery WITH (FORCE)")
    await connection.execute("CREATE DATABASE notify_delivery")
    await connection.close()
    database_url = stack.database_url.rpartition("/")[0] + "/notify_delivery"
    await migrate(database_url, secrets)
    return database_url, secrets


@pytest.fixture(scope="module")
async def pool(database: tuple[str, Path]) -> AsyncIterator[Pool]:
    database_url, secrets = database
    password = SecretStore(secrets).text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    pool = await open_pool(service_url(database_url, "notify", password), service="notify")
    yield pool
    await pool.close()


@pytest.fixture(autouse=True)
async def no_messages(pool: Pool) -> None:
    for table in ("message", "task", "intervention", "outbox"):
        await pool.execute(f"DELETE FROM {table}")


@pytest.fixture
def messages(database: tuple[str, Path]) -> Callable[..., Awaitable[Result]]:
    """Gives `gleichfall messages` as an operator calls it."""
    database_url, secrets = database
    environment = {
        "DATABASE_URL": database_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }

    async def call(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, group, words)

    return call


@pytest.fixture
async def host() -> AsyncIterator[MailHost]:
    host = MailHost()
    await host.start()
    yield host
    host.stop()


@asynccontextmanager
async def sending(
    pool: Pool, host: MailHost, connections: int = 2
) -> AsyncIterator[Dispatcher[Mail]]:
    dispatcher = Dispatcher(
        pool,
        Outlet(
            Channel.EMAIL,
            "mail server",
            partial(store.claim, channel=Channel.EMAIL, limit=BATCH),
            PREPARATION.mail,
            [
                SmtpConnection(host.address, ssl.create_default_context())
                for _ in range(connections)
            ],
        ),
        Recorder(pool, committed=lambda: None),
        lease=LEASE,
        progressed=lambda: None,
    )
    upkeep = Upkeep(pool, MESSAGES, CARRIED, [], committed=lambda: None, progressed=lambda: None)
    tasks = asyncio.gather(dispatcher.run(), upkeep.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        upkeep.stop()
        async with asyncio.timeout(10):
            await tasks


async def plan(pool: Pool, amount: int = 1) -> list[Event]:
    """Plan messages to as many applicants who can be reached, whose three months are over."""
    events = [received(ref) for ref in await applicants(pool, amount)]
    await apply(pool, events)
    return events


def received(contact_ref: str) -> Event:
    facts = ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=contact_ref
    )
    long_ago = datetime.now(UTC) - timedelta(days=100)
    case_ref = contact_ref.replace("contact-", "case-")
    return new_event("urn:gleichfall:test", case_ref, facts, time=long_ago)


async def applicants(pool: Pool, amount: int) -> list[str]:
    """Register people who can be reached by e-mail; gives their contact_refs."""
    return await register(pool, [{"email": f"a{n}@example.org"} for n in range(amount)])


async def register(pool: Pool, people: Sequence[Mapping[str, object]]) -> list[str]:
    """Register people by what is known of each; gives their contact_refs."""
    refs = [f"contact-{''.join(choice('abcdefgh') for _ in range(26))}" for _ in people]
    boxes = [
        seal_contact(
            PUBLIC, Contact.model_validate({"contact_ref": ref, "language": "de", **person})
        )
        for ref, person in zip(refs, people, strict=True)
    ]
    await Registry(pool, VAULT, SecretBytes(PRIVATE)).register(boxes)
    return refs


async def apply(pool: Pool, events: list[Event], carried: frozenset[Channel] = CARRIED) -> None:
    async with pool.acquire() as connection, connection.transaction():
        transaction = Transaction(connection)
        await case_events(MESSAGES, Calendar.of(ORGANISATION), carried, VAULT)(events, transaction)
        await transaction.flush()


@asynccontextmanager
async def looping(*loops: Looping) -> AsyncIterator[None]:
    """Run loops of the service, and let them finish."""
    running = asyncio.gather(*(loop.run() for loop in loops))
    try:
        yield
    finally:
        for loop in loops:
            loop.stop()
        async with asyncio.timeout(30):
            await running


async def states(pool: Pool) -> dict[State, int]:
    found = Counter[State]()
    async with pool.acquire() as connection:
        for count in await store.counts(connection):
            found[count.state] += count.amount
    return found


async def until(pool: Pool, condition: Callable[[dict[State, int]], bool]) -> dict[State, int]:
    async with asyncio.timeout(20):
        while not condition(found := await states(pool)):
            await asyncio.sleep(0.02)
    return found


def ended(amount: int) -> Callable[[dict[State, int]], bool]:
    """Tell whether so many messages are in a terminal state."""
    return lambda found: sum(found.get(state, 0) for state in TERMINAL) == amount


async def facts_in_outbox(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT headers FROM outbox ORDER BY id")
    kinds = (
        "planned",
        "held",
        "accepted",
        "delivered",
        "bounced",
        "failed",
        "suppressed",
        "superseded",
        "expired",
    )
    return [kind for row in rows for kind in kinds if f"notification.{kind}.v1".encode() in row[0]]


async def make_due(pool: Pool) -> None:
    await pool.execute("UPDATE message SET due_at = now() WHERE due_at IS NOT NULL")


async def test_a_recipient_that_does_not_exist_fails_at_once(pool: Pool, host: MailHost) -> None:
    host.recipient_answers = ["550 5.1.1 no such user"]
    await plan(pool)

    async with sending(pool, host):
        assert await until(pool, lambda found: State.FAILED in found) == {State.FAILED: 1}

    assert await pool.fetchval("SELECT reason FROM message") == "address_refused"
    assert await facts_in_outbox(pool) == ["planned", "failed"]


async def test_a_refused_mail_does_not_spoil_the_next_one(pool: Pool, host: MailHost) -> None:
    host.content_answers = ["554 5.7.1 looks like spam"]
    await plan(pool, amount=2)

    async with sending(pool, host, connections=1):
        found = await until(pool, ended(2))

    assert found == {State.FAILED: 1, State.ACCEPTED: 1}


async def test_a_busy_server_is_asked_again_later_and_gets_the_same_mail(
    pool: Pool, host: MailHost
) -> None:
    host.content_answers = ["451 4.3.0 try later"]
    await plan(pool)

    async with sending(pool, host):
        await until(pool, lambda found: State.SENDING not in found and not host.content_answers)
        await make_due(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
    assert await pool.fetchval("SELECT attempts FROM message") == 2

    identity = await pool.fetchval("SELECT id FROM message")
    assert host.received == [f"<{identity}@example.org>"]
    assert await facts_in_outbox(pool) == ["planned", "accepted"]


async def test_while_the_server_is_away_messages_wait_and_leave_when_it_is_back(
    pool: Pool, host: MailHost
) -> None:
    async with sending(pool, host):
        await plan(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        host.stop()
        await plan(pool, amount=20)
        await asyncio.sleep(1)
        assert (await states(pool))[State.ACCEPTED] == 1
        await host.start()
        await until(pool, lambda found: found == {State.ACCEPTED: 21})

    assert len(host.received) == len(set(host.received)) == 21


async def test_a_connection_that_the_server_closed_while_idle_costs_nothing(
    pool: Pool, host: MailHost
) -> None:
    async with sending(pool, host):
        await plan(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        host.hang_up()
        await asyncio.sleep(0.1)
        await plan(pool, amount=5)
        await until(pool, lambda found: found == {State.ACCEPTED: 6})

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1


async def test_a_server_that_takes_few_mails_per_connection_gets_them_all_at_once(
    pool: Pool, host: MailHost
) -> None:
    host.mails_per_session = 3
    await plan(pool, amount=10)

    async with sending(pool, host, connections=1):
        await until(pool, lambda found: found == {State.ACCEPTED: 10})

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1


async def test_two_requests_may_register_the_same_person_at_once(
    pool: Pool, host: MailHost
) -> None:
    (ref,) = await applicants(pool, 1)
    await pool.execute("DELETE FROM contact_key")
    person = Contact.model_validate(
        {"contact_ref": ref, "language": "de", "email": "anna@example.org"}
    )
    registry = Registry(pool, VAULT, SecretBytes(PRIVATE))

    await asyncio.gather(*(registry.register([seal_contact(PUBLIC, person)]) for _ in range(8)))
    await apply(pool, [received(ref)])

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})


async def test_a_message_is_taken_again_when_its_sender_was_killed(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool)
    async with pool.acquire() as connection:
        (dead,) = await store.claim(connection, LEASE, Channel.EMAIL, 10)
        assert await store.claim(connection, LEASE, Channel.EMAIL, 10) == []
        await make_due(pool)

        async with sending(pool, host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})

        late = (dead.attempt, Outcome(State.PLANNED, delay=timedelta()))
        assert await store.record(connection, [late]) == set()
    assert await states(pool) == {State.ACCEPTED: 1}


async def test_an_outcome_of_an_older_attempt_changes_nothing(pool: Pool) -> None:
    await plan(pool)
    async with pool.acquire() as connection:
        (older,) = await store.claim(connection, LEASE, Channel.EMAIL, 10)
        await make_due(pool)
        (newer,) = await store.claim(connection, LEASE, Channel.EMAIL, 10)

        assert not await store.record(connection, [(older.attempt, Outcome(State.ACCEPTED))])
        assert await store.record(connection, [(newer.attempt, Outcome(State.ACCEPTED))])
        assert not await store.record(connection, [(newer.attempt, Outcome(State.ACCEPTED))])


async def test_two_processes_share_the_work_and_send_nothing_twice(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool, amount=300)

    async with sending(pool, host), sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 300})

    assert len(host.received) == len(set(host.received)) == 300
    assert (await facts_in_outbox(pool)).count("accepted") == 300


async def test_at_the_end_what_was_not_sent_is_given_back_at_once(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool, amount=200)

    async with sending(pool, host):
        await until(pool, lambda found: State.ACCEPTED in found)

    found = await states(pool)
    assert State.SENDING not in found
    assert found[State.ACCEPTED] == len(host.received)
    assert found[State.ACCEPTED] + found.get(State.PLANNED, 0) == 200
    assert await pool.fetchval(
        "SELECT bool_and(due_at <= now()) FROM message WHERE state = 'planned'"
    )


async def test_the_same_cause_never_asks_for_a_second_message(pool: Pool, host: MailHost) -> None:
    events = await plan(pool, amount=3)
    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 3})
        await apply(pool, events)
        await asyncio.sleep(0.5)

    assert len(host.received) == 3
    assert (await facts_in_outbox(pool)).count("planned") == 3


async def test_a_person_whose_key_was_destroyed_gets_nothing_more(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool)
    await pool.execute("DELETE FROM contact_key")

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.SUPPRESSED: 1})

    assert host.received == []
    assert await facts_in_outbox(pool) == ["planned", "suppressed"]


APPOINTMENT = "appointment-" + "a" * 26


async def appointment(pool: Pool, starts: datetime) -> str:
    """An applicant who can be reached, and a confirmation that waits; gives the case."""
    [ref] = await applicants(pool, 1)
    case_ref = ref.replace("contact-", "case-")
    booked = AppointmentBooked(
        appointment_id=APPOINTMENT,
        service_key="permit",
        office="kaiserallee",
        starts=starts,
        contact_ref=ref,
    )
    await apply(pool, [numbered(case_ref, booked, 1)])
    return case_ref


def numbered(case_ref: str, facts: Facts, sequence: int) -> Event:
    event = new_event("urn:gleichfall:test", case_ref, facts, time=datetime.now(UTC))
    return event._replace(sequence=sequence)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


async def ends(pool: Pool) -> list[tuple[str, str, str | None]]:
    rows = await pool.fetch("SELECT name, state, reason FROM message ORDER BY sequence")
    return [tuple(row) for row in rows]


async def test_a_confirmation_that_waits_never_leaves_after_the_appointment_was_cancelled(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])

    async with sending(pool, host):
        await until(pool, ended(2))

    assert await ends(pool) == [
        ("appointment_booked", "superseded", "replaced"),
        ("appointment_cancelled", "accepted", None),
    ]
    assert await facts_in_outbox(pool) == ["planned", "planned", "superseded", "accepted"]
    assert len(host.received) == 1


async def test_one_batch_may_plan_a_message_and_void_it(pool: Pool, host: MailHost) -> None:
    case_ref = await appointment(pool, soon())
    other = "appointment-" + "b" * 26
    moved = AppointmentRescheduled(appointment_id=APPOINTMENT, starts=soon())
    await apply(
        pool,
        [
            numbered(case_ref, moved, 2),
            numbered(case_ref, AppointmentCancelled(appointment_id=other), 3),
            numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 4),
        ],
    )

    assert await ends(pool) == [
        ("appointment_booked", "superseded", "replaced"),
        ("appointment_rescheduled", "superseded", "replaced"),
        ("appointment_cancelled", "planned", None),
        ("appointment_cancelled", "planned", None),
    ]


async def test_an_event_that_comes_again_voids_nothing_that_followed(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    cancelled = numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 0)

    await apply(pool, [cancelled])

    assert ("appointment_booked", "planned", None) in await ends(pool)


async def test_a_confirmation_that_was_being_sent_is_not_tried_again_once_it_is_untrue(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    async with pool.acquire() as connection:
        (claim,) = await store.claim(connection, LEASE, Channel.EMAIL, 10)
        await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])
        later = Outcome(State.PLANNED, delay=timedelta())
        assert await store.record(connection, [(claim.attempt, later)]) == {claim.attempt.id}

    async with sending(pool, host):
        await until(pool, ended(2))

    assert ("appointment_booked", "superseded", "replaced") in await ends(pool)
    assert len(host.received) == 1


async def test_what_is_too_late_never_leaves(pool: Pool, host: MailHost) -> None:
    await appointment(pool, datetime.now(UTC) - timedelta(minutes=1))

    async with sending(pool, host):
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_booked", "expired", "too_late")]
    assert await facts_in_outbox(pool) == ["planned", "expired"]
    assert host.received == []


async def test_staff_see_what_an_applicant_was_told_and_why_not(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    case_ref = await appointment(pool, soon())
    await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])
    async with sending(pool, host):
        await until(pool, ended(2))

    shown = (await messages("show", case_ref)).output
    english = (await messages("show", case_ref, "--language", "en")).output
    found = from_json((await messages("show", case_ref, "--json")).output)

    assert "appointment_booked, email, de" in shown
    assert "Im Fall ist etwas Neues passiert." in shown
    assert "example.org" not in shown + english
    assert [one["state"] for one in found] == ["superseded", "accepted"]
    assert (await messages("show", "case-" + "z" * 26)).output == ""


async def test_the_audit_tells_of_messages_that_nobody_takes(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    await plan(pool, amount=2)
    fine = await messages("audit", "--json")
    assert (fine.exit_code, from_json(fine.output)["states"]["planned"]) == (0, 2)

    await pool.execute("UPDATE message SET due_at = now() - interval '16 minutes'")
    left_lying = await messages("audit")
    assert isinstance(left_lying.exception, MessagesOverdue)
    assert "2 of application_received by email are planned since" in left_lying.output

    async with sending(pool, host):
        await until(pool, ended(2))
    assert (await messages("audit")).exit_code == 0


async def test_what_somebody_acts_on_within_hours_leaves_first(pool: Pool, host: MailHost) -> None:
    await plan(pool, amount=5)
    await appointment(pool, soon())

    async with pool.acquire() as connection:
        claimed = await store.claim(connection, LEASE, Channel.EMAIL, 3)

    names = [claim.attempt.name for claim in claimed]
    assert sorted(names) == ["application_received"] * 2 + ["appointment_booked"]


async def in_ten_days(pool: Pool) -> str:
    """An appointment with a reminder that waits, its confirmation already gone; gives the case."""
    case_ref = await appointment(pool, datetime.now(UTC) + timedelta(days=10))
    await pool.execute("DELETE FROM message WHERE name = 'appointment_booked'")
    return case_ref


async def let_its_day_come(pool: Pool) -> None:
    """Let the time come that what waits is planned for, two days before its appointment."""
    await pool.execute(
        "UPDATE message SET due_at = now(), planned_at = now(),"
        " expires_at = now() + interval '2 days' WHERE state = 'held'"
    )


async def test_a_reminder_waits_in_the_database_and_leaves_on_its_day(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    case_ref = await in_ten_days(pool)
    async with sending(pool, host):
        await asyncio.sleep(0.5)
    assert host.received == []
    assert (await messages("audit")).exit_code == 0
    assert "appointment_reminder, email, de" in (await messages("show", case_ref)).output

    await let_its_day_come(pool)
    async with sending(pool, host):  # another process: the first one is gone
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "accepted", None)]
    assert await facts_in_outbox(pool) == ["planned", "planned", "held", "accepted"]
    assert len(host.received) == 1


@pytest.mark.parametrize(
    "voids",
    [
        AppointmentCancelled(appointment_id=APPOINTMENT),
        AppointmentAttended(appointment_id=APPOINTMENT),
        AppointmentRescheduled(
            appointment_id=APPOINTMENT, starts=datetime.now(UTC) + timedelta(days=30)
        ),
    ],
    ids=lambda facts: facts.event_type,
)
async def test_a_reminder_never_leaves_for_an_appointment_that_is_off_over_or_moved(
    pool: Pool, host: MailHost, voids: Facts
) -> None:
    case_ref = await in_ten_days(pool)

    await apply(pool, [numbered(case_ref, voids, 2)])

    (first, *others) = await ends(pool)
    assert first == ("appointment_reminder", "superseded", "replaced")
    reminders = [state for name, state, _ in others if name == "appointment_reminder"]
    assert reminders == (["held"] if isinstance(voids, AppointmentRescheduled) else [])


async def test_a_reminder_that_missed_its_day_never_leaves_after_the_appointment(
    pool: Pool, host: MailHost
) -> None:
    await in_ten_days(pool)
    await let_its_day_come(pool)
    await pool.execute("UPDATE message SET expires_at = now() - interval '1 second'")

    async with sending(pool, host):
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "expired", "too_late")]
    assert host.received == []


async def test_a_reminder_is_tried_as_long_as_any_message_once_its_day_has_come(
    pool: Pool, host: MailHost
) -> None:
    await in_ten_days(pool)
    await let_its_day_come(pool)
    host.recipient_answers = ["451 4.2.1 busy"]

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.PLANNED: 1})
        await make_due(pool)
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "accepted", None)]


@pytest.mark.parametrize(
    ("type_code", "told"), [("AufenthG-18a", "superseded"), ("AufenthG-81(4)", "held")]
)
async def test_that_we_still_work_is_told_only_while_it_is_true(
    pool: Pool, type_code: str, told: str
) -> None:
    [ref] = await applicants(pool, 1)
    case_ref = ref.replace("contact-", "case-")
    received = ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=ref
    )
    decided = DecisionMade(
        decision_id="decision-" + "a" * 26,
        type_code=type_code,
        direction=Direction.FAVOURABLE,
        unit="unit-1",
        decider="decider-" + "a" * 26,
    )

    await apply(pool, [numbered(case_ref, received, 1)])
    await apply(pool, [numbered(case_ref, decided, 2)])

    assert {(name, state) for name, state, _ in await ends(pool)} == {
        ("application_received", "planned"),
        ("still_working", told),
    }


WAITS_FOR_A_ROW = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE wait_event_type = 'Lock' AND query LIKE '%WITH report AS%')
"""
BOUNCED = Receipt(State.BOUNCED, FailureReason.ADDRESS_REFUSED, Hardness.HARD)


async def one_accepted(pool: Pool, host: MailHost) -> UUID:
    await plan(pool)
    async with sending(pool, host):
        await until(pool, ended(1))
    identity = await pool.fetchval("SELECT id FROM message")
    assert isinstance(identity, UUID)
    return identity


@pytest.mark.parametrize("order", list(permutations([ON_ITS_WAY, ARRIVED, BOUNCED])), ids=str)
async def test_the_strongest_report_wins_in_whatever_order_they_come_and_come_again(
    pool: Pool, host: MailHost, order: tuple[Receipt, ...]
) -> None:
    reports = Reports(pool, committed=lambda: None)
    identity = await one_accepted(pool, host)

    for receipt in (*order, *order):
        await reports.take(Channel.EMAIL, [Report(identity, receipt)])

    assert await ends(pool) == [("application_received", "bounced", "address_refused")]
    facts = await facts_in_outbox(pool)
    assert facts.count("bounced") == 1
    assert facts[-1] == "bounced"
    assert facts.count("delivered") <= 1


async def two_returned(pool: Pool, host: MailHost) -> list[UUID]:
    """Two messages of one case that came back for the same reason; both are a person's now."""
    case_ref = await appointment(pool, soon())
    requested = DocumentsRequested(items=("passport",), due=soon().date() + timedelta(days=30))
    await apply(pool, [numbered(case_ref, requested, 2)])
    async with sending(pool, host):
        await until(pool, ended(2))
        identities = [row["id"] for row in await pool.fetch("SELECT id FROM message ORDER BY id")]
        full = Receipt(State.BOUNCED, FailureReason.UNDELIVERABLE, Hardness.SOFT)
        back = [Report(identity, full) for identity in identities]
        await Reports(pool, committed=lambda: None).take(Channel.EMAIL, back)
        async with asyncio.timeout(10):
            query = "SELECT count(*) FROM message WHERE NOT followed"
            while await pool.fetchval(query):
                await asyncio.sleep(0.02)
    return identities


async def listed(pool: Pool) -> list[store.Task]:
    async with pool.acquire() as connection:
        return await store.tasks(connection, 100)


async def test_one_call_is_asked_for_where_a_case_missed_several_messages_for_one_reason(
    pool: Pool, host: MailHost
) -> None:
    await two_returned(pool, host)

    assert [task.reason for task in await listed(pool)] == [FailureReason.UNDELIVERABLE]


@pytest.mark.parametrize("arrives", [0, 1])
async def test_what_a_case_still_misses_stays_a_task_when_another_message_arrives_after_all(
    pool: Pool, host: MailHost, arrives: int
) -> None:
    identities = await two_returned(pool, host)

    async with pool.acquire() as connection, connection.transaction():
        await store.settle(connection, [identities[arrives]])

    assert [task.message for task in await listed(pool)] == [identities[1 - arrives]]


@pytest.mark.parametrize(("days_ago", "asked"), [(0, 2), (29, 2), (31, 0), (3_650, 0)])
async def test_importing_old_cases_asks_nobody_to_tell_what_happened_long_ago(
    pool: Pool, host: MailHost, days_ago: int, asked: int
) -> None:
    """Applications of people whom nobody has an address of, as an import brings them."""
    time = datetime.now(UTC) - timedelta(days=days_ago)
    strangers = [f"contact-{letter * 26}" for letter in "ab"]
    await apply(pool, [received(ref)._replace(time=time) for ref in strangers])
    async with sending(pool, host):
        await asyncio.sleep(1)

    ended_for = await pool.fetch(
        "SELECT reason FROM message WHERE name = 'application_received' AND state = 'suppressed'"
    )
    assert [row["reason"] for row in ended_for] == ["no_contact"] * 2, "nothing ends in silence"
    query = "SELECT count(*) FROM task WHERE name = 'application_received'"
    assert await pool.fetchval(query) == asked


@pytest.mark.parametrize("named", [0, 1])
async def test_who_told_what_a_case_missed_names_any_of_its_messages(
    pool: Pool, host: MailHost, named: int
) -> None:
    identities = await two_returned(pool, host)
    operator = Operator("unit-3", "called on the phone")

    async with pool.acquire() as connection:
        first = await tell(connection, identities[named], operator)
        again = await tell(connection, identities[1 - named], operator)

    assert (first.before, again.before) == (False, True)
    assert await listed(pool) == []


async def test_several_reports_of_one_message_may_come_at_once(pool: Pool, host: MailHost) -> None:
    identity = await one_accepted(pool, host)
    several = [Report(identity, receipt) for receipt in (BOUNCED, ARRIVED, ON_ITS_WAY)]

    assert await Reports(pool, committed=lambda: None).take(Channel.EMAIL, several) == 1

    assert await ends(pool) == [("application_received", "bounced", "address_refused")]


async def test_a_report_ends_a_message_whose_answer_got_lost(pool: Pool, host: MailHost) -> None:
    await plan(pool)
    identity = await pool.fetchval("SELECT id FROM message")

    await Reports(pool, committed=lambda: None).take(Channel.EMAIL, [Report(identity, ARRIVED)])
    async with sending(pool, host):
        await asyncio.sleep(0.3)

    assert await ends(pool) == [("application_received", "delivered", None)]
    assert host.received == []


async def test_a_report_that_meets_the_record_of_its_outcome_is_not_lost(pool: Pool) -> None:
    await plan(pool)
    identity = await pool.fetchval("SELECT id FROM message")
    async with pool.acquire() as recorder, recorder.transaction():
        await recorder.execute("UPDATE message SET state = 'accepted'")
        reports = Reports(pool, committed=lambda: None)
        taken = asyncio.create_task(reports.take(Channel.EMAIL, [Report(identity, ARRIVED)]))
        async with asyncio.timeout(10):
            while not await pool.fetchval(WAITS_FOR_A_ROW):
                await asyncio.sleep(0.02)

    assert await taken == 1
    assert await ends(pool) == [("application_received", "delivered", None)]


async def test_a_report_of_another_channel_or_of_no_message_changes_nothing(
    pool: Pool, host: MailHost
) -> None:
    reports = Reports(pool, committed=lambda: None)
    identity = await one_accepted(pool, host)

    assert await reports.take(Channel.SMS, [Report(identity, BOUNCED)]) == 0
    assert await reports.take(Channel.EMAIL, [Report(uuid4(), BOUNCED)]) == 0
    assert await reports.take(Channel.EMAIL, []) == 0
    assert await ends(pool) == [("application_received", "accepted", None)]


async def test_a_server_that_cuts_off_after_the_text_gets_it_again_and_can_tell(
    pool: Pool, host: MailHost
) -> None:
    """It took the mail, but nobody knows: the one window in which a mail may leave twice."""
    host.content_answers = [CUT_OFF]
    await plan(pool)

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.PLANNED: 1} and not host.content_answers)
        await make_due(pool)
        await until(pool, ended(1))

    first, second = host.received
    assert first == second
    assert await facts_in_outbox(pool) == ["planned", "accepted"]


async def test_a_server_that_answers_one_mail_late_holds_up_no_other(
    pool: Pool, host: MailHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_channel, "COMMAND_TIMEOUT", timedelta(milliseconds=500))
    host.pauses = [timedelta(seconds=3)]
    await plan(pool, amount=5)

    async with sending(pool, host, connections=2):
        await until(pool, lambda found: found.get(State.ACCEPTED) == 4)
        await until(pool, lambda found: found == {State.ACCEPTED: 4, State.PLANNED: 1})
        await make_due(pool)
        await until(pool, ended(5))

    # The slow one was taken late as well: the repeat carries the same Message-ID.
    assert len(set(host.received)) == 5


async def test_a_server_that_answers_nobody_makes_the_service_unready(
    pool: Pool, host: MailHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "SLOW", timedelta(milliseconds=200))
    host.pauses = [timedelta(seconds=1)] * 2
    await plan(pool, amount=2)

    async with sending(pool, host, connections=2) as dispatcher:
        await asyncio.sleep(0.7)
        with pytest.raises(ProviderSilent, match="mail server has not answered"):
            await dispatcher.check()
        await until(pool, ended(2))
        await dispatcher.check()

    assert len(host.received) == 2


async def test_a_server_that_refuses_everybody_costs_nothing(pool: Pool, host: MailHost) -> None:
    host.greeting_refusals = 4
    await plan(pool, amount=3)

    async with sending(pool, host, connections=2):
        await until(pool, ended(3))

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1
    assert len(host.received) == 3


async def test_a_server_that_refuses_our_address_loses_no_message(
    pool: Pool, host: MailHost
) -> None:
    host.sender_answers = ["550 5.7.1 sender not allowed"] * 3
    await plan(pool, amount=3)

    async with sending(pool, host, connections=1):
        await until(pool, lambda found: found == {State.PLANNED: 3} and not host.sender_answers)
        await make_due(pool)
        await until(pool, ended(3))

    assert await ends(pool) == [("application_received", "accepted", None)] * 3
