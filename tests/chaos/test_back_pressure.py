"""PostgreSQL or the mail server is away or slow: nothing is lost, and the service says so."""

import asyncio
import os
import signal
import subprocess
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache, partial
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.loopback import PLAIN
from deploy.local.services import Worker
from deploy.local.status import processes
from services.intake.client import IntakeClient, IntakeUnavailable
from services.notify.channels.email.settings import Settings as EmailSettings
from services.notify.sending.dispatcher import BATCH
from shared.contacts.contact import Contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, encode, new_event
from shared.events.registry import Topic
from shared.events.vocabulary import IntakeChannel
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretName
from tests.chaos.town import Town
from tests.conftest import TEST_STACKS
from tests.integration.spine_helpers import until

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(180)]

WORKERS = [Worker("intake", 1), Worker("controlling", 1), Worker("notify", 1)]
NAMES = Pseudonymiser(bytes(32))
MANY = 400
ROOM = 32 * 1024 * 1024
"""What a process may grow by while it waits, in bytes."""
CONNECTIONS = EmailSettings.model_fields["smtp_connections"].default


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with Town(TEST_STACKS / f"back-pressure-{uuid.uuid4().hex[:8]}", WORKERS) as town:
        yield town


async def test_postgresql_away(town: Town) -> None:
    sent = await send(town, 50)
    with postgresql_away(town):
        for name in town.keepers:
            assert "postgresql" in await missing(town, name)
            assert "postgresql" in await missing(town, name, "/readyz/requests")
        with pytest.raises(IntakeUnavailable):
            await send(town, 1, patience=timedelta(seconds=2))

    await all_ready(town)
    await all_through(town, sent + await send(town, 50))


async def test_postgresql_that_shuts_down_and_still_serves_whom_it_has(town: Town) -> None:
    sent = await send(town, 5)
    await all_through(town, sent)
    postmaster(town).send_signal(signal.SIGTERM)  # "smart": whoever is in may stay, nobody comes in

    for name in town.keepers:
        for path in ("/readyz", "/readyz/requests"):
            reason = (await missing(town, name, path))["postgresql"]
            assert "shutting down" in reason

    with postgresql_away(town):
        pass
    await all_ready(town)
    await all_through(town, sent + await send(town, 5))


async def test_postgresql_slow_because_a_row_is_locked(town: Town) -> None:
    [first] = sent = await send(town, 1)
    await all_through(town, sent)
    async with operator(town) as other, other.transaction():
        await other.execute(
            "SELECT FROM controlling.inbox WHERE subject = $1 FOR UPDATE", first.subject
        )
        sent += await send(town, 1, first.subject)
        reason = await until_missing(town, "controlling", "consumer")
        polls, before = polled(town, "controlling"), memory(town, "controlling")
        sent += await send(town, MANY)
        await all_through(town, sent, consumers=("notify",), sent=False)
        assert polled(town, "controlling") == polls
        assert memory(town, "controlling") - before < ROOM
        assert await missing(town, "controlling", "/readyz/requests") == {}

    assert "another session holds a lock" in reason
    await all_ready(town)
    await all_through(town, sent)


async def test_postgresql_slow_because_it_is_frozen(town: Town) -> None:
    async with operator(town) as other:
        rows = await other.fetch(SESSIONS)
    sent = await send(town, 200)
    with frozen(postmaster(town).pid, *(row["pid"] for row in rows)):
        reason = await until_missing(town, "controlling", "postgresql")
        assert "postgresql" in await missing(town, "controlling", "/readyz/requests")

    assert "no answer within" in reason
    await all_ready(town)
    await all_through(town, sent)


async def test_the_mail_server_away(town: Town) -> None:
    with mail_server_away(town):
        reason = await until_missing(town, "notify", "mail server")
        sent = await send(town, 40)  # their contacts reach notify all the same
        await all_through(town, sent, sent=False)
        assert await missing(town, "notify", "/readyz/requests") == {}
        assert await missing(town, "intake") == {}

    assert "does not take connections" in reason
    await all_ready(town)
    await all_through(town, sent)


async def test_the_mail_server_slow(town: Town) -> None:
    with frozen(mail_server(town)):
        sent = await send(town, 40)
        reason = await until_missing(town, "notify", "mail server")
        before = memory(town, "notify")
        sent += await send(town, MANY)
        await all_through(town, sent, sent=False)
        assert memory(town, "notify") - before < ROOM
        assert await missing(town, "notify", "/readyz/requests") == {}

    assert "has not answered for" in reason
    await all_ready(town)
    await all_through(town, sent)


async def test_postgresql_restarts_while_mails_leave(town: Town) -> None:
    before = mails(town).total()
    sent = await send(town, 400)
    await until(lambda: mails(town).total() > before + 50, 30)
    with postgresql_away(town):
        left = before + len(sent) - mails(town).total()

    assert left > 0
    await all_ready(town)
    await all_through(town, sent)
    async with operator(town) as connection:
        waiting = "SELECT count(*) FROM notify.message WHERE state NOT IN ('accepted', 'held')"

        async def recorded() -> bool:
            return bool(await connection.fetchval(waiting) == 0)

        await until(recorded)


async def test_after_an_outage_of_the_mail_server_urgent_mails_leave_before_the_others(
    town: Town,
) -> None:
    with mail_server_away(town):
        sent = await send(town, 300)
        urgent = [booked(event) for event in sent[-5:]]
        await publish(town, urgent)
        await all_through(town, sent + urgent, consumers=("notify",), sent=False)
        before = set((town.folder.mail / "new").iterdir())

    await until(lambda: len(fresh(town, before)) == len(sent) + len(urgent), 60)
    # Before them only what was claimed already: a batch, and two that wait for each connection.
    first = [subject(mail) for mail in fresh(town, before)[: BATCH + 2 * CONNECTIONS + len(urgent)]]
    assert sum("Notfall" in one for one in first) == len(urgent)


def booked(event: Event) -> Event:
    """An appointment at the counter for emergencies, for the applicant of a case."""
    starts = datetime.now(UTC) + timedelta(days=3)
    appointment = AppointmentBooked(
        appointment_id=NAMES.of(PseudonymKind.APPOINTMENT, event.subject),
        service_key="residence-work",
        office="kaiserallee",
        starts=starts,
        emergency=True,
    )
    return new_event("urn:gleichfall:example", event.subject, appointment, time=datetime.now(UTC))


async def publish(town: Town, events: list[Event]) -> None:
    token = town.secrets.text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(town.url("intake"), token) as client:
        assert (await client.send_events(list(map(encode, events)))).accepted == len(events)


def fresh(town: Town, before: set[Path]) -> list[Path]:
    """Give the mails that came since, the oldest first."""
    new = set((town.folder.mail / "new").iterdir()) - before
    return sorted(new, key=lambda mail: mail.stat().st_mtime_ns)


def subject(mail: Path) -> str:
    return str(message_from_bytes(mail.read_bytes(), policy=policy.default)["Subject"])


async def test_mails_that_cannot_be_recorded_stop_the_others_and_none_is_sent_twice(
    town: Town,
) -> None:
    with frozen(mail_server(town)):
        sent = await send(town, 400)
        await all_through(town, sent, sent=False)
        other = await asyncpg.connect(town.addresses.database_url)
        lock = other.transaction()
        await lock.start()
        await other.execute("LOCK TABLE notify.outbox IN EXCLUSIVE MODE")
    reason = await until_missing(town, "notify", "record of email")
    delivered = mails(town).total()
    await asyncio.sleep(2)
    assert mails(town).total() == delivered
    await lock.rollback()
    await other.close()

    assert "can't be written down" in reason
    await all_ready(town)
    await all_through(town, sent)


async def test_who_was_away_too_long_has_joined_again_only_with_a_share_of_the_topics(
    town: Town,
) -> None:
    await until(town.joined)
    town.kill("controlling")
    await until(lambda: not town.joined())
    town.revive("controlling")
    assert not town.joined()
    await until(town.joined)


async def test_a_consumer_that_gives_up_too_much_stops_and_says_why_until_an_operator_lets_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = NAMES.of(PseudonymKind.CASE, "stranger")
    servers = town.addresses.kafka_bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers) as stranger:
        for _ in range(150):
            await stranger.send(Topic.CASE_EVENTS.value, b"{", key=case.encode())

    reason = await until_missing(town, "controlling", "consumer")
    [controlling] = await processes({"controlling": town.url("controlling")})
    assert "stopped: 101 records of case-events in a row" in reason
    assert "outages.md" in reason
    assert [f"consumer: {reason}"] == [told for told in controlling.missing if reason in told]
    assert reason in town.folder.log("controlling").read_text()

    monkeypatch.setenv("GLEICHFALL_MAX_DEAD_LETTERS", "1000")
    for name in ("controlling", "notify"):
        keeper = town.keepers[name]
        keeper.expected |= {0}
        keeper.child.stop()
        stopped = keeper.child
        while keeper.child is stopped:
            town.keep([name])
    await all_ready(town)
    async with operator(town) as connection:
        query = "SELECT count(*) FROM controlling.dead_letter WHERE subject = $1"
        await until(lambda: has(connection, 150, query, case), 30)
    assert town.surprises == []
    await all_through(town, await send(town, 5))


async def has(connection: asyncpg.Connection, amount: int, query: str, case: str) -> bool:
    return bool(await connection.fetchval(query, case) == amount)


async def send(
    town: Town, amount: int, case: str | None = None, patience: timedelta = timedelta(seconds=30)
) -> list[Event]:
    """Hand contacts and applications over to intake, which knows each once it has answered."""
    refs = [NAMES.of(PseudonymKind.CONTACT, uuid.uuid4().hex) for _ in range(amount)]
    people = [{"contact_ref": ref, "language": "de", "email": f"{ref}@example.org"} for ref in refs]
    events = [
        new_event(
            "urn:gleichfall:example",
            case or NAMES.of(PseudonymKind.CASE, uuid.uuid4().hex),
            ApplicationReceived(
                channel=IntakeChannel.ONLINE,
                service_key="residence-work",
                unit="unit-1",
                contact_ref=ref,
            ),
            time=datetime.now(UTC),
        )
        for ref in refs
    ]
    token = town.secrets.text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(town.url("intake"), token, patience=patience) as client:
        for at in range(0, amount, 500):
            await client.send_contacts(list(map(Contact.model_validate, people[at : at + 500])))
            batch = [encode(event) for event in events[at : at + 500]]
            assert (await client.send_events(batch)).accepted == len(batch)
    return events


async def all_through(
    town: Town,
    events: list[Event],
    *,
    consumers: tuple[str, ...] = ("controlling", "notify"),
    sent: bool = True,
) -> None:
    """Wait until consumers have applied all events and, with `sent`, each has its one mail."""
    cases = Counter(event.subject for event in events)

    async def done(name: str) -> bool:
        query = f"SELECT subject, last_sequence FROM {name}.inbox WHERE subject = ANY($1)"
        rows = await connection.fetch(query, list(cases))
        return {row["subject"]: row["last_sequence"] for row in rows} == cases

    async with operator(town) as connection:
        for name in consumers:
            await until(partial(done, name), 60)
    if sent:
        recipients = {address(event) for event in events}
        await until(lambda: recipients <= mails(town).keys(), 60)
        assert {mails(town)[one] for one in recipients} == {1}


def address(event: Event) -> str:
    assert isinstance(event.data, ApplicationReceived)
    return f"{event.data.contact_ref}@example.org"


def mails(town: Town) -> Counter[str]:
    """Count the mails at the mail server by recipient."""
    return Counter(map(recipient, (town.folder.mail / "new").iterdir()))


@cache
def recipient(mail: Path) -> str:
    return mail.read_text().partition("Delivered-To: ")[2].partition("\n")[0]


async def missing(town: Town, name: str, path: str = "/readyz") -> dict[str, str]:
    """Give what a service lacks, by need."""
    async with httpx.AsyncClient(
        base_url=town.url(name), trust_env=False, verify=PLAIN, timeout=5
    ) as client:
        try:
            answer = await client.get(path)
        except httpx.TransportError as error:
            return {"answer": repr(error)}
    if answer.is_success:
        return {}
    return {need["name"]: need["reason"] for need in answer.json()["errors"]}


async def until_missing(town: Town, name: str, need: str) -> str:
    """Wait until a service says that it lacks `need`; give the reason."""
    reasons: dict[str, str] = {}

    async def told() -> bool:
        reasons.update(await missing(town, name))
        return need in reasons

    await until(told, 25)
    return reasons[need]


async def all_ready(town: Town) -> None:
    """Wait until every service has recovered, by itself."""

    async def ready() -> bool:
        return not any([await missing(town, name) for name in town.keepers])

    await until(ready, 60)
    assert all(town.ended(name) is None for name in town.keepers)


@asynccontextmanager
async def operator(town: Town) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def postgresql_away(town: Town) -> Iterator[None]:
    """Stop PostgreSQL as a power cut does, and start it again."""
    postgres = town.infrastructure.postgres
    assert postgres is not None
    postmaster(town).send_signal(signal.SIGQUIT)
    postmaster(town).wait()
    yield
    postgres.start()
    postgres.wait_until_ready()


@contextmanager
def mail_server_away(town: Town) -> Iterator[None]:
    """Kill the mail server, and start it again."""
    server = town.infrastructure.mail_server
    assert server is not None
    assert server.process is not None
    server.process.kill()
    yield
    server.start()
    server.wait_until_ready()


def postmaster(town: Town) -> subprocess.Popen[bytes]:
    postgres = town.infrastructure.postgres
    assert postgres is not None
    assert postgres.process is not None
    return postgres.process.process


def mail_server(town: Town) -> int:
    server = town.infrastructure.mail_server
    assert server is not None
    assert server.process is not None
    return server.process.process.pid


def memory(town: Town, name: str) -> int:
    """Give the resident bytes of a service's process."""
    return int(psutil.Process(town.keepers[name].child.process.pid).memory_info().rss)


def polled(town: Town, name: str) -> float:
    """Give how many records a consumer has read."""
    lines = town.metrics(name).splitlines()
    return sum(
        float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith("gleichfall_consumer_records_polled_total{")
    )


SESSIONS = """
SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'gleichfall-controlling-%'
"""
