"""The door of the system over real HTTP, on the real PostgreSQL and Kafka."""

import asyncio
import json
import os
import signal
import socket
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import uvicorn
from aiokafka import AIOKafkaConsumer
from starlette.requests import Request
from starlette.responses import Response

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.contacts.handover import SEALED_CONTACTS, open_contact
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretName, SecretStore

pytestmark = pytest.mark.stack

OURS = "urn:test:permits"
MORE = "urn:test:more:"
THEIRS = "urn:other:appointments"
TOKEN, OTHER_TOKEN = "token-of-permits", "token-of-appointments"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_PSEUDONYMS = Pseudonymiser(os.urandom(32))


def pseudonym(kind: PseudonymKind) -> str:
    return _PSEUDONYMS.of(kind, str(uuid4()))


def decision(case: str | None = None) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": OURS,
        "type": "gleichfall.decision.made.v1",
        "subject": case or pseudonym(PseudonymKind.CASE),
        "time": "2026-10-01T10:00:00+02:00",
        "data": {
            "decision_id": pseudonym(PseudonymKind.DECISION),
            "type_code": "residence.permit",
            "direction": "adverse",
            "unit": "unit-1",
            "decider": "decider-" + "a" * 26,
            "features": {"group": "third", "months": 24},
        },
    }


def changed(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with attributes, or with `data__field`, set; None takes an attribute away."""
    copy = deepcopy(event)
    for name, value in changes.items():
        target, key = (copy["data"], name[6:]) if name.startswith("data__") else (copy, name)
        if value is None:
            del target[key]
        else:
            target[key] = value
    return copy


@dataclass
class Notify:
    """Stands where notify stands: takes sealed contacts, or is broken."""

    status: int = 202
    problem: dict[str, Any] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append((request.method, request.url.path))
        if self.status == 202:
            self.taken.append(body)
            self.tokens.append(request.headers["authorization"])
        body = json.dumps(self.problem).encode()
        await Response(body, status_code=self.status)(scope, receive, send)


class Line:
    """A TCP line to a server that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self.cut = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    def break_now(self) -> None:
        self.cut = True
        for writer in self._writers:
            writer.close()
        self._writers.clear()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@dataclass
class Service:
    """One running intake."""

    url: str
    process: asyncio.subprocess.Process
    log: Path
    secrets: SecretStore

    def client(self, token: str | None = TOKEN) -> httpx.AsyncClient:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    environment: dict[str, str], secrets: SecretStore, log: Path
) -> AsyncIterator[Service]:
    port = _free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.command_line", "serve", "intake", "--port", str(port)),
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    service = Service(f"http://127.0.0.1:{port}", process, log, secrets)
    try:
        await _until_ready(service)
        yield service
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_ready(service: Service) -> None:
    async with asyncio.timeout(40), service.client() as client:
        while service.process.returncode is None:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(service.log.read_text())


@pytest.fixture(scope="module")
async def notify() -> AsyncIterator[Notify]:
    stand_in = Notify()
    config = uvicorn.Config(stand_in, port=_free_port(), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    stand_in.url = f"http://127.0.0.1:{config.port}"
    task = asyncio.create_task(server._serve())
    yield stand_in
    server.should_exit = True
    await task


@pytest.fixture(scope="module")
async def environment(
    stack: Addresses, notify: Notify, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    secrets = tmp_path_factory.mktemp("secrets")
    systems = {"permits": (TOKEN, [OURS, f"{MORE}*"]), "other": (OTHER_TOKEN, [THEIRS])}
    tokens = {
        name: {"token_sha256": sha256(token.encode()).hexdigest(), "sources": sources}
        for name, (token, sources) in systems.items()
    }
    (secrets / SecretName.SOURCE_TOKENS).write_text(json.dumps(tokens))
    create_missing(secrets)
    await migrate(stack.database_url, secrets)
    await apply_topics(stack.kafka_bootstrap_servers)
    return {
        "DATABASE_URL": stack.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "NOTIFY_URL": notify.url,
        "INTAKE_BODY_LIMIT": "4MB",
    }


@pytest.fixture(scope="module")
async def intake(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    secrets = SecretStore(Path(environment["GLEICHFALL_SECRETS_DIR"]))
    async with running(environment, secrets, tmp_path_factory.mktemp("log") / "intake") as service:
        yield service


@pytest.fixture
async def client(intake: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with intake.client() as client:
        yield client


@pytest.fixture
async def database(stack: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("SET search_path = intake")
    yield connection
    await connection.close()


async def send(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/events", json=event, headers={"content-type": STRUCTURED})


async def send_batch(client: httpx.AsyncClient, events: Iterable[Any]) -> httpx.Response:
    return await client.post("/v1/events", json=list(events), headers={"content-type": BATCH})


async def send_binary(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    attributes = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    return await client.post("/v1/events", json=event["data"], headers=attributes)


def statuses(answer: httpx.Response) -> list[tuple[int, str]]:
    return [(receipt["sequence"], receipt["status"]) for receipt in answer.json()["receipts"]]


# Receipts


async def test_an_event_gets_a_receipt_with_its_number(client: httpx.AsyncClient) -> None:
    event = decision()
    answer = await send(client, event)
    assert answer.status_code == 202
    assert answer.json() == {
        "receipts": [
            {"id": event["id"], "source": OURS, "sequence": 1, "status": "accepted"},
        ],
        "errors": [],
    }


async def test_the_events_of_a_case_are_numbered_in_the_order_sent(
    client: httpx.AsyncClient,
) -> None:
    one, two = pseudonym(PseudonymKind.CASE), pseudonym(PseudonymKind.CASE)
    answer = await send_batch(client, [decision(case) for case in (one, two, one, one, two)])
    assert statuses(answer) == [(n, "accepted") for n in (1, 1, 2, 3, 2)]
    numbered_by_its_sender = changed(decision(one), sequence="41")
    assert statuses(await send(client, numbered_by_its_sender)) == [(4, "accepted")]


async def test_an_event_sent_again_in_any_mode_is_a_duplicate_with_the_same_number(
    client: httpx.AsyncClient,
) -> None:
    case = pseudonym(PseudonymKind.CASE)
    await send(client, decision(case))
    event = decision(case)
    same = changed(
        event,
        time="2026-10-01T08:00:00Z",
        data=dict(reversed(event["data"].items())),
        traceparent=TRACE,
    )
    assert statuses(await send(client, event)) == [(2, "accepted")]
    assert statuses(await send_binary(client, event)) == [(2, "duplicate")]
    assert statuses(await send_batch(client, [same])) == [(2, "duplicate")]
    assert statuses(await send(client, decision(case))) == [(3, "accepted")]


async def test_an_event_twice_in_one_batch_is_accepted_once(client: httpx.AsyncClient) -> None:
    event = decision()
    answer = await send_batch(client, [event, event])
    assert statuses(answer) == [(1, "accepted"), (1, "duplicate")]


async def test_an_empty_batch_is_no_error(client: httpx.AsyncClient) -> None:
    answer = await send_batch(client, [])
    assert (answer.status_code, answer.json()) == (202, {"receipts": [], "errors": []})


async def test_an_id_used_again_for_something_else_is_a_conflict(
    client: httpx.AsyncClient,
) -> None:
    event = decision()
    await send(client, event)
    answer = await send(client, changed(event, data__direction="favourable"))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["id"], error["defect"]) == (event["id"], "id_reused")


async def test_one_id_with_two_meanings_in_one_batch_keeps_the_first(
    client: httpx.AsyncClient,
) -> None:
    event = decision()
    answer = await send_batch(client, [event, changed(event, data__unit="unit-2"), decision()])
    assert answer.status_code == 202
    assert statuses(answer) == [(1, "accepted"), (1, "accepted")]
    assert [error["index"] for error in answer.json()["errors"]] == [1]


async def test_binary_headers_are_percent_decoded(client: httpx.AsyncClient) -> None:
    event = decision()
    name = f"Vorgang/Köln {event['id']}"
    encoded = name.replace("ö", "%C3%B6").replace(" ", "%20")
    answer = await send_binary(client, changed(event, id=encoded))
    assert answer.json()["receipts"][0]["id"] == name
    shown = await client.get(f"/v1/events/{encoded}", params={"source": OURS})
    assert shown.json()["id"] == name


# Refusals

CONTENT_TYPE = "datacontenttype"
FUTURE = (datetime.now(UTC) + timedelta(days=1)).isoformat()
BAD_EVENTS = {
    "no id": ({"id": None}, 400, "attribute_missing", "id"),
    "an empty id": ({"id": ""}, 400, "attribute_missing", "id"),
    "a number as id": ({"id": 1.5}, 400, "attribute_invalid", "id"),
    "a NUL in the id": ({"id": "a\0b"}, 400, "attribute_invalid", "id"),
    "an endless id": ({"id": "a" * 5_000}, 400, "attribute_invalid", "id"),
    "an endless source": (
        {"source": "urn:test:more:" + "a" * 5_000},
        400,
        "attribute_invalid",
        "source",
    ),
    "another version": ({"specversion": "0.3"}, 400, "attribute_invalid", "specversion"),
    "no time": ({"time": None}, 400, "attribute_missing", "time"),
    "a time without offset": ({"time": "2026-10-01T10:00:00"}, 400, "attribute_invalid", "time"),
    "a time before time": ({"time": "0001-01-01T00:00:00+14:00"}, 400, "attribute_invalid", "time"),
    "a clock far ahead": ({"time": FUTURE}, 422, "time_in_future", "time"),
    "an unknown type": ({"type": "gleichfall.decision.guessed.v1"}, 422, "type_unknown", "type"),
    "a fact of our own": (
        {"type": "gleichfall.decision.drawn.v1"},
        422,
        "type_not_accepted",
        "type",
    ),
    "a contact": ({"type": "gleichfall.contact.erased.v1"}, 422, "type_not_accepted", "type"),
    "no subject": ({"subject": None}, 422, "personal_data", "subject"),
    "a name as subject": ({"subject": "Erika Mustermann"}, 422, "personal_data", "subject"),
    "a name as decider": ({"data__decider": "Erika"}, 422, "personal_data", "data.decider"),
    "a sentence as code": ({"data__unit": "Frau M. im 2. OG"}, 422, "data_invalid", "data.unit"),
    "a missing field": ({"data__unit": None}, 422, "data_invalid", "data.unit"),
    "an unknown field": ({"data__name": "Erika"}, 422, "data_invalid", "data.name"),
    "a number as text": ({"data__reasons_given": "yes"}, 422, "data_invalid", "data.reasons_given"),
    "no data": ({"data": None}, 400, "body_empty", "data"),
    "a list as data": ({"data": [1]}, 422, "data_invalid", "data"),
    "text as data": (
        {"datacontenttype": "text/plain"},
        400,
        "attribute_invalid",
        "datacontenttype",
    ),
    "a foreign source": ({"source": THEIRS}, 403, "source_forbidden", "source"),
}


@pytest.mark.parametrize(
    ("change", "status", "defect", "name"), BAD_EVENTS.values(), ids=BAD_EVENTS
)
async def test_a_bad_event_is_refused_with_its_field_and_harms_only_itself(
    client: httpx.AsyncClient, change: dict[str, Any], status: int, defect: str, name: str
) -> None:
    bad = changed(decision(), **change)
    alone = await send(client, bad)
    among_others = await send_batch(client, [decision(), bad, decision()])
    assert alone.status_code == status
    assert among_others.status_code == 202
    assert statuses(among_others) == [(1, "accepted"), (1, "accepted")]
    for answer, index in ((alone, 0), (among_others, 1)):
        (error,) = answer.json()["errors"]
        assert (error["index"], error["defect"]) == (index, defect)
        assert name in [wrong["field"] for wrong in error["fields"]]
        assert "Erika" not in answer.text


@pytest.mark.parametrize("document", [None, 1, "text", [], [[]]], ids=str)
async def test_what_is_no_event_in_a_batch_harms_only_itself(
    client: httpx.AsyncClient, document: object
) -> None:
    answer = await send_batch(client, [document, decision()])
    assert statuses(answer) == [(1, "accepted")]
    assert answer.json()["errors"][0]["index"] == 0


async def test_a_batch_without_a_good_event_is_a_problem_of_all_of_them(
    client: httpx.AsyncClient,
) -> None:
    events = [changed(decision(), id=None), changed(decision(), type="unknown")]
    answer = await send_batch(client, events)
    assert answer.status_code == 422
    assert [error["index"] for error in answer.json()["errors"]] == [0, 1]


BAD_REQUESTS = {
    "nothing at all": ({}, b"", 415),
    "plain JSON": ({"content-type": "application/json"}, b"{}", 415),
    "an unknown format": ({"content-type": "application/cloudevents+avro"}, b"{}", 415),
    "another charset": ({"content-type": f"{STRUCTURED}; charset=latin-1"}, b"{}", 415),
    "a compressed body": ({"content-type": BATCH, "content-encoding": "gzip"}, b"[]", 415),
    "an empty body": ({"content-type": STRUCTURED}, b"", 400),
    "half a body": ({"content-type": BATCH}, b"[{", 400),
    "an object as batch": ({"content-type": BATCH}, b"{}", 400),
    "an array as event": ({"content-type": STRUCTURED}, b"[]", 400),
    "a deep body": ({"content-type": BATCH}, b"[" * 100_000, 400),
    "NaN": ({"content-type": BATCH}, b"[NaN]", 400),
    "no UTF-8": ({"content-type": BATCH}, b'["\xff"]', 400),
    "half a surrogate": ({"content-type": BATCH}, b'["\\ud800"]', 400),
    "a number beyond numbers": ({"content-type": BATCH}, b"[" + b"9" * 10_000 + b"]", 400),
    "a header that is no UTF-8": ({"ce-id": "%ff", "ce-source": OURS}, b"{}", 400),
    "a body over the limit": ({"content-type": BATCH}, b" " * 4_000_001, 413),
    "too many events": ({"content-type": BATCH}, b"[" + b"1," * 1_000 + b"1]", 413),
}


@pytest.mark.parametrize(("headers", "body", "status"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
async def test_a_broken_request_is_a_problem_and_never_a_failure(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_hides_its_length_is_limited_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1_000_000

    answer = await client.post("/v1/events", content=endless(), headers={"content-type": BATCH})
    assert answer.status_code == 413


@pytest.mark.parametrize("token", [None, "guessed", TOKEN[:-1], TOKEN + "s"])
async def test_without_a_known_token_nothing_is_answered(
    intake: Service, token: str | None
) -> None:
    async with intake.client(token) as client:
        for answer in (
            await send(client, decision()),
            await client.get("/v1/events/1", params={"source": OURS}),
            await client.post("/v1/contacts", json=[]),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"


# Concurrency


async def test_eight_senders_of_the_same_batch_enter_each_event_once(
    client: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    cases = [pseudonym(PseudonymKind.CASE) for _ in range(20)]
    events = [decision(cases[n % 20]) for n in range(400)]
    answers = await asyncio.gather(*(send_batch(client, events) for _ in range(8)))
    seen = Counter(status for answer in answers for _, status in statuses(answer))
    assert seen == {"accepted": 400, "duplicate": 7 * 400}
    numbers = {tuple(n for n, _ in statuses(answer)) for answer in answers}
    assert len(numbers) == 1
    rows = await database.fetch(
        "SELECT subject, array_agg(sequence ORDER BY sequence) AS sequences FROM ledger "
        "WHERE subject = ANY($1) GROUP BY subject",
        cases,
    )
    assert [row["sequences"] for row in rows] == [list(range(1, 21))] * 20


async def test_senders_of_the_same_events_in_other_orders_never_block_each_other(
    client: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    cases = [pseudonym(PseudonymKind.CASE) for _ in range(50)]
    events = [decision(case) for case in cases]
    strangers = [
        changed(event, subject=case) for event, case in zip(events, reversed(cases), strict=True)
    ]
    batches = [events, events[::-1], strangers, strangers[::-1]] * 2
    answers = await asyncio.gather(*(send_batch(client, batch) for batch in batches))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert await database.fetchval(
        "SELECT count(*) FROM ledger WHERE subject = ANY($1)", cases
    ) == len(events)
    assert (
        await database.fetchval(
            "SELECT count(*) FROM stream_head WHERE subject = ANY($1) AND last_sequence <> "
            "(SELECT count(*) FROM ledger WHERE ledger.subject = stream_head.subject)",
            cases,
        )
        == 0
    )


# What becomes of an accepted event


async def test_an_accepted_event_is_shown_as_published_and_is_on_kafka(
    client: httpx.AsyncClient, stack: Addresses
) -> None:
    event = decision()
    await client.post(
        "/v1/events", json=event, headers={"content-type": STRUCTURED, "traceparent": TRACE}
    )
    shown = await _published(client, event)
    assert (shown["sequence"], shown["subject"]) == (1, event["subject"])
    record = await _record(stack, event["subject"])
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_id"] == event["id"]
    assert headers["ce_sequence"] == "1"
    assert headers["ce_traceparent"].split("-")[1] == TRACE.split("-")[1]
    assert json.loads(record.value)["decision_id"] == event["data"]["decision_id"]


async def _published(client: httpx.AsyncClient, event: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            answer = await client.get(f"/v1/events/{event['id']}", params={"source": OURS})
            shown: dict[str, Any] = answer.json()
            if shown["published"]:
                return shown
            await asyncio.sleep(0.05)


async def _record(stack: Addresses, subject: str) -> Any:
    async with (
        asyncio.timeout(20),
        AIOKafkaConsumer(
            "case-events",
            bootstrap_servers=stack.kafka_bootstrap_servers,
            auto_offset_reset="earliest",
        ) as consumer,
    ):
        async for record in consumer:
            if record.key == subject.encode():
                return record
    raise AssertionError("the consumer ended")


async def test_a_source_system_sees_only_its_own_events(
    intake: Service, client: httpx.AsyncClient
) -> None:
    event = decision()
    await send(client, event)
    async with intake.client(OTHER_TOKEN) as other:
        for source in (OURS, THEIRS):
            answer = await other.get(f"/v1/events/{event['id']}", params={"source": source})
            assert answer.status_code == 404
    for hidden in ("unheard", "%00", "a%2Fb", "x" * 5_000):
        answer = await client.get(f"/v1/events/{hidden}", params={"source": OURS})
        assert answer.status_code == 404
    assert (await client.get(f"/v1/events/{event['id']}")).status_code == 422


async def test_office_events_are_numbered_per_office(client: httpx.AsyncClient) -> None:
    office = f"office-{uuid4().hex[:8]}"
    events = [
        changed(decision(), type="gleichfall.call.received.v1", subject=office, data={"line": "a"})
        for _ in range(2)
    ]
    assert statuses(await send_batch(client, events)) == [(1, "accepted"), (2, "accepted")]


async def test_the_counters_add_up(client: httpx.AsyncClient) -> None:
    event = decision()
    before = await _counters(client)
    conflict, unfit = changed(event, data__unit="unit-9"), changed(decision(), type="unknown")
    await send_batch(client, [event, event, conflict, unfit, decision()])
    after = await _counters(client)
    assert after - before == {
        "received": 5,
        "accepted": 2,
        "duplicate": 1,
        "conflicting": 1,
        "refused": 1,
    }


async def _counters(client: httpx.AsyncClient) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in (await client.get("/metrics")).text.splitlines():
        if line.startswith("gleichfall_intake_events_"):
            name, value = line.rsplit(" ", 1)
            found[name.removeprefix("gleichfall_intake_events_").split("_total")[0]] += int(
                float(value)
            )
    return found


# Limits and outages


@pytest.fixture
async def fragile(
    intake: Service, environment: dict[str, str], stack: Addresses, tmp_path: Path
) -> AsyncIterator[tuple[Service, Line]]:
    """A second intake with tight limits, whose line to PostgreSQL can be cut.

    It doesn't relay as long as the first one does.
    """
    url = httpx.URL(stack.database_url)
    line = Line(url.host, url.port or 5432)
    async with AsyncExitStack() as opened:
        server = await asyncio.start_server(line, "127.0.0.1", 0)
        opened.callback(server.close)
        tight = environment | {
            "DATABASE_URL": str(url.copy_with(port=server.sockets[0].getsockname()[1])),
            "INTAKE_EVENTS_PER_SECOND": "1",
            "INTAKE_OUTBOX_LIMIT": "100",
        }
        service = await opened.enter_async_context(
            running(tight, intake.secrets, tmp_path / "intake.log")
        )
        yield service, line


async def test_who_sends_too_fast_is_asked_to_wait(fragile: tuple[Service, Line]) -> None:
    service, _ = fragile
    async with service.client() as client, service.client(OTHER_TOKEN) as other:
        assert (await send_batch(client, [decision() for _ in range(1_000)])).status_code == 202
        refused = await send_batch(client, [decision() for _ in range(30)])
        assert refused.status_code == 429
        assert 25 <= int(refused.headers["retry-after"]) <= 30
        unhindered = await send(other, changed(decision(), source=THEIRS))
        assert unhindered.status_code in {202, 503}


async def test_senders_wait_while_kafka_takes_nothing(
    intake: Service, fragile: tuple[Service, Line]
) -> None:
    service, _ = fragile
    event = decision()
    os.kill(intake.process.pid, signal.SIGSTOP)  # it relays for both
    try:
        async with service.client() as client:
            await asyncio.sleep(1.1)
            batch = [event, *(decision() for _ in range(150))]
            assert (await send_batch(client, batch)).status_code == 202
            shown = await client.get(f"/v1/events/{event['id']}", params={"source": OURS})
            assert shown.json()["published"] is False
            await asyncio.sleep(1.1)
            waiting = await send(client, decision())
            assert waiting.status_code == 503
            assert int(waiting.headers["retry-after"]) > 0
    finally:
        os.kill(intake.process.pid, signal.SIGCONT)
    async with service.client() as client:
        await _published(client, event)
        await asyncio.sleep(1.1)
        assert (await send(client, decision())).status_code == 202


async def test_without_postgresql_intake_is_alive_but_not_ready(
    fragile: tuple[Service, Line],
) -> None:
    service, line = fragile
    event = decision()
    async with service.client() as client:
        line.break_now()
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200
        refused = await send(client, event)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        line.cut = False
        await _until_ready(service)
        assert statuses(await send(client, event)) == [(1, "accepted")]


# Contacts


def contact(email: str = "erika@example.org") -> dict[str, str]:
    return {
        "contact_ref": pseudonym(PseudonymKind.CONTACT),
        "language": "de",
        "email": email,
        "name": "Erika Mustermann",
    }


async def test_contacts_reach_notify_sealed(
    intake: Service, client: httpx.AsyncClient, notify: Notify
) -> None:
    one, two = contact(), contact("otto@example.org")
    for body, amount in ((one, 1), ([one, two], 2)):
        answer = await client.post("/v1/contacts", json=body)
        assert (answer.status_code, answer.json()) == (202, {"accepted": amount})
    handed_over = notify.taken[-1]
    assert b"erika" not in handed_over
    assert b"erika" not in b64decode(json.loads(handed_over)[0]["sealed"])
    key = intake.secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY).get_secret_value()
    opened = [open_contact(key, box) for box in SEALED_CONTACTS.validate_json(handed_over)]
    assert [who.contact_ref for who in opened] == [one["contact_ref"], two["contact_ref"]]
    token = intake.secrets.text(SecretName.HANDOVER_TOKEN).get_secret_value()
    assert notify.tokens[-1] == f"Bearer {token}"


async def test_an_invalid_contact_is_named_by_field_and_never_quoted(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    before = len(notify.taken)
    bad = contact("erika at example") | {"Geburtstag Erikas": "1.1.1970"}
    answer = await client.post("/v1/contacts", json=[contact(), bad])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["index"] == 1
    assert {wrong["field"] for wrong in error["fields"]} == {"email", "(withheld)"}
    assert "rika" not in answer.text
    assert len(notify.taken) == before


async def test_what_notify_refuses_is_told_by_place_field_and_condition(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    one, two = contact(), contact()
    wrong = {"field": "phone", "condition": "phone-too-short", "reason": "the number lacks digits"}
    notify.status = 422
    notify.problem = {
        "type": "urn:gleichfall:problem:refused-contacts",
        "errors": [wrong | {"contact_ref": two["contact_ref"]}],
    }
    try:
        answer = await client.post("/v1/contacts", json=[one, two])
    finally:
        notify.status = 202
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:gleichfall:problem:invalid-contacts"
    assert answer.json()["errors"] == [{"index": 1, "fields": [wrong]}]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'"a"', b"[" + b"1," * 1_000 + b"1]"])
async def test_what_is_no_contact_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/contacts", content=body)
    assert answer.status_code in {400, 413, 422}


async def test_contacts_are_not_taken_while_notify_is_away(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.status = 503
    try:
        answer = await client.post("/v1/contacts", json=contact())
    finally:
        notify.status = 202
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_erasing_a_contact_is_asked_of_notify_and_done_when_that_is_done(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    path = f"/v1/contacts/{pseudonym(PseudonymKind.CONTACT)}"

    done = await client.delete(path)
    nobody = await client.delete("/v1/contacts/erika@example.org")
    notify.status = 503
    try:
        away = await client.delete(path)
    finally:
        notify.status = 202

    assert (done.status_code, nobody.status_code, away.status_code) == (204, 422, 503)
    assert "erika" not in nobody.text
    assert notify.asked[-2:] == [("DELETE", path)] * 2


async def test_nothing_personal_is_in_the_log(intake: Service) -> None:
    log = intake.log.read_text()
    assert log
    for word in ("Erika", "Mustermann", "erika@example.org", TOKEN):
        assert word not in log
