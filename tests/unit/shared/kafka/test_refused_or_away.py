"""A broker that is away is told from one that breaks off whenever it is spoken to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.kafka import refused_or_away
from shared.kafka.brokers import Brokers
from shared.kafka.errors import KafkaUnreachable, ProtocolRefused, RightsMissing
from shared.kafka.refused_or_away import explain

FAILED = KafkaConnectionError("unable to bootstrap")


@asynccontextmanager
async def broken(taken: Callable[[], None]) -> AsyncIterator[tuple[str, asyncio.Server]]:
    """A server that takes connections and breaks each of them off."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"{host}:{port}", server


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_or_away, "_BETWEEN_KNOCKS", refused_or_away._BETWEEN_KNOCKS / 50)


async def test_one_that_breaks_off_each_time_does_not_understand_us() -> None:
    knocks: list[None] = []
    async with broken(lambda: knocks.append(None)) as (servers, _):
        found = await explain(Brokers(servers), FAILED)
    assert isinstance(found, ProtocolRefused)
    assert "KAFKA_SECURITY_PROTOCOL" in str(found)
    assert len(knocks) == 3


async def test_one_that_breaks_off_and_is_gone_was_about_to_stop() -> None:
    servers_of: list[asyncio.Server] = []

    def stop() -> None:
        servers_of[0].close()

    async with broken(stop) as (servers, server):
        servers_of.append(server)
        assert isinstance(await explain(Brokers(servers), FAILED), KafkaUnreachable)


async def test_of_several_one_that_is_away_says_nothing_about_the_others() -> None:
    async with broken(lambda: None) as (servers, _):
        found = await explain(Brokers(f"127.0.0.1:1,{servers},127.0.0.1:1"), FAILED)
    assert isinstance(found, ProtocolRefused)


async def test_where_all_are_away_kafka_is() -> None:
    found = await explain(Brokers("127.0.0.1:1,127.0.0.1:2"), FAILED)
    assert isinstance(found, KafkaUnreachable)


async def test_what_has_a_name_keeps_it() -> None:
    named = RightsMissing("user intake", ["WRITE topic case-events"])
    assert await explain(Brokers("127.0.0.1:1"), named) is named
