"""Kafka is killed: what only needs the database goes on, and nothing piles up."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest

from deploy.local.services import Worker, wait_until_ready
from services.intake.client import IntakeClient
from shared.events.event import encode
from shared.held_items.holding import Holding
from shared.kafka import relay
from shared.kafka.relay import Relay
from shared.observe.metrics import Loop
from shared.postgres import outbox
from shared.postgres.pool import service_url
from shared.security.secrets import SecretName
from tests.chaos.load import Load
from tests.chaos.town import Town
from tests.conftest import TEST_STACKS
from tests.integration.spine_helpers import client_routines
from tests.shelf import Shelf

pytestmark = [pytest.mark.stack, pytest.mark.chaos]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with Town(TEST_STACKS / f"kafka-away-{uuid.uuid4().hex[:8]}", [Worker("intake", 1)]) as town:
        yield town


async def test_intake_starts_and_accepts_and_publishes_when_kafka_is_back(town: Town) -> None:
    town.kill_kafka()
    intake = town.keepers["intake"]
    before = intake.child
    before.stop()
    while intake.child is before:
        town.keep()
    wait_until_ready(intake.child, town.port("intake"))
    token = town.secrets.text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(town.url("intake"), token) as client:
        outcome = await client.send_events([encode(event) for event in Load(1, 100).last_wave])
    waiting = await in_outbox(town)
    town.start_kafka()

    assert outcome.accepted == waiting == 2
    await until_empty(town)


async def test_an_outage_leaves_no_producer_behind(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ROUND_TIMEOUT", timedelta(seconds=2))
    password = town.secrets.text(SecretName.NOTIFY_DATABASE_PASSWORD)
    url = service_url(town.addresses.database_url, "notify", password.get_secret_value())
    failures = asyncio.Event()
    publisher = Relay(
        town.addresses.brokers,
        url,
        service="notify",
        holding=Holding(Shelf(), Loop.RELAY),
        on_failure=lambda _: failures.set(),
    )
    running = asyncio.create_task(publisher.run())
    await fill_outbox(url)
    await until_empty(town, "notify")

    town.kill_kafka()
    await fill_outbox(url)
    await failures.wait()
    town.start_kafka()
    await until_empty(town, "notify")
    publisher.stop()
    await running

    assert client_routines() == []


async def fill_outbox(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"search_path": "notify"})
    async with connection.transaction():
        await outbox.append(connection, Load(1, 1_000).last_wave)
    await connection.close()


async def in_outbox(town: Town, service: str = "intake") -> int:
    connection = await asyncpg.connect(town.addresses.database_url)
    amount: int = await connection.fetchval(f"SELECT count(*) FROM {service}.outbox")
    await connection.close()
    return amount


async def until_empty(town: Town, service: str = "intake") -> None:
    async with asyncio.timeout(60):
        while await in_outbox(town, service):
            await asyncio.sleep(0.2)
