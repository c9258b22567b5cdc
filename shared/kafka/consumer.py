"""The consumer: one database transaction per partition and batch, offsets after it.

Poll, decode, dedupe, transaction and commit happen here and nowhere else. A handler sees events
in order, each once, and an open transaction.
"""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from shared.crash_points import CrashPoint, crash_point
from shared.errors import TransientError
from shared.events.catalogue.case import EventDiscarded
from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka import inbox
from shared.kafka.burying import TooManyDeadLetters, bury
from shared.kafka.errors import BatchSlow, RecordsHeldUp
from shared.kafka.records import Poison, Received, read
from shared.kafka.sequencing import Arrangement, arrange, waiting_for
from shared.observe.metrics import (
    BATCH_DURATION,
    BATCH_RECORDS,
    DEAD_LETTERS,
    EVENT_AGE,
    EVENTS_APPLIED,
    RECORDS,
    RECORDS_POLLED,
    RECORDS_RELEASED,
    EventTypeName,
    RecordOutcome,
)
from shared.observe.tracing import batch_span
from shared.observe.way import Station, Step
from shared.postgres.errors import TRANSIENT
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Sequence[Event], Transaction], Awaitable[None]]
Item: TypeAlias = Received | Poison

ATTEMPTS = 3
BACKOFF = timedelta(milliseconds=200)
MAX_BACKOFF = timedelta(seconds=10)
MAX_CONSECUTIVE_DEAD_LETTERS = 100
SLOW = timedelta(seconds=10)
COMMIT_LIMIT = timedelta(seconds=10)
READ_AT_ONCE = 64
PARTITIONS_AT_ONCE = 3
"""One is read while the database works on two; more would only fill the memory."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """Applies records of some topics to one service's schema."""

    def __init__(
        self,
        name: str,
        pool: Pool,
        handlers: Mapping[str, Handler],
        *,
        committed: Callable[[], None],
        progressed: Callable[[], None] = lambda: None,
        max_dead_letters: int = MAX_CONSECUTIVE_DEAD_LETTERS,
    ) -> None:
        """Wire a consumer.

        Args:
            name: The service's name; stands on dead letters.
            pool: Connections as the service's role.
            handlers: One handler per topic.
            committed: Called after each commit, e.g. to wake the relay.
            progressed: Called after each batch, as a sign of life.
            max_dead_letters: Dead letters in a row after which the consumer stops.
        """
        self.name = name
        self.stopped: TooManyDeadLetters | None = None
        self.applied: dict[TopicPartition, int] = {}
        self._pool = pool
        self._handlers = handlers
        self._committed = committed
        self._progressed = progressed
        self._max_dead_letters = max_dead_letters
        self._dead_in_a_row: dict[TopicPartition, int] = defaultdict(int)
        self._failures = 0
        self._held_up: TransientError | None = None
        self._at_work: tuple[float, int] | None = None
        self._at_once = asyncio.Semaphore(PARTITIONS_AT_ONCE)
        self._reading = asyncio.Lock()
        self._idle = asyncio.Event()
        self._idle.set()

    async def consume(self, raw: Sequence[ConsumerRecord], consumer: AIOKafkaConsumer) -> None:
        """Apply one poll's records; never raises, never skips: what failed is polled again."""
        self._idle.clear()
        self._at_work = time.monotonic(), len(raw)
        try:
            failed = await self._consume(raw, consumer)
            if self.stopped is None:
                self._progressed()
        finally:
            self._at_work = None
            self._idle.set()
        # Nothing is in flight while it waits: a rebalance need not.
        await self._back_off(failed=failed)

    async def check(self) -> None:
        """Be ready unless stopped or held up.

        Raises:
            TooManyDeadLetters: the consumer gave up; it says on what.
            RecordsHeldUp: the last batch could not be applied.
            BatchSlow: the one at hand takes too long.
        """
        self._refuse_if_stopped()
        if self._held_up is not None:
            raise self._held_up.with_traceback(None)
        if self._at_work is not None:
            began, records = self._at_work
            if (duration := timedelta(seconds=time.monotonic() - began)) > SLOW:
                raise BatchSlow(records, duration)

    def _refuse_if_stopped(self) -> None:
        if self.stopped is not None:
            raise self.stopped.with_traceback(None)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the batch in flight end and commit before the partitions move on."""
        if revoked:
            await self._idle.wait()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Forget the past of partitions that come back, and what held those up that went."""
        self._held_up = None
        for partition in assigned:
            self._dead_in_a_row.pop(partition, None)
            self.applied.pop(partition, None)

    async def _consume(self, raw: Sequence[ConsumerRecord], consumer: AIOKafkaConsumer) -> bool:
        """Apply each partition's records, commit what was applied; tells whether some failed."""
        partitions: dict[TopicPartition, list[ConsumerRecord]] = defaultdict(list)
        for record in raw:
            partitions[TopicPartition(record.topic, record.partition)].append(record)
        crash_point(CrashPoint.AFTER_POLL)
        outcomes = await asyncio.gather(
            *(self._partition(partition, records) for partition, records in partitions.items()),
            return_exceptions=True,
        )
        offsets: dict[TopicPartition, int] = {}
        failed = False
        for (partition, records), outcome in zip(partitions.items(), outcomes, strict=True):
            if outcome is None:
                offsets[partition] = records[-1].offset + 1
                continue
            if not isinstance(outcome, Exception):
                raise outcome
            failed = True
            self._rewind(consumer, partition, records[0].offset, outcome)
        self.applied.update(offsets)
        await self._commit(consumer, offsets)
        return failed

    async def _partition(self, partition: TopicPartition, raw: Sequence[ConsumerRecord]) -> None:
        topic = Topic(partition.topic)
        RECORDS_POLLED.of(topic).inc(len(raw))
        BATCH_RECORDS.of(topic).observe(len(raw))
        async with self._at_once:
            self._refuse_if_stopped()
            with BATCH_DURATION.of(topic).time():
                await self._apply(partition, await self._read(raw))
        self._committed()

    async def _read(self, raw: Sequence[ConsumerRecord]) -> list[Item]:
        """Read one partition's records after another's, while the database works on those."""
        items: list[Item] = []
        async with self._reading:
            for first in range(0, len(raw), READ_AT_ONCE):
                items += map(read, raw[first : first + READ_AT_ONCE])
                await asyncio.sleep(0)
        return items

    async def _apply(self, partition: TopicPartition, items: Sequence[Item]) -> None:
        """Apply items in one transaction; if an item is at fault, find it and bury it alone."""
        try:
            await self._transaction(partition, items)
        except (*TRANSIENT, TransientError, TooManyDeadLetters):
            raise
        except Exception as error:
            if len(items) == 1:
                await self._apply_alone(partition, items[0], error)
                return
            logger.warning("a batch failed; isolating the record at fault", exc_info=error)
            half = len(items) // 2
            await self._apply(partition, items[:half])
            await self._apply(partition, items[half:])

    async def _apply_alone(self, partition: TopicPartition, item: Item, error: Exception) -> None:
        """Try one record a few times on its own, then give up on it."""
        if isinstance(item, Poison):
            raise error
        for attempt in range(2, ATTEMPTS + 1):
            await asyncio.sleep(BACKOFF.total_seconds() * attempt)
            try:
                await self._transaction(partition, [item], release=False)
            except (*TRANSIENT, TransientError, TooManyDeadLetters):
                raise
            except Exception as again:  # noqa: BLE001 - any refusal counts
                error = again
                continue
            await self._release_one_by_one(partition, item.event.subject)
            return
        refusal = EventError(
            Defect.HANDLER_REFUSED, FieldError("event", f"{type(error).__name__} in the handler")
        )
        logger.error("gave up on a record", exc_info=error)
        await self._transaction(partition, [Poison(item.record, refusal, ATTEMPTS)], refused=[item])

    async def _release_one_by_one(self, partition: TopicPartition, subject: str) -> None:
        """Apply what waited behind an event that went through only on its own."""
        while True:
            async with self._pool.acquire() as connection:
                positions = await inbox.read_positions(connection, partition.topic, [subject])
                parked = await inbox.read_parked(connection, partition.topic, [subject])
            following = parked.get(subject, {}).get(positions[subject].last_sequence + 1)
            if following is None:
                return
            await self._apply(partition, [following])

    async def _transaction(
        self,
        partition: TopicPartition,
        items: Sequence[Item],
        *,
        release: bool = True,
        refused: Sequence[Received] = (),
    ) -> None:
        topic = partition.topic
        received = [item for item in items if isinstance(item, Received)]
        poison = [item for item in items if isinstance(item, Poison)]
        run = self._check_run(partition, items) if poison else 0
        subjects = {item.event.subject for item in received}
        async with self._pool.acquire() as connection, connection.transaction():
            positions = await inbox.read_positions(connection, topic, subjects)
            waiting = waiting_for(received, positions) if release else ()
            parked = await inbox.read_parked(connection, topic, waiting)
            arrangement = arrange(received, positions, parked)
            await inbox.advance(connection, topic, arrangement, positions)
            crash_point(CrashPoint.AFTER_INBOX)
            transaction = Transaction(connection)
            # What an operator discarded takes its place in the order and does nothing.
            events = [
                item.event
                for item in arrangement.apply
                if type(item.event.data) is not EventDiscarded
            ]
            transaction.reach(_steps(Station.APPLIED, events))
            transaction.reach(_steps(Station.PARKED, [item.event for item in arrangement.park]))
            transaction.reach(_steps(Station.GIVEN_UP, [item.event for item in refused]))
            if events:
                with batch_span(f"apply {topic}", (event.traceparent for event in events)):
                    await self._handlers[topic](events, transaction)
            await bury(connection, self.name, poison)
            given_up = {item.event.subject: item.event.sequence for item in refused}
            await inbox.forget(connection, topic, given_up)
            await transaction.flush()
            crash_point(CrashPoint.BEFORE_COMMIT)
        crash_point(CrashPoint.AFTER_COMMIT)
        transaction.tell()
        self._dead_in_a_row[partition] = run
        _count(Topic(topic), arrangement, poison)

    def _check_run(self, partition: TopicPartition, items: Sequence[Item]) -> int:
        """Count dead letters in a row through a batch; gives the count at its end."""
        run = self._dead_in_a_row[partition]
        for item in items:
            run = run + 1 if isinstance(item, Poison) else 0
            if isinstance(item, Poison) and run > self._max_dead_letters:
                self.stopped = TooManyDeadLetters(self.name, partition.topic, run, item)
                logger.critical(str(self.stopped))
                raise self.stopped
        return run

    def _rewind(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int, error: Exception
    ) -> None:
        logger.warning(
            "batch not applied; it will be read again",
            extra={"topic": partition.topic, "partition": partition.partition, "offset": offset},
            exc_info=None if error is self.stopped else error,
        )
        self._held_up = RecordsHeldUp(partition.topic, error)
        try:
            consumer.seek(partition, offset)
        except (IllegalStateError, KafkaError):
            logger.info("partition was taken away meanwhile; its new owner reads the batch")

    async def _commit(
        self, consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]
    ) -> None:
        """Commit explicit offsets; without them the batch is only read again and dropped."""
        mine = {
            partition: offset
            for partition, offset in offsets.items()
            if partition in consumer.assignment()
        }
        if not mine:
            return
        try:
            # A client that has lost a routine of its own waits for its coordinator for ever.
            async with asyncio.timeout(COMMIT_LIMIT.total_seconds()):
                await consumer.commit(mine)
        except (
            CommitFailedError,
            IllegalStateError,
            KafkaError,
            RuntimeError,
            TimeoutError,
        ) as error:
            # RuntimeError: uvloop's, on writing to a cut connection (aiokafka #1038).
            logger.warning("offsets not committed; the inbox drops repeats", exc_info=error)
            return
        crash_point(CrashPoint.AFTER_OFFSETS)

    async def _back_off(self, *, failed: bool) -> None:
        """Slow down while the database or a handler's peer is away: natural back-pressure."""
        if not failed:
            self._failures, self._held_up = 0, None
            return
        self._failures += 1
        delay = min(MAX_BACKOFF, BACKOFF * 2 ** min(self._failures, 10))
        await asyncio.sleep(delay.total_seconds())


def _steps(station: Station, events: Sequence[Event]) -> list[Step]:
    return [
        Step(station, one.subject, one.id, one.data.event_type, one.traceparent) for one in events
    ]


def _count(topic: Topic, arrangement: Arrangement, poison: Sequence[Poison]) -> None:
    """Tell the metrics what became of the records of a committed batch."""
    released = len(arrangement.released)
    RECORDS.of(topic, RecordOutcome.APPLIED).inc(len(arrangement.apply) - released)
    RECORDS.of(topic, RecordOutcome.DUPLICATE).inc(arrangement.duplicates)
    RECORDS.of(topic, RecordOutcome.PARKED).inc(len(arrangement.park))
    RECORDS.of(topic, RecordOutcome.DEAD_LETTERED).inc(len(poison))
    RECORDS_RELEASED.of(topic).inc(released)
    for name, amount in Counter([one.event.data.event_type for one in arrangement.apply]).items():
        EVENTS_APPLIED.of(EventTypeName(name)).inc(amount)
    now, age = time.time(), EVENT_AGE.of(topic)
    for one in arrangement.apply:
        age.observe(max(0.0, now - one.record.timestamp / 1000))  # two machines, two clocks
    for item in poison:
        DEAD_LETTERS.of(topic, item.error.defect).inc()
