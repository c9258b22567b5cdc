"""Services' schemas: of all three with intake's relay running, and of controlling alone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.configuration.places import SERVICES
from shared.held_items.holding import Holding
from shared.kafka.relay import Relay
from shared.kafka.topics import apply_topics
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from tests.integration.controlling_helpers import controlling, empty
from tests.integration.review_form_helpers import emptied
from tests.integration.review_helpers import Desk, desk_of
from tests.integration.spine_helpers import Spine, System, empty_topics, fresh_schemas
from tests.integration.workbench_helpers import Workbench, workbench
from tests.runbooks import Follow, followed
from tests.shelf import Shelf


@pytest.fixture(scope="module")
async def module_system(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """Intake publishes; controlling and notify have a table for effects.

    Nothing of earlier tests is left in the schemas, and nothing stays afterwards.
    """
    secrets = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    await fresh_schemas(stack.database_url, secrets)
    owner = await asyncpg.connect(stack.database_url)
    await apply_topics(stack.brokers)
    await empty_topics(stack.kafka_bootstrap_servers)
    async with AsyncExitStack() as undo:
        spines = {}
        for name in SERVICES:
            await owner.execute(f"CREATE TABLE {name}.effect (id text PRIMARY KEY, subject text)")
            password = SecretStore(secrets).text(SecretName(f"{name}_database_password"))
            url = service_url(stack.database_url, name, password.get_secret_value())
            pool = await undo.enter_async_context(await open_pool(url, service=name))
            spines[name] = Spine(stack.kafka_bootstrap_servers, url, pool)
        relay = Relay(
            stack.brokers,
            spines["intake"].database_url,
            service="intake",
            holding=Holding(Shelf(), Loop.RELAY),
        )
        running = asyncio.create_task(relay.run())
        yield System(**spines, database_url=stack.database_url, operator=owner)
        relay.stop()
        await running
    for name in SERVICES:
        await owner.execute(f"DROP SCHEMA {name} CASCADE")
    await owner.close()


@pytest.fixture
async def system(module_system: System) -> System:
    """The same, with nothing of earlier tests on its topics: a new group would read it all."""
    await empty_topics(module_system.intake.kafka)
    return module_system


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Opens the runbook of an alert; all that it has one type is typed when the test ends."""
    with followed() as opening:
        yield opening


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all secrets."""
    directory: Path = tmp_path_factory.mktemp("secrets")
    create_missing(directory)
    return directory


@pytest.fixture(scope="module")
async def schema(stack: Addresses, secrets: Path) -> AsyncIterator[Pool]:
    """Connections as controlling; its schema goes at the end."""
    async with controlling(stack.database_url, secrets) as connections:
        yield connections


@pytest.fixture
async def pool(schema: Pool, stack: Addresses) -> Pool:
    """The same, with nothing of earlier tests in it."""
    await empty(stack.database_url)
    return schema


@pytest.fixture
async def desk(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Desk]:
    """Controlling and its workbench, with nothing of earlier tests in the database."""
    async with desk_of(stack.database_url, secrets, schema) as opened:
        yield opened


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    """The workbench, with an account of each role."""
    async with workbench(stack.database_url, secrets, schema) as pages:
        yield pages


@pytest.fixture
async def pages(running: Workbench, stack: Addresses) -> Workbench:
    """The same, with nothing of earlier tests in it."""
    await emptied(running, stack.database_url)
    return running
