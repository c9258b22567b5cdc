"""The desk over the schemas of all services, and what waits in them, as its tests share it."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from uuid import UUID

import asyncpg
import httpx
from prometheus_client import generate_latest

from deploy.desk.app import create_app
from deploy.desk.settings import Settings, Watched
from services.controlling.accounts.account import Role
from shared.configuration.places import SERVICES
from shared.events.event import encode
from shared.events.kafka_binding import to_kafka
from shared.kafka.burying import bury, identity
from shared.kafka.records import Poison, Record, read
from shared.postgres import outbox
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from tests.integration.spine_helpers import TOPIC, application, new_case
from tests.integration.workbench_helpers import Browser, Workbench, peopled

CUT_OFF = b'{"channel": "onl'
CONSUMERS = ("controlling", "notify")
DEAD = Watched(url="http://127.0.0.1:1", metrics="http://127.0.0.1:1/metrics")
_offsets = count()


@dataclass(frozen=True)
class Lost:
    """A record that both consumers gave up on; the case waits for it."""

    letter: UUID
    case: str
    record: Record
    right: bytes


@dataclass(frozen=True)
class Desk:
    """The running desk, its people, and the services' own connections."""

    pages: Workbench
    services: dict[str, Pool]
    operations: Browser
    owner: asyncpg.Connection

    async def gives_up(self, value: bytes = CUT_OFF, sequence: int = 2, **headers: str) -> Lost:
        """Let controlling and notify give up on an event of a new case, and a later one wait."""
        case = new_case()
        async with self.services["intake"].acquire() as connection, connection.transaction():
            numbered = await outbox.append(connection, [application(case) for _ in range(3)])
        await self.services["intake"].execute("DELETE FROM outbox")  # Kafka has them
        sent = to_kafka(encode(numbered[1]._replace(sequence=sequence)))
        kept = [(name, raw) for name, raw in sent.headers if name not in headers]
        kept += [(name, text.encode()) for name, text in headers.items()]
        when = int(numbered[1].time.timestamp() * 1000) + 1
        record = Record(TOPIC, 0, next(_offsets), when, sent.key, kept, value)
        found = read(record)
        assert isinstance(found, Poison)
        for service in CONSUMERS:
            async with self.services[service].acquire() as connection, connection.transaction():
                await bury(connection, service, [found])
                await connection.execute(_WAITS, TOPIC, case)
        assert sent.value is not None
        return Lost(identity(record), case, record, sent.value)

    async def led_to(self, answer: httpx.Response) -> str:
        """The page that an act leads on to."""
        assert answer.status_code == 303, answer.text
        return (await self.operations.client.get(answer.headers["location"])).text

    async def states(self, letter: UUID) -> set[tuple[str, str | None, str | None]]:
        """What became of a letter, who settled it and why, in every service that has it."""
        rows = [
            await self.services[service].fetchrow(
                "SELECT state, settled_by, settled_because FROM dead_letter WHERE id = $1", letter
            )
            for service in CONSUMERS
        ]
        return {tuple(row) for row in rows if row is not None}

    async def sent(self) -> list[asyncpg.Record]:
        """What waits in intake's outbox."""
        return await self.services["intake"].fetch("SELECT key, headers, value FROM outbox")

    async def noted(self) -> list[tuple[str, str]]:
        """The acts in the log, but for signing in."""
        rows = await self.pages.pool.fetch(
            "SELECT act, object FROM audit WHERE act <> 'signed_in' ORDER BY number"
        )
        return [tuple(row) for row in rows]

    @property
    def operator(self) -> str:
        """By what name an act of theirs is kept."""
        return f"account:{self.pages.accounts[Role.OPERATIONS]}"


_WAITS = """
    WITH applied AS (INSERT INTO inbox (topic, subject, last_sequence) VALUES ($1, $2, 1))
    INSERT INTO parked (topic, subject, sequence, partition, "offset", headers)
    VALUES ($1, $2, 3, 0, 0, '[]')
"""


@asynccontextmanager
async def standing(database_url: str, secrets: Path, controlling: Pool) -> AsyncIterator[Desk]:
    """Run the desk, with somebody of operations in a browser; `controlling` is its own pool."""
    settings = Settings(
        database_url=database_url,
        secrets_directory=secrets,
        workbench_url="http://workbench.example",
    )
    async with AsyncExitStack() as undo:
        services = {}
        for name in SERVICES:
            password = SecretStore(secrets).text(SecretName(f"{name}_database_password"))
            url = service_url(database_url, name, password.get_secret_value())
            services[name] = await undo.enter_async_context(await open_pool(url, service=name))
        pages = await undo.enter_async_context(peopled(create_app(settings), controlling))
        owner = await asyncpg.connect(database_url)
        undo.push_async_callback(owner.close)
        yield Desk(pages, services, await pages.signed_in(Role.OPERATIONS), owner)


@contextmanager
def process(missing: dict[str, str] | None = None, figures: str | None = None) -> Iterator[Watched]:
    """A process that lacks something, or nothing, and tells figures, else this process's."""
    told = generate_latest() if figures is None else figures.encode()
    needs = [{"name": name, "reason": reason} for name, reason in (missing or {}).items()]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked_ready = self.path == "/readyz"
            self.send_response(503 if needs and asked_ready else 200)
            self.end_headers()
            document = json.dumps({"errors": needs}).encode()
            self.wfile.write(document if asked_ready else told)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield Watched(url=url, metrics=f"{url}/metrics")
        server.shutdown()
