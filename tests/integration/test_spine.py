"""The spine on a real broker and database: relay, consumer, order, poison, failures."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError
from prometheus_client import REGISTRY

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.events.errors import Defect
from shared.events.event import encode
from shared.events.kafka_binding import KafkaMessage, to_kafka
from shared.events.registry import Topic
from shared.held_items.holding import Holding
from shared.held_items.store import State
from shared.kafka import inbox, relay
from shared.kafka.consumer import Consumer
from shared.kafka.errors import KafkaUnreachable, TopicChangeRefused, TopicsDiffer
from shared.kafka.relay import Relay
from shared.kafka.sequencing import Arrangement, Position
from shared.kafka.topics import (
    TopicSettings,
    apply_topics,
    declared_topics,
    differences,
    require_topics,
)
from shared.observe import way
from shared.observe.metrics import Loop
from shared.observe.way import Station, Step, Steps
from shared.postgres import outbox
from shared.postgres.pool import open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.secrets import SecretName, SecretStore
from tests.integration.spine_helpers import (
    MAX_DEAD_LETTERS,
    TOPIC,
    Register,
    Spine,
    application,
    client_routines,
    consuming,
    dead_letters,
    empty_topics,
    fresh_schemas,
    message,
    new_case,
    outbox_is_empty,
    parked,
    parked_are,
    send,
    until,
)
from tests.patience import PATIENCE
from tests.shelf import Shelf

pytestmark = pytest.mark.stack


def told_in(caplog: pytest.LogCaptureFixture) -> list[Step]:
    """Give the steps that were told, in order."""
    return [step for one in caplog.records if isinstance(one.msg, Steps) for step in one.msg]


def ages() -> tuple[float, float]:
    """Give how many events were applied, and how old they were together."""
    number, seconds = (
        REGISTRY.get_sample_value(f"gleichfall_consumer_event_age_seconds_{one}", {"topic": TOPIC})
        for one in ("count", "sum")
    )
    return number or 0, seconds or 0


def publisher_of(
    spine: Spine,
    shelf: Shelf | None = None,
    on_failure: Callable[[Exception], None] = lambda _: None,
) -> Relay:
    return Relay(
        spine.brokers,
        spine.database_url,
        service="controlling",
        holding=Holding(shelf or Shelf(), Loop.RELAY),
        on_failure=on_failure,
    )


@asynccontextmanager
async def publishing(spine: Spine, shelf: Shelf) -> AsyncIterator[Relay]:
    publisher = publisher_of(spine, shelf)
    running = asyncio.create_task(publisher.run())
    yield publisher
    publisher.stop()
    await running


async def letter_of(spine: Spine, case: str) -> bool:
    """Whether an event of a case was given up on, and the one behind it waits."""
    return bool(await dead_letters(spine, case)) and await parked(spine, case) == [3]


@pytest.fixture(scope="module")
async def module_spine(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Spine]:
    """A schema of its own on the test stack, as `controlling`, with a table for effects."""
    secrets = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    await fresh_schemas(stack.database_url, secrets)
    await apply_topics(stack.brokers)
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("CREATE TABLE controlling.effect (id text PRIMARY KEY, subject text)")
    await owner.close()
    password = SecretStore(secrets).text(SecretName.CONTROLLING_DATABASE_PASSWORD)
    url = service_url(stack.database_url, "controlling", password.get_secret_value())
    pool = await open_pool(url, service="controlling")
    yield Spine(stack.kafka_bootstrap_servers, url, pool)
    await pool.close()
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("DROP SCHEMA controlling CASCADE")
    await owner.close()


@pytest.fixture
async def spine(module_spine: Spine) -> Spine:
    """The same, with nothing of earlier tests on its topics: a new group would read it all."""
    await empty_topics(module_spine.kafka)
    return module_spine


async def test_repeated_and_disordered_records_are_applied_once_and_in_order(spine: Spine) -> None:
    case, register = new_case(), Register()
    async with consuming(spine, register):
        await send(spine, *(message(case, number) for number in (1, 2, 2, 5, 4, 1, 3, 6)))
        await until(lambda: len(register.sequences(case)) == 6)
    assert register.sequences(case) == [1, 2, 3, 4, 5, 6]
    assert await parked(spine, case) == []


async def test_a_restarted_consumer_goes_on_where_it_stopped(spine: Spine) -> None:
    case, group = new_case(), f"test-{uuid4()}"
    first, second = Register(), Register()
    async with consuming(spine, first, group):
        await send(spine, message(case, 1))
        await until(lambda: first.sequences(case) == [1])
    await send(spine, message(case, 2))
    async with consuming(spine, second, group):
        await until(lambda: second.sequences(case) == [2])


async def test_a_consumer_that_lost_its_offsets_repeats_no_effect(spine: Spine) -> None:
    case, register = new_case(), Register()
    await send(spine, message(case, 1), message(case, 2))
    async with consuming(spine, register):
        await until(lambda: register.sequences(case) == [1, 2])
    async with consuming(spine, again := Register()):
        await send(spine, message(case, 3))
        await until(lambda: again.sequences(case) == [3])


@pytest.mark.parametrize(
    ("stood", "reached"),
    [
        (None, Position(2)),
        (None, Position(0, parked=True)),
        (3, Position(5)),
        (3, Position(3, True)),
    ],
    ids=["new case", "new case, only parked", "known case", "known case, only parked"],
)
async def test_of_two_consumers_that_read_the_same_place_only_one_moves_on(
    spine: Spine, stood: int | None, reached: Position
) -> None:
    case = new_case()
    before = {} if stood is None else {case: Position(stood)}
    async with spine.pool.acquire() as one, spine.pool.acquire() as other:
        await inbox.advance(one, TOPIC, Arrangement(reached=before), {})
        read = await inbox.read_positions(one, TOPIC, [case])
        step = Arrangement(reached={case: reached})
        async with one.transaction():
            await inbox.advance(one, TOPIC, step, read)
            late = asyncio.create_task(inbox.advance(other, TOPIC, step, read))
            await asyncio.sleep(0.1)
            assert not late.done()
        with pytest.raises(inbox.RivalConsumer):
            await late


HEADERS = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"urn:test")]


@pytest.mark.parametrize(
    ("defect", "headers", "value"),
    [
        (Defect.HEADER_NULL, [*HEADERS, ("ce_time", None)], b"{}"),
        (Defect.HEADER_NULL, [*HEADERS, ("foreign", None)], b"{}"),
        (Defect.HEADER_NOT_UTF8, [*HEADERS, ("foreign", b"\xff")], b"{}"),
        (Defect.ATTRIBUTE_MISSING, [], b"not an event"),
        (Defect.TYPE_UNKNOWN, [*HEADERS, ("ce_type", b"gleichfall.unknown.v1")], b"{}"),
        (Defect.BODY_TOO_LARGE, HEADERS, b"x" * 1_000_001),
    ],
)
async def test_poison_goes_to_the_dead_letters_and_harms_nobody(
    spine: Spine, defect: Defect, headers: list[tuple[str, bytes | None]], value: bytes
) -> None:
    poisoned, healthy, register = new_case(), new_case(), Register()
    async with consuming(spine, register):
        await send(
            spine,
            KafkaMessage(poisoned.encode(), headers, value),  # type: ignore[arg-type] # poison
            message(healthy, 1),
            message(poisoned, 1),
        )
        await until(lambda: len(register.applied) >= 2)
        await until(lambda: register.sequences(poisoned) == [1])
    [letter] = await dead_letters(spine, poisoned)
    assert letter["defect"] == defect
    assert letter["value"] == value
    assert register.sequences(healthy) == [1]


@pytest.mark.parametrize("value", [None, b"", b"{", b'{"channel": "online"}'])
async def test_a_bad_body_holds_back_its_own_case_until_it_is_repaired(
    spine: Spine, value: bytes | None
) -> None:
    case, register = new_case(), Register()
    broken = message(case, 2)
    async with consuming(spine, register):
        await send(
            spine,
            message(case, 1),
            KafkaMessage(broken.key, broken.headers, value),
            message(case, 3),
            message(case, 4),
        )
        await until(lambda: register.sequences(case) == [1])
        await until(lambda: parked_are(spine, case, [3, 4]))
        await send(spine, broken)
        await until(lambda: register.sequences(case) == [1, 2, 3, 4])
    assert len(await dead_letters(spine, case)) == 1
    assert await parked(spine, case) == []


async def test_an_event_the_handler_refuses_is_isolated_from_its_batch(spine: Spine) -> None:
    cases = [new_case() for _ in range(20)]
    events = [application(case, number) for number in (1, 2, 3) for case in cases]
    victim = next(event for event in events if event.subject == cases[7] and event.sequence == 2)
    register = Register(refused={victim.id})
    await send(spine, *(to_kafka(encode(event)) for event in events))
    async with consuming(spine, register):
        await until(lambda: len(register.applied) == len(events) - 2, limit=60)
    [letter] = await dead_letters(spine, cases[7])
    assert (letter["defect"], letter["attempts"]) == (Defect.HANDLER_REFUSED, 3)
    assert await parked(spine, cases[7]) == [3]
    for case in set(cases) - {cases[7]}:
        assert register.sequences(case) == [1, 2, 3]


async def test_the_log_tells_of_each_event_what_was_committed_and_nothing_else(
    spine: Spine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=way.__name__)
    case = new_case()
    events = [application(case, number) for number in (1, 2, 3)]
    register = Register(refused={events[1].id})
    await send(spine, *(to_kafka(encode(event)) for event in [*events, events[0]]))
    async with consuming(spine, register):
        await until(lambda: letter_of(spine, case))

    told = [step for step in told_in(caplog) if step.subject == case]
    assert [(step.station, step.event_id) for step in told] == [
        (Station.APPLIED, events[0].id),
        (Station.GIVEN_UP, events[1].id),
        (Station.PARKED, events[2].id),
    ]


async def test_dead_letters_are_published_with_their_origin(spine: Spine) -> None:
    case = new_case()
    async with consuming(spine, register := Register()):
        await send(spine, KafkaMessage(case.encode(), [("ce_id", b"x")], b"?"), message(case, 1))
        await until(lambda: register.sequences(case) == [1])
    [letter] = await dead_letters(spine, case)
    row = await spine.pool.fetchrow(
        "SELECT * FROM outbox WHERE key = $1 AND topic = $2",
        case.encode(),
        Topic.CASE_EVENTS.dead_letter,
    )
    assert row is not None
    headers = dict(outbox.unpack_headers(row["headers"]))
    assert headers["ce_id"] == b"x"
    assert headers["dead-letter-topic"] == TOPIC.encode()
    assert headers["dead-letter-offset"] == str(letter["offset"]).encode()
    assert headers["dead-letter-defect"] == letter["defect"].encode()


async def test_a_lost_connection_repeats_the_batch(spine: Spine) -> None:
    case, register = new_case(), Register()
    cut: list[int] = []

    def cut_once(tx: Transaction) -> None:
        if not cut:
            cut.append(1)
            tx.connection.terminate()

    register.interrupt = cut_once
    async with consuming(spine, register):
        await send(spine, message(case, 1), message(case, 2))
        await until(lambda: register.sequences(case) == [1, 2])
    assert cut
    effects = await spine.pool.fetchval("SELECT count(*) FROM effect WHERE subject = $1", case)
    assert effects == 2


def cut(connection: AIOKafkaConnection) -> None:
    """Cut a connection so that the next write meets it closed, which uvloop tells in its way."""

    def write(_: bytes) -> None:
        connection.close()
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>")

    connection._writer.write = write


@pytest.mark.parametrize("group", ConnectionGroup)
async def test_a_client_that_a_cut_connection_ends_is_replaced(
    spine: Spine, group: ConnectionGroup
) -> None:
    case, register, clients = new_case(), Register(), list[AIOKafkaConsumer]()
    async with consuming(spine, register, clients=clients) as consumer:
        await send(spine, message(case, 1))
        await until(lambda: register.sequences(case) == [1] and consumer._idle.is_set())
        [kafka] = clients
        for (_, of), connection in kafka._client._conns.items():
            if of is group:
                cut(connection)
        await until(lambda: len(clients) == 2)
        await send(spine, message(case, 2))
        await until(lambda: register.sequences(case) == [1, 2])


async def test_two_consumers_share_the_work_and_double_nothing(spine: Spine) -> None:
    cases = [new_case() for _ in range(60)]
    group = f"test-{uuid4()}"
    first, second = Register(), Register()
    async with consuming(spine, first, group):
        await send(spine, *(message(case, 1) for case in cases))
        async with consuming(spine, second, group):
            await send(spine, *(message(case, n) for n in (2, 3) for case in cases))
            await until(lambda: len(first.applied) + len(second.applied) >= 180)
    for case in cases:
        assert sorted(first.sequences(case) + second.sequences(case)) == [1, 2, 3]


async def test_a_named_process_that_comes_back_stops_nobody_else(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, assigned = f"test-{uuid4()}", Counter[Consumer]()

    async def count(consumer: Consumer, _: object) -> None:
        assigned[consumer] += 1

    monkeypatch.setattr(Consumer, "on_partitions_assigned", count)
    first, second = Register(), Register()
    async with consuming(spine, first, group, instance="first") as stays:
        await until(lambda: assigned[stays] == 1)
        async with consuming(spine, second, group, instance="second"):
            await until(lambda: assigned[stays] == 2)
        async with consuming(spine, second, group, instance="second") as again:
            await until(lambda: assigned[again] == 1)
            cases = [new_case() for _ in range(24)]
            await send(spine, *(message(case, 1) for case in cases))
            await until(lambda: {one.subject for one in first.applied + second.applied} >= {*cases})

            assert assigned[stays] == 2
            assert second.applied


async def test_the_relay_publishes_in_order_and_forgets_what_it_sent(
    spine: Spine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=way.__name__)
    cases = [new_case() for _ in range(5)]
    await spine.pool.execute("DELETE FROM outbox")
    for _ in range(4):
        async with spine.pool.acquire() as connection, connection.transaction():
            await outbox.append(connection, [application(case) for case in cases for _ in "ab"])
    relays = [publisher_of(spine) for _ in "ab"]
    running = [asyncio.create_task(one.run()) for one in relays]
    await until(lambda: outbox_is_empty(spine))
    for one in relays:
        one.stop()
    await asyncio.gather(*running)
    published = await read_topic(spine, {case.encode() for case in cases})
    told = Counter((step.station, step.subject) for step in told_in(caplog))
    for case in cases:
        assert published[case] == list(range(1, 9))
        assert told[Station.PUBLISHED, case] == 8


async def test_the_age_of_an_event_is_its_whole_way_also_where_it_waited_for_kafka(
    spine: Spine, stack: Addresses
) -> None:
    case, register = new_case(), Register()
    await spine.pool.execute("DELETE FROM outbox")
    async with spine.pool.acquire() as connection, connection.transaction():
        await outbox.append(connection, [application(case)])
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("UPDATE controlling.outbox SET created_at = now() - interval '1 hour'")
    await owner.close()
    async with publishing(spine, Shelf()):
        await until(lambda: outbox_is_empty(spine))

    number, seconds = ages()
    async with consuming(spine, register):
        await until(lambda: ages()[0] == number + 1)
    assert register.sequences(case) == [1]
    assert 3_600 <= ages()[1] - seconds < 3_600 + PATIENCE


async def test_a_row_that_is_damaged_waits_with_its_case_and_stops_no_other(
    spine: Spine, stack: Addresses
) -> None:
    ill, well, shelf = new_case(), new_case(), Shelf()
    await spine.pool.execute("DELETE FROM outbox")
    async with spine.pool.acquire() as connection, connection.transaction():
        for _ in range(3):
            await outbox.append(connection, [application(ill), application(well)])
    owner = await asyncpg.connect(stack.database_url)
    _, (second, headers), _ = await owner.fetch(
        "SELECT id, headers FROM controlling.outbox WHERE key = $1 ORDER BY id", ill.encode()
    )
    mend = "UPDATE controlling.outbox SET headers = $2 WHERE id = $1"
    await owner.execute(mend, second, b"{")
    async with publishing(spine, shelf):
        await until(lambda: str(second) in shelf.reasons)
        assert "can't be read" in shelf.reasons[str(second)]
        async with spine.pool.acquire() as connection, connection.transaction():
            await outbox.append(connection, [application(ill), application(well)])
        await until(lambda: waiting(spine, [ill, ill, ill]))
        await owner.execute(mend, second, headers)
        shelf.states[str(second)] = State.RETRYING
        await until(lambda: outbox_is_empty(spine))
        await until(lambda: shelf.states[str(second)] is State.DONE)
    await owner.close()
    published = await read_topic(spine, {ill.encode(), well.encode()})
    assert published == {ill: [1, 2, 3, 4], well: [1, 2, 3, 4]}


async def test_a_record_that_kafka_never_takes_waits_alone_until_it_is_dismissed(
    spine: Spine,
) -> None:
    cases, shelf = [new_case() for _ in range(20)], Shelf()
    large = outbox.record(application(cases[0], 1))._replace(value=b"{" * 1_200_000)
    others = [outbox.record(application(case, 2)) for case in cases for _ in "ab"]
    await spine.pool.execute("DELETE FROM outbox")
    async with spine.pool.acquire() as connection, connection.transaction():
        await outbox.write(connection, [large, *others])
    async with publishing(spine, shelf):
        await until(lambda: waiting(spine, [cases[0]] * 3))
        [(row, why)] = shelf.reasons.items()
        assert why.startswith("Kafka takes no record of 1,200,000 bytes on case-events")
        shelf.states[row] = State.DISMISSED
        await until(lambda: waiting(spine, [cases[0]]))
    await spine.pool.execute("DELETE FROM outbox")
    published = await read_topic(spine, {case.encode() for case in cases})
    assert {case: {*sequences} for case, sequences in published.items()} == {
        case: {2} for case in cases
    }


async def waiting(spine: Spine, keys: list[str]) -> bool:
    """Whether the outbox holds records of these cases alone."""
    rows = await spine.pool.fetch("SELECT key FROM outbox")
    return [row["key"].decode() for row in rows] == keys


async def test_the_relay_leaves_no_client_behind_whose_routine_has_ended(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends(*_: object) -> bool:
        raise KafkaConnectionError

    monkeypatch.setattr(relay, "ROUND_TIMEOUT", timedelta(seconds=1))
    before, failed = client_routines(), asyncio.Event()
    async with spine.pool.acquire() as connection, connection.transaction():
        await outbox.append(connection, [application(new_case())])
    publisher = publisher_of(spine, on_failure=lambda _: failed.set())
    with monkeypatch.context() as broken:
        broken.setattr(AIOKafkaClient, "_metadata_update", ends)
        running = asyncio.create_task(publisher.run())
        await failed.wait()
    await until(lambda: outbox_is_empty(spine))
    publisher.stop()
    await running

    assert client_routines() == before


async def read_topic(spine: Spine, keys: set[bytes]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {key.decode(): [] for key in keys}
    async with AIOKafkaConsumer(
        TOPIC, bootstrap_servers=spine.kafka, group_id=None, auto_offset_reset="earliest"
    ) as consumer:
        while polled := await consumer.getmany(timeout_ms=1_500):
            for records in polled.values():
                for record in records:
                    if record.key in keys:
                        sequence = dict(record.headers)["ce_sequence"]
                        found[record.key.decode()].append(int(sequence or b"0"))
    return found


async def test_topics_that_are_as_declared_need_nothing(spine: Spine) -> None:
    assert await differences(spine.brokers) == []
    await require_topics(spine.brokers, declared_topics())


async def test_a_missing_topic_is_named_and_then_made(spine: Spine) -> None:
    wanted = {"test-new": TopicSettings(partitions=2)}
    [difference] = await differences(spine.brokers, wanted)
    assert str(difference) == "test-new is missing (2 partitions declared)"
    await apply_topics(spine.brokers, wanted)
    assert await differences(spine.brokers, wanted) == []


async def test_a_changed_retention_is_mended_but_never_the_partitions(spine: Spine) -> None:
    await apply_topics(spine.brokers, {"test-kept": TopicSettings(partitions=1)})
    wanted = {"test-kept": TopicSettings(partitions=1, max_message_bytes=5_000)}
    [difference] = await differences(spine.brokers, wanted)
    assert "max.message.bytes" in str(difference)
    await apply_topics(spine.brokers, wanted)
    assert await differences(spine.brokers, wanted) == []
    with pytest.raises(TopicChangeRefused, match="break their order"):
        await apply_topics(spine.brokers, {"test-kept": TopicSettings(partitions=3)})


async def test_a_service_refuses_topics_that_differ(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = declared_topics() | {TOPIC: TopicSettings(partitions=7)}
    monkeypatch.setattr("shared.kafka.topics.declared_topics", lambda: changed)
    with pytest.raises(TopicsDiffer, match="gleichfall topics apply"):
        await require_topics(spine.brokers, [TOPIC])


@pytest.mark.parametrize("error", [KafkaConnectionError("closed"), NodeNotReadyError("node 1")])
async def test_a_broker_that_goes_away_while_topics_are_looked_at_is_told_as_away(
    spine: Spine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def cut(*_: object) -> None:
        raise error

    monkeypatch.setattr(AIOKafkaAdminClient, "describe_configs", cut)
    with pytest.raises(KafkaUnreachable, match="does not answer"):
        await require_topics(spine.brokers, [TOPIC])


async def test_a_consumer_stops_when_everything_is_poison(spine: Spine) -> None:
    case, register = new_case(), Register()
    junk = KafkaMessage(case.encode(), [], b"junk")
    async with consuming(spine, register) as consumer:
        await send(spine, *[junk] * (MAX_DEAD_LETTERS * 2))
        await until(lambda: consumer.stopped is not None)
        assert "stopped" in str(consumer.stopped)
    assert len(await dead_letters(spine, case)) <= MAX_DEAD_LETTERS
