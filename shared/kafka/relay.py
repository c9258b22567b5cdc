"""The relay: publishes the outbox in order and deletes what the broker acknowledged.

One relay at a time per service: it holds a session lock on a connection of its own, which
PostgreSQL releases when the process dies. It selects by id and deletes by id; it never remembers
a cursor, because a smaller id may commit later.
"""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from shared.crash_points import CrashPoint, crash_point
from shared.errors import PermanentError, TransientError
from shared.events.registry import CATALOGUE, Topic
from shared.held_items.holding import Holding
from shared.kafka.batching import Producer, parcel
from shared.kafka.brokers import Brokers
from shared.kafka.clients import cut_off
from shared.kafka.errors import (
    BatchTooLarge,
    KafkaConfirmsNothing,
    RecordTooLarge,
    RowUnreadable,
)
from shared.observe import way
from shared.observe.metrics import EVENTS_PUBLISHED, EventTypeName
from shared.observe.way import Station, Step
from shared.postgres.errors import TRANSIENT
from shared.postgres.outbox import QUERIES, OutboxRecord, unpack_headers
from shared.postgres.pool import Connection, Login, connect

logger = logging.getLogger(__name__)

BATCH = 2_000
IDLE = timedelta(milliseconds=100)
ROUND_TIMEOUT = timedelta(seconds=15)
BACKOFF = timedelta(seconds=1)
LOOK = timedelta(seconds=1)
"""How often it looks what operators have settled."""
_BATCH_BYTES = 256 * 1024
_TOPICS = frozenset(topic.value for topic in Topic)
_SAID = ("ce_subject", "ce_id", "ce_type")
_RELAY_LOCK = 0x72656C61


class RoundFailed(TransientError):
    """Not every record of a round was acknowledged; the rest is sent again.

    Attributes:
        never: By row, why Kafka will never have it: what stands behind it waits for an operator.
        too_large: Why a batch was refused whose records may go one by one.
    """

    def __init__(
        self,
        sent: int,
        failed: int,
        never: Mapping[int, PermanentError],
        too_large: BatchTooLarge | None,
    ) -> None:
        super().__init__(
            f"the broker acknowledged {sent} records and not {failed}; they are sent again"
        )
        self.never = never
        self.too_large = too_large


@dataclass(frozen=True, slots=True)
class Aside:
    """The rows that a relay passes over.

    Attributes:
        held: What has their key waits behind them, so that its order survives.
        dismissed: An operator gave them up; what has their key goes on.
    """

    held: Sequence[int] = ()
    dismissed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class RelayReport:
    """What one round did."""

    sent: int
    duration: timedelta


NOTHING = Aside()


class Relay:
    """Publishes one service's outbox."""

    def __init__(
        self,
        brokers: Brokers,
        login: str | Login,
        *,
        service: str,
        holding: Holding,
        on_round: Callable[[RelayReport], None] = lambda _: None,
        on_failure: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        """Wire a relay.

        `on_round` hears of each round, also of empty ones, and `on_failure` of each attempt that
        failed: both are signs of life.
        """
        self._brokers = brokers
        self._login = login
        self._service = service
        self._holding = holding
        self._aside = NOTHING
        self._look_next = -math.inf
        self._batch_bytes = _BATCH_BYTES
        self._on_round = on_round
        self._on_failure = on_failure
        self._wake = asyncio.Event()
        self._stopped = asyncio.Event()

    def wake(self) -> None:
        """Say that something was committed; in-process, for NOTIFY locks every commit."""
        self._wake.set()

    def stop(self) -> None:
        """End after the round in flight."""
        self._stopped.set()
        self._wake.set()

    async def run(self) -> None:
        """Publish until stopped; whatever fails is logged, waited out and tried again."""
        while not self._stopped.is_set():
            try:
                await self._session()
            except Exception as error:
                logger.warning("relay interrupted; it starts again", exc_info=error)
                self._on_failure(error)
                await self._back_off()

    async def _session(self) -> None:
        connection = await connect(
            self._login,
            timeout=10,
            command_timeout=30,
            server_settings={
                "application_name": f"gleichfall-{self._service}-relay",
                "search_path": self._service,
            },
        )
        try:
            while not await self._lead(connection):
                self._on_round(RelayReport(0, timedelta(0)))
                await self._back_off()
                if self._stopped.is_set():
                    return
            await self._publish(connection)
        finally:
            await self._close(connection)

    async def _lead(self, connection: asyncpg.Connection) -> bool:
        return bool(await connection.fetchval(QUERIES["lead"], _RELAY_LOCK, self._service))

    async def _publish(self, connection: asyncpg.Connection) -> None:
        """Send round after round with a producer of its own, made anew after every failure."""
        producer = AIOKafkaProducer(
            **self._brokers.arguments,
            client_id=f"gleichfall-{self._service}-relay",
            enable_idempotence=True,
            acks="all",
            max_batch_size=self._batch_bytes,
            max_request_size=2 * 1024 * 1024,
        )
        try:
            await producer.start()
            while not self._stopped.is_set():
                self._wake.clear()
                if await self._round(connection, producer) < BATCH:
                    await self._rest()
        finally:
            await _end(producer)

    async def _round(self, connection: asyncpg.Connection, producer: Producer) -> int:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if began >= self._look_next:
            await self._look()
            self._look_next = began + LOOK.total_seconds()
        try:
            sent = await send_round(connection, producer, self._aside)
        except RoundFailed as failed:
            await self._learn(failed)
            raise
        await self._holding.done(map(str, sent))
        self._on_round(RelayReport(len(sent), timedelta(seconds=loop.time() - began)))
        return len(sent)

    async def _look(self) -> None:
        """See which rows to pass over."""
        passed = await self._holding.look()
        dismissed = self._holding.dismissed
        self._aside = Aside([*map(int, passed - dismissed)], [*map(int, dismissed)])

    async def _learn(self, failed: RoundFailed) -> None:
        """Set aside what Kafka will never have; send one by one where batches are too large."""
        if failed.too_large:
            self._batch_bytes = 1
        for row, why in failed.never.items():
            await self._holding.hold(str(row), why)
        self._look_next = -math.inf

    async def _rest(self) -> None:
        """Wait for work; a commit cuts it short."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), IDLE.total_seconds())

    async def _back_off(self) -> None:
        """Wait before trying again; commits don't cut it short, or a busy service would spin."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), BACKOFF.total_seconds())

    async def _close(self, connection: asyncpg.Connection) -> None:
        try:
            await connection.close(timeout=5)
        except (*TRANSIENT, asyncpg.PostgresError):
            connection.terminate()


async def send_round(
    connection: Connection, producer: Producer, aside: Aside = NOTHING
) -> list[int]:
    """Send the oldest records once and delete what the broker acknowledged; gives their ids.

    Raises:
        RoundFailed: some were not acknowledged; they and what follows them stay.
        KafkaConfirmsNothing: the broker did not answer; all of them stay.
    """
    began_at = time.time_ns()
    rows = await connection.fetch(QUERIES["read"], BATCH, aside.held, aside.dismissed)
    if not rows:
        return []
    # An idempotent send waits for ever while the broker is away, so the round has an end.
    try:
        async with asyncio.timeout(ROUND_TIMEOUT.total_seconds()):
            outcomes = await _send(producer, rows)
    except TimeoutError:
        raise KafkaConfirmsNothing(ROUND_TIMEOUT) from None
    acknowledged = _acknowledged(rows, outcomes)
    crash_point(CrashPoint.RELAY_BEFORE_DELETE)
    await connection.execute(QUERIES["delete_sent"], acknowledged)
    published = _published(rows, acknowledged)
    way.tell(published, began_at)
    _count(published)
    if len(acknowledged) < len(rows):
        too_large = next((one for one in outcomes if isinstance(one, BatchTooLarge)), None)
        failed = len(rows) - len(acknowledged)
        raise RoundFailed(len(acknowledged), failed, _never(rows, outcomes), too_large)
    return acknowledged


async def _end(producer: AIOKafkaProducer) -> None:
    """Give a producer up: what it holds stands in the outbox and is sent by the next one."""
    producer._closed = True
    await cut_off(producer.client, producer._sender.sender_task)


async def _send(producer: Producer, rows: Sequence[asyncpg.Record]) -> list[object | BaseException]:
    """Hand all rows to the producer in order and wait for the broker's word on each.

    A row that can't be read isn't handed over, nor what stands behind it.
    """
    records = _records(rows)
    readable = [one for one in records if isinstance(one, OutboxRecord)]
    parcels, held_by = await parcel(producer, readable)
    futures = [
        await producer.send_batch(one.batch, one.topic, partition=one.partition) for one in parcels
    ]
    crash_point(CrashPoint.RELAY_AFTER_SEND)
    words = await asyncio.gather(*futures, return_exceptions=True)
    crash_point(CrashPoint.RELAY_AFTER_ACK)
    together = Counter(held_by)
    outcomes = iter(
        [_outcome(one, words[at], together[at]) for one, at in zip(readable, held_by, strict=True)]
    )
    return [next(outcomes) if isinstance(one, OutboxRecord) else one for one in records]


def _records(rows: Sequence[asyncpg.Record]) -> list[OutboxRecord | RowUnreadable]:
    """Read rows; what stands behind one that can't be read isn't, either."""
    unreadable: dict[tuple[str, bytes | None], RowUnreadable] = {}
    records: list[OutboxRecord | RowUnreadable] = []
    for row in rows:
        key = row["topic"], row["key"]
        if key not in unreadable:
            try:
                headers = unpack_headers(row["headers"])
            except (ValueError, TypeError, AttributeError) as error:
                unreadable[key] = RowUnreadable(row["id"], error)
            else:
                records.append(OutboxRecord(*key, headers, row["value"], row["written"]))
                continue
        records.append(unreadable[key])
    return records


def _outcome(record: OutboxRecord, word: object, together: int) -> object | BaseException:
    """Say what became of a record: a batch's word is about it where it was alone in there."""
    if not isinstance(word, MessageSizeTooLargeError):
        return word
    if together > 1:
        return BatchTooLarge(record.topic)
    return RecordTooLarge(record.topic, len(record.value or b""))


def _never(
    rows: Sequence[asyncpg.Record], outcomes: Sequence[object | BaseException]
) -> dict[int, PermanentError]:
    """Give what Kafka will never have, where nothing of its key comes before it."""
    failed: set[tuple[str, bytes | None]] = set()
    never = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        key = row["topic"], row["key"]
        if isinstance(outcome, PermanentError) and key not in failed:
            never[row["id"]] = outcome
        if isinstance(outcome, BaseException):
            failed.add(key)
    return never


def _acknowledged(
    rows: Sequence[asyncpg.Record], outcomes: Sequence[object | BaseException]
) -> list[int]:
    """Give the ids to delete: per key only up to the first failure, so that order survives."""
    failed: set[tuple[str, bytes | None]] = set()
    acknowledged: list[int] = []
    for row, outcome in zip(rows, outcomes, strict=True):
        key = (row["topic"], row["key"])
        if isinstance(outcome, BaseException):
            failed.add(key)
        elif key not in failed:
            acknowledged.append(row["id"])
    return acknowledged


def _published(rows: Sequence[asyncpg.Record], acknowledged: Sequence[int]) -> list[Step]:
    """Give the steps of events; none of dead letters, nor of what doesn't say what it is."""
    done = frozenset(acknowledged)
    steps = []
    for row in rows:
        if row["id"] in done and row["topic"] in _TOPICS:
            said = dict(unpack_headers(row["headers"]))
            named = [raw.decode(errors="replace") for name in _SAID if (raw := said.get(name))]
            if len(named) == len(_SAID):
                subject, event_id, what = named
                trace = said.get("ce_traceparent")
                traceparent = trace.decode(errors="replace") if trace else None
                steps.append(Step(Station.PUBLISHED, subject, event_id, what, traceparent))
    return steps


def _count(published: Sequence[Step]) -> None:
    """Tell the metrics what Kafka has now."""
    for name, amount in Counter(step.what for step in published).items():
        if name in CATALOGUE:
            EVENTS_PUBLISHED.of(EventTypeName(name)).inc(amount)
