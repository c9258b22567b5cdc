"""Nobody can be found in anything that leaves the system, also when everything goes wrong.

The weeks of an invented authority, in which all that is known of each applicant is a word that
stands in nothing else. On the way requests are refused, records of strangers become dead letters,
handlers and the door fail, and the mail server refuses: each time in words about the same people.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, product
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from deploy.local import presence, record
from deploy.local.folder import Folder
from deploy.local.loopback import PLAIN
from deploy.local.services import PROGRAM, is_service, metrics_of
from services.intake.client import IntakeClient
from services.intake.simulation.batch import batches
from services.intake.simulation.delivery import ToIntake, deliver
from services.intake.simulation.generator import generate
from services.intake.simulation.story import Item
from shared.configuration.places import ORGANISATION
from shared.contacts.contact import Contact
from shared.events.envelope import STRUCTURED_JSON
from shared.events.registry import Topic
from shared.kafka.burying import PREFIX
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.security.secrets import SecretName, SecretStore
from tests.chaos.findings import read_topics
from tests.collector import Collector
from tests.integration.intake.door import decision
from tests.integration.spine_helpers import message, new_case
from tests.mail_host import MailHost
from tests.outlets import ALL, BORN, EMAIL, NAME, PHONE, REFERENCE, STREET, found
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

GIVEN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL")
OUTLETS = (
    *("logs", "security log", "traces", "metrics", "readiness", "topics", "audit log"),
    *("answers", "commands", "database"),
)


SPILLING = {
    ("controlling", "decision", "decision_id"): "decision-" + "q" * 26,
    ("intake", "ledger", "id"): str(uuid4()),
    ("notify", "contact", "contact_ref"): "contact-" + "q" * 26,
}
"""Rows at which the database fails in words about somebody."""
DECISION, EVENT, CONTACT = SPILLING.values()


@dataclass(slots=True)
class Run:
    """A stack of its own on which everything goes wrong, and what has left it."""

    folder: Folder
    collector: Collector
    mail_host: MailHost
    left: dict[str, bytearray] = field(
        default_factory=lambda: {one: bytearray() for one in OUTLETS}
    )
    foreign: set[tuple[str, int, int]] = field(default_factory=set)
    named: dict[str, bytes] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        """The operator's."""
        own = {
            "GLEICHFALL_STACK_DIR": str(self.folder.root),
            "GLEICHFALL_SECURITY_LOG": str(self.security_log),
            "LOG_LEVEL": "DEBUG",
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_host.port}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.collector.server_port}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        return {name: text for name, text in os.environ.items() if name not in GIVEN} | own

    @property
    def security_log(self) -> Path:
        """Of all services together."""
        return self.folder.root / "security.log"

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything is."""
        return record.load(self.folder.record).addresses

    @property
    def token(self) -> Any:
        """The token of who may send anything."""
        return SecretStore(self.folder.secrets).text(SecretName.CLIENT_TOKEN)

    async def call(self, *arguments: str) -> bytes:
        """Run `gleichfall …`; give what it printed, whatever it made of it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, *PROGRAM, *arguments,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(2 * PATIENCE):
            printed, _ = await process.communicate()
        return printed


@pytest.fixture(scope="module")
async def run(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What has left the stack once everything has happened on it, and it has ended."""
    mail_host = MailHost()
    await mail_host.start()
    run = Run(Folder(tmp_path_factory.mktemp("nobody")), collector, mail_host)
    told = await run.call("up", "--detach")
    try:
        assert b"intake" in told, told
        await everything_happens(run)
        await look(run)
        await name_somebody(run)
    finally:
        await run.call("down")
        mail_host.stop()
    # Only who has ended has said everything.
    for log in run.folder.logs.rglob("*"):
        if log.is_file():
            run.left["logs"] += log.read_bytes()
    run.left["security log"] += run.security_log.read_bytes()
    run.left["traces"] += collector.raw
    return run


async def everything_happens(run: Run) -> None:
    await have_the_database_spill(run)
    refuse_mails(run.mail_host)
    await play(run)
    await ask_what_is_refused(run)
    await write_foreign_records(run)
    await settled(run)


async def have_the_database_spill(run: Run) -> None:
    """Let three rows fail; PostgreSQL's log doesn't tell of it, for these words are the test's."""
    owner = await asyncpg.connect(presence.owner_database_url(run.folder, {}))
    for (schema, table, column), value in SPILLING.items():
        await owner.execute(
            f"CREATE FUNCTION {schema}.spill() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET log_min_messages = 'panic' AS $$ BEGIN RAISE EXCEPTION '{ALL}'; END $$"
        )
        await owner.execute(
            f"CREATE TRIGGER spill BEFORE INSERT ON {schema}.{table} FOR EACH ROW "
            f"WHEN (NEW.{column}::text = '{value}') EXECUTE FUNCTION {schema}.spill()"
        )
    await owner.close()


def refuse_mails(mail_host: MailHost) -> None:
    mail_host.recipient_answers = [
        f"550 5.1.1 <{EMAIL}> unknown here",
        f"451 4.2.0 {EMAIL} is busy",
        "250 OK",
        "250 OK",
        f"{EMAIL} is no answer",
    ]
    mail_host.content_answers = [
        f"554 5.7.1 we don't take mails for {EMAIL} of {STREET}",
        f"452 4.3.1 the box of {EMAIL}, {PHONE} is full",
    ]


async def play(run: Run) -> None:
    """Play the weeks of an authority whose applicants have names."""
    stream = generate(
        load_organisation(ORGANISATION),
        DecisionTypes.load(),
        weeks=1,
        rate=0.1,
        seed=1,
        start=date(2026, 1, 5),
    )
    async with IntakeClient(run.addresses["intake"], run.token) as client:
        await deliver(batches(named(stream)), ToIntake(client), lambda *_: None)


def named(stream: Iterator[Item]) -> Iterator[Item]:
    """Give each applicant a name, and where they live, in the places that contacts have for it."""
    numbers = count()
    for item in stream:
        yield with_a_name(item, next(numbers)) if isinstance(item, Contact) else item


def with_a_name(contact: Contact, number: int) -> Contact:
    known = {
        "name": f"{NAME} {number}",
        "phone": f"{PHONE[:-2]}{number % 100:02d}",
        "postal_address": (f"{NAME} {number}", STREET, "76199 Karlsruhe"),
    }
    mail = {"email": f"{number}{EMAIL}"} if number % 3 else {}
    return Contact.model_validate(json.loads(contact.plaintext()) | known | mail)


async def ask_what_is_refused(run: Run) -> None:
    """Ask every service, known and unknown, in words about somebody; keep what it answers."""
    authorization = {"authorization": f"Bearer {run.token.get_secret_value()}"}
    async with httpx.AsyncClient(
        base_url=run.addresses["intake"], headers=authorization, verify=PLAIN, timeout=PATIENCE
    ) as intake:
        headers = {"content-type": STRUCTURED_JSON}
        for event in refused_events():
            body = event if isinstance(event, bytes) else json.dumps(event).encode()
            await keep(run, intake.post("/v1/events", content=body, headers=headers))
        for attribute in ("id", "source"):  # by which a sender is told which of its events it is
            body = json.dumps(whole() | {attribute: NAME}).encode()
            await intake.post("/v1/events", content=body, headers=headers)
        for contact in refused_contacts():
            await keep(run, intake.post("/v1/contacts", json=[contact]))
        await keep(run, intake.delete(f"/v1/contacts/{NAME}"))
    strange = {
        "user-agent": "Qvarnholt",
        "tracestate": "qvarnholt=1",
        "baggage": "name=Qvarnholt",
        "traceparent": "00-Qvarnholt",
        "authorization": "Bearer Qvarnholt",
        "cookie": "session=Qvarnholt",
        "x-request-id": REFERENCE,
    }
    hosts = ("qvarnholt.example", "localhost")
    for name, host in product(filter(is_service, run.addresses), hosts):
        async with httpx.AsyncClient(
            base_url=run.addresses[name],
            headers=strange | {"host": host},
            verify=PLAIN,
            timeout=PATIENCE,
        ) as client:
            for path in (f"/{NAME}", f"/v1/events/{NAME}", f"/draws/{NAME}", f"/cases/{REFERENCE}"):
                await keep(run, client.get(path, params={"name": ALL}))
            await keep(run, client.post("/sign-in", data={"login": EMAIL, "password": BORN}))
            await keep(run, client.post("/v1/events", content=ALL.encode()))
            await keep(run, client.request("QVARNHOLT", "/"))


def refused_events() -> Iterator[dict[str, Any] | bytes]:
    """Events that say of somebody what no event may, wherever there is a place for text."""
    for attribute in ("type", "subject", "time", "specversion", "qvarnholt"):
        yield whole() | {attribute: NAME}
    for attribute in ("dataschema", "datacontenttype", "traceparent", "tracestate", "partitionkey"):
        yield whole() | {attribute: ALL}
    for name in ("decision_id", "type_code", "direction", "unit", "decider", "language", "dataref"):
        yield with_data({name: ALL})
    yield with_data({"born": BORN, "name": NAME, "reference": REFERENCE})
    yield with_data({NAME: 1, PHONE[1:]: 1})
    yield with_data({"features": {"name": NAME}})
    yield with_data({"features": {NAME: True}})
    yield with_data({"dataref": REFERENCE})
    yield whole() | {"data": ALL}
    yield b'{"name": "' + ALL.encode()
    yield whole() | {"id": EVENT}
    yield with_data({"decision_id": DECISION})


def whole() -> dict[str, Any]:
    return decision() | {"source": "urn:gleichfall:example", "time": datetime.now(UTC).isoformat()}


def with_data(data: Mapping[str, object]) -> dict[str, Any]:
    event = whole()
    return event | {"data": event["data"] | data}


def refused_contacts() -> Iterator[dict[str, object]]:
    known: dict[str, object] = {
        "contact_ref": "contact-" + "p" * 26,
        "language": "de",
        "name": NAME,
    }
    yield known | {"email": f"{NAME}@{EMAIL}"}
    yield known | {"phone": f"{PHONE} by {NAME}"}
    yield known | {"phone": "0171 522881738O6"}
    yield known | {"postal_address": [NAME, STREET, "ohne festen Wohnsitz"]}
    yield known | {"language": NAME}
    yield known | {"born": BORN}
    yield known | {NAME: EMAIL}
    yield known | {"contact_ref": REFERENCE, "email": EMAIL}
    yield known | {"email": EMAIL, "parties": [{"case": NAME, "contact_ref": NAME}]}
    yield known | {"email": EMAIL, "mailbox": NAME}
    yield known | {"email": EMAIL, "contact_ref": CONTACT}


async def keep(run: Run, asked: Any) -> None:
    """Keep what is answered to who asked; what isn't HTTP may be cut off."""
    try:
        answer = await asked
    except httpx.TransportError:
        return
    run.left["answers"] += answer.content


async def write_foreign_records(run: Run) -> None:
    """Write what nobody can read on a topic, with somebody in every place of a record."""
    async with AIOKafkaProducer(bootstrap_servers=run.addresses["kafka"]) as producer:
        for key, headers, value in foreign_records():
            sent = await producer.send_and_wait(
                Topic.CASE_EVENTS.value, key=key, headers=headers, value=value
            )
            run.foreign.add((sent.topic, sent.partition, sent.offset))


Headers = Sequence[tuple[str, bytes | None]]


def foreign_records() -> Iterator[tuple[bytes | None, Headers, bytes]]:
    ours = message(new_case(), 1)
    assert ours.value is not None
    headers = list(ours.headers)
    yield NAME.encode(), headers, ALL.encode()
    yield ours.key, [*headers, ("Qvarnholt", None)], ours.value
    yield ours.key, [*headers, ("Qvarnholt", b"\xff" + NAME.encode())], ours.value
    yield None, [], ALL.encode()
    for name in ("id", "source", "type", "subject", "time", "sequence", "traceparent"):
        changed = [(key, raw) for key, raw in headers if key != f"ce_{name}"]
        yield ours.key, [*changed, (f"ce_{name}", NAME.encode())], b"{"
        yield b"Qvarnholt", [*changed, (f"ce_{name}", b"Qvarnholt")], b"{"
    data = json.loads(ours.value)
    for name in (*data, "name", NAME):
        yield ours.key, headers, json.dumps(data | {name: ALL}).encode()


async def settled(run: Run) -> None:
    """Wait until everything is done with, and the mail server has said all that it had to say."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await look_whether_all_are_ready(run)
            status = json.loads(await run.call("status", "--json"))
            waiting = [
                service[name]
                for service in status["services"].values()
                for name in ("outbox", "lag")
            ]
            host = run.mail_host
            if not any(waiting) and not host.recipient_answers and not host.content_answers:
                return
            await asyncio.sleep(0.5)


async def look(run: Run) -> None:
    """Look out of every window of the running system."""
    for command in (("status",), ("held", "list"), ("parked", "list"), ("clock", "show")):
        run.left["commands"] += await run.call(*command)
    run.left["commands"] += await acknowledged(run)
    run.left["audit log"] += await exported(run, "audit.jsonl")
    async with httpx.AsyncClient(verify=PLAIN, timeout=PATIENCE) as client:
        for name in filter(is_service, run.addresses):
            run.left["metrics"] += (await client.get(run.addresses[metrics_of(name)])).content
    await look_whether_all_are_ready(run)
    run.left["topics"] += await records(run)
    run.left["database"] += await rows(run)


async def look_whether_all_are_ready(run: Run) -> None:
    async with httpx.AsyncClient(verify=PLAIN, timeout=PATIENCE) as client:
        for name in filter(is_service, run.addresses):
            run.left["readiness"] += (await client.get(f"{run.addresses[name]}/readyz")).content


async def acknowledged(run: Run) -> bytes:
    """Settle what strangers wrote, as an operator would, up to the first that may be ours."""
    listed = json.loads(await run.call("dead-letters", "list", "--json"))["dead_letters"]
    ids = sorted({one["id"] for one in listed})
    by = ("--by", "ops-7", "--reason", "foreign")
    return await run.call("dead-letters", "acknowledge", *ids, *by)


async def exported(run: Run, name: str) -> bytes:
    """Give the audit log as an auditor takes it."""
    audit = run.folder.root / name
    await run.call("audit", "export", "--out", str(audit))
    return audit.read_bytes()


async def name_somebody(run: Run) -> None:
    """Name somebody at last where nobody but an operator can: in a reason, as a colleague."""
    owner = await asyncpg.connect(presence.owner_database_url(run.folder, {}))
    period = await owner.fetchval(
        "INSERT INTO controlling.unchained (period, size, decision_ids) "
        "SELECT key, 1, '{lost}' FROM controlling.period ORDER BY key DESC LIMIT 1 RETURNING period"
    )
    await owner.close()
    await run.call("draw", "note-gap", period, "--by", "ops-7", "--reason", NAME)
    await run.call("accounts", "add", "qvh", "--name", NAME, "--role", "auditor")
    run.named["audit log"] = await exported(run, "named.jsonl")
    run.named["commands"] = await run.call("accounts", "list")


async def records(run: Run) -> bytes:
    """Give all that stands on topics but what strangers wrote there, and copies of that."""
    topics = await read_topics(run.addresses["kafka"])
    return b"\n".join(
        part
        for written in topics.values()
        for one in written
        if (one.topic, one.partition, one.offset) not in run.foreign
        for part in told_by(one)
    )


def told_by(one: ConsumerRecord) -> Iterator[bytes]:
    """Give a record's parts; of a dead letter, which is a copy, what was added to it."""
    headers = [(name, raw or b"") for name, raw in one.headers]
    added = [(name, raw) for name, raw in headers if name.startswith(PREFIX)]
    if not added:
        yield from (one.key or b"", one.value or b"")
    for name, raw in added or headers:
        yield from (name.encode(), raw)


async def rows(run: Run) -> bytes:
    """Give every row of every table but the records of dead letters, which are kept whole."""
    owner = await asyncpg.connect(presence.owner_database_url(run.folder, {}))
    tables = await owner.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
        "WHERE schemaname IN ('intake', 'controlling', 'notify', 'workbench') "
        "AND tablename NOT IN ('dead_letter')"
    )
    told = [
        str(row["line"])
        for table in tables
        for row in await owner.fetch(f"SELECT t::text AS line FROM {table['name']} t")
    ]
    await owner.close()
    return "\n".join(told).encode()


@pytest.mark.parametrize("outlet", OUTLETS)
def test_nobody_is_found_in(outlet: str, run: Run) -> None:
    assert not found(bytes(run.left[outlet]))


@pytest.mark.parametrize(
    ("outlet", "said"),
    [
        ("logs", b'"message": "left"'),
        ("logs", b"gave up on a record"),
        ("logs", b"asyncpg.exceptions.RaiseError"),
        ("security log", b'"event": "malformed"'),
        ("traces", b"published gleichfall.decision.made.v1"),
        ("traces", b"hand over email"),
        ("metrics", b"gleichfall_consumer_dead_letters_total"),
        ("readiness", b"ready"),
        ("topics", b"gleichfall.application.received.v1"),
        ("topics", b"handler_refused"),
        ("audit log", b"audit"),
        ("answers", b"urn:gleichfall:problem:internal-error"),
        ("commands", b"dead letters"),
        ("database", b"case-"),
    ],
)
def test_but_what_happened_is_told(outlet: str, said: bytes, run: Run) -> None:
    assert said in run.left[outlet]


@pytest.mark.parametrize("outlet", ["audit log", "commands"])
def test_whom_an_operator_names_is_found_in(outlet: str, run: Run) -> None:
    assert found(run.named[outlet])
