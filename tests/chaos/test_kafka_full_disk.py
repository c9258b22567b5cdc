"""Kafka's disk is full: nothing that was accepted is lost, the reason is told, room mends it."""

import asyncio
import uuid
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.child import last_words
from deploy.local.loopback import PLAIN
from deploy.local.services import Worker
from services.intake.client import IntakeClient
from shared.events.event import Event, encode
from shared.events.registry import Topic
from shared.security.secrets import SecretName
from tests.chaos.findings import read_topics
from tests.chaos.load import Load
from tests.chaos.test_kafka_away import in_outbox, until_empty
from tests.chaos.town import Town
from tests.conftest import TEST_STACKS
from tests.small_disk import fill, mounted

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.fixture
def town() -> Iterator[Town]:
    """Intake with a broker whose data stand on a disk of 64 megabytes."""
    town = Town(TEST_STACKS / f"kafka-full-{uuid.uuid4().hex[:8]}", [Worker("intake", 1)])
    data = town.folder.kafka / "data"
    data.mkdir(parents=True)
    with mounted(data, 64, mode="1777"), town:
        yield town


async def accepted(town: Town, events: list[Event]) -> int:
    token = town.secrets.text(SecretName.CLIENT_TOKEN)
    async with IntakeClient(town.url("intake"), token) as client:
        return (await client.send_events([encode(event) for event in events])).accepted


async def reasons(town: Town) -> str:
    async with httpx.AsyncClient(verify=PLAIN) as client:
        return (await client.get(f"{town.url('intake')}/readyz")).text


async def test_what_was_accepted_waits_and_leaves_once_there_is_room(town: Town) -> None:
    load = Load(7, 2_500)
    first, rest = load.stream[:500], load.stream[500:]
    assert await accepted(town, first) == 500
    await until_empty(town)
    filler = town.folder.kafka / "data" / "filler"
    fill(filler)

    assert await accepted(town, rest[:1_000]) + await accepted(town, rest[1_000:]) == 2_000
    assert town.infrastructure.kafka is not None
    broker = town.infrastructure.kafka.process
    assert broker is not None
    async with asyncio.timeout(90):
        while broker.process.poll() is None:
            await asyncio.sleep(0.2)
    assert "all log dirs" in last_words(broker.log)
    async with asyncio.timeout(90):
        while "publishing" not in (told := await reasons(town)):
            await asyncio.sleep(0.5)
    assert "whether its disk is full" in told
    assert "events wait in the outbox and leave by themselves" in told
    assert await in_outbox(town) > 0
    filler.unlink()
    town.start_kafka()
    await until_empty(town)

    records = (await read_topics(town.addresses.kafka_bootstrap_servers))[Topic.CASE_EVENTS.value]
    names = {dict(one.headers)["ce_id"].decode() for one in records}
    assert names == {event.id for event in load.stream}
