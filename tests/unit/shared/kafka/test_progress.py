"""What a consumer tells of its progress while partitions come and go."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from shared.events.registry import Topic
from shared.kafka import progress
from shared.kafka.errors import ReadingEnded
from shared.kafka.progress import SILENCE, watch_progress
from shared.observe.metrics import CONSUMER_LAG

FIRST, SECOND = (TopicPartition(Topic.CASE_EVENTS.value, number) for number in (1, 2))


@dataclass
class Client:
    """What of aiokafka's consumer is looked at: its assignment and what its fetches told."""

    ends: dict[TopicPartition, int]
    silence: timedelta = timedelta(0)
    applied: dict[TopicPartition, int] = field(default_factory=dict)
    routine: asyncio.Future[object] = field(default_factory=asyncio.Future)

    @property
    def _coordinator(self) -> SimpleNamespace:
        return SimpleNamespace(_coordination_task=self.routine, _heartbeat_task=None)

    @property
    def _fetcher(self) -> SimpleNamespace:
        return SimpleNamespace(_fetch_task=asyncio.Future())

    @property
    def _client(self) -> SimpleNamespace:
        return SimpleNamespace(_sync_task=asyncio.Future())

    def assignment(self) -> set[TopicPartition]:
        return set(self.ends)

    def highwater(self, partition: TopicPartition) -> int:
        return self.ends[partition]

    def last_poll_timestamp(self, _: TopicPartition) -> float:
        return (time.time() - self.silence.total_seconds()) * 1000


@asynccontextmanager
async def watched(client: Client) -> AsyncIterator[Callable[[], int]]:
    """Watch the client; gives how many times it beat."""
    beats: list[None] = []
    task = asyncio.create_task(watch_progress(client, client.applied, lambda: beats.append(None)))
    await asyncio.sleep(0.02)
    yield lambda: len(beats)
    task.cancel()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOOK", timedelta(milliseconds=1))


def told() -> dict[int, float]:
    """The lag by partition, as Prometheus reads it."""
    [family] = CONSUMER_LAG.metric.collect()
    return {int(sample.labels["partition"]): sample.value for sample in family.samples}


async def test_what_waits_is_told_by_partition() -> None:
    client = Client({FIRST: 10, SECOND: 5}, applied={FIRST: 4, SECOND: 5})

    async with watched(client):
        assert told() == {1: 6, 2: 0}


async def test_a_partition_that_another_process_took_is_told_no_more() -> None:
    client = Client({FIRST: 10, SECOND: 5}, applied={FIRST: 4, SECOND: 5})

    async with watched(client):
        del client.ends[FIRST]
        await asyncio.sleep(0.02)
        assert told() == {2: 0}

        client.ends[FIRST] = 12
        await asyncio.sleep(0.02)
        assert told() == {1: 8, 2: 0}


async def test_of_a_consumer_that_has_stopped_nothing_is_told() -> None:
    async with watched(Client({FIRST: 10}, applied={FIRST: 4})):
        pass
    await asyncio.sleep(0)

    assert told() == {}


async def test_a_consumer_with_nothing_to_do_is_alive() -> None:
    async with watched(Client({FIRST: 10}, applied={FIRST: 10})) as beats:
        assert beats() > 0


async def test_where_records_wait_only_a_batch_is_a_sign_of_life() -> None:
    async with watched(Client({FIRST: 10}, applied={FIRST: 9})) as beats:
        assert beats() == 0


async def test_a_broker_that_no_longer_answers_is_no_sign_of_life() -> None:
    async with watched(Client({FIRST: 10}, SILENCE * 2, {FIRST: 10})) as beats:
        assert beats() == 0


async def test_a_client_whose_routine_has_ended_is_given_up_with_its_cause() -> None:
    client = Client({})
    client.routine.set_exception(RuntimeError("the handler is closed"))

    with pytest.raises(ReadingEnded) as given_up:
        await watch_progress(client, {}, lambda: None)

    assert isinstance(given_up.value.__cause__, RuntimeError)
