"""A running intake on the real PostgreSQL and Kafka, and a stand-in for notify behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path

import asyncpg
import httpx
import pytest
import uvicorn

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.kafka.topics import apply_topics
from shared.security.secrets import SecretName, SecretStore
from tests.integration.intake.door import (
    OTHER_TOKEN,
    PHONE_TOKEN,
    SYSTEMS,
    TOKEN,
    Line,
    Notify,
    Service,
    free_port,
    running,
)
from tests.integration.spine_helpers import fresh_schemas


@pytest.fixture(scope="module")
async def notify() -> AsyncIterator[Notify]:
    stand_in = Notify()
    config = uvicorn.Config(stand_in, port=free_port(), lifespan="off", log_config=None)
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
    named = {"permits": TOKEN, "other": OTHER_TOKEN, "phone": PHONE_TOKEN}
    tokens = {
        name: {"token_sha256": sha256(token.encode()).hexdigest()} for name, token in named.items()
    }
    systems = secrets / "systems.yaml"
    systems.write_text(SYSTEMS)
    (secrets / SecretName.SOURCE_TOKENS).write_text(json.dumps(tokens))
    create_missing(secrets)
    await fresh_schemas(stack.database_url, secrets)
    await apply_topics(stack.brokers)
    return {
        "DATABASE_URL": stack.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "NOTIFY_URL": notify.url,
        "INTAKE_BODY_LIMIT": "4MB",
        "GLEICHFALL_SYSTEMS": str(systems),
        "GLEICHFALL_SECURITY_LOG": str(secrets / "security.log"),
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
            "INTAKE_BYTES_PER_SECOND": "1",
            "INTAKE_OUTBOX_LIMIT": "100",
            "GLEICHFALL_HTTP_UNKNOWN_PER_MINUTE": "3",
        }
        service = await opened.enter_async_context(
            running(tight, intake.secrets, tmp_path / "intake.log")
        )
        yield service, line
