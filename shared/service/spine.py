"""What every service runs beside its HTTP side: pool, relay and, if it consumes, a consumer."""

import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from types import MappingProxyType

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from pydantic import SecretBytes

from shared.clock import clock as clocks
from shared.clock.clock import Clock
from shared.events.errors import Defect
from shared.events.registry import CATALOGUE, Topic
from shared.held_items.holding import Holding, hold_items
from shared.kafka.brokers import Brokers
from shared.kafka.consumer import Consumer, Handler
from shared.kafka.errors import ConsumerSilent, KafkaUnreachable, PublishingHeldUp
from shared.kafka.progress import watch_progress
from shared.kafka.relay import Relay, RelayReport
from shared.kafka.rights import Right, require_rights, rights_of_service
from shared.kafka.subscription import keep_reading, subscribe
from shared.kafka.topics import require_topics
from shared.observe.gauges import CertificateUse
from shared.observe.health import Health, Heartbeat
from shared.observe.metrics import (
    BATCH_DURATION,
    BATCH_RECORDS,
    DEAD_LETTERS,
    EVENT_AGE,
    EVENTS_APPLIED,
    EVENTS_PUBLISHED,
    LOOP_FAILURES,
    RECORDS,
    RECORDS_POLLED,
    RECORDS_RELEASED,
    RELAY_FAILURES,
    RELAY_ROUND_DURATION,
    RELAY_SENT,
    EventTypeName,
    Loop,
    RecordOutcome,
)
from shared.postgres.backlogs import tell_backlogs, tell_books
from shared.postgres.errors import is_transient
from shared.postgres.keys import prove_keys
from shared.postgres.pool import Login, Pool, open_pool, reaching
from shared.postgres.retention import SPINE_STATEMENTS, Janitor, declared_retention
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName
from shared.service.database import require_database
from shared.service.looking import ROUND, SELDOM, Look, looking, tell_certificates
from shared.service.loops import Work, every, run_beside
from shared.service.settings import ServiceSettings

logger = logging.getLogger(__name__)

RELAY_LIMIT = timedelta(seconds=60)
CONSUMER_LIMIT = timedelta(seconds=120)
RETENTION_LIMIT = timedelta(hours=3)
CONSUMER_SILENCE = timedelta(seconds=15)
RETENTION_PERIOD = timedelta(hours=1)
RIGHTS_LOOK = timedelta(seconds=10)
RIGHTS_LIMIT = timedelta(minutes=3)

HandlersOf = Callable[[Clock], Mapping[Topic, Handler]]
"""Makes a service's handlers once its pool is open."""


@dataclass(frozen=True, slots=True)
class Spine:
    """A running service's connections; `committed` wakes its relay after a commit."""

    service: str
    pool: Pool
    committed: Callable[[], None]
    health: Health
    clock: Clock
    publishes: Collection[Topic] = ()
    consumes: Collection[Topic] = ()

    def holding(self, loop: Loop) -> Holding:
        """Give a loop what it sets items aside with."""
        return hold_items(self.pool, loop, self.health)

    def every(
        self, cadence: timedelta, work: Work, loop: Loop, limit: timedelta
    ) -> AbstractAsyncContextManager[None]:
        """Do `work` every so often beside the block; see `loops.every`."""
        rounds = every(cadence, work, loop=loop, health=self.health, limit=limit)
        return run_beside(self.health, loop, rounds.run(), stop=rounds.stop)

    def looking(
        self, settings: ServiceSettings, looks: Sequence[Look] = ()
    ) -> AbstractAsyncContextManager[None]:
        """Read beside the block how things stand: what every service tells, and `looks`."""
        certificates = tell_certificates(
            {
                CertificateUse.KAFKA_OURS: settings.kafka_ssl_certificate_file,
                CertificateUse.KAFKA_TRUSTED: settings.kafka_ssl_ca_file,
            }
        )
        books = partial(tell_books, self.pool, numbers=self.publishes, reaches=self.consumes)
        common = (
            Look(ROUND, partial(tell_backlogs, self.pool)),
            Look(SELDOM, books),
            Look(SELDOM, certificates),
        )
        return looking(self.health, self.pool, settings.secrets, [*common, *looks])


@asynccontextmanager
async def running_spine(
    service: str,
    settings: ServiceSettings,
    health: Health,
    *,
    publishes: tuple[Topic, ...],
    handlers: HandlersOf | None = None,
    retains: Mapping[str, str] = MappingProxyType({}),
    keys: Mapping[SecretName, SecretBytes | KeyRing] = MappingProxyType({}),
    requires: Callable[[Pool], Awaitable[None]] | None = None,
) -> AsyncIterator[Spine]:
    """Run relay and consumer until the block ends; then finish the batch, commit, leave the group.

    Args:
        service: The service's name: schema, role, consumer group.
        settings: Where everything is.
        health: Told of progress and needs.
        publishes: Topics the service writes.
        handlers: What consumes which topic; None for a service that consumes nothing.
        retains: By table of the service's own: the statement that empties old rows.
        keys: What prove themselves before anything is read.
        requires: What else the service asks of its database, or tells it, before that; raises what
            it refuses.

    Raises:
        KeyDiffers, TopicsDiffer: a key isn't the database's; a topic is not as declared.
        KafkaSettingsDisagree, KafkaRefuses, RightsMissing: Kafka doesn't let us, or never would.
        DatabaseUnreachable: PostgreSQL is away at the start, or goes away meanwhile.
        KafkaUnreachable: so is Kafka, and the service consumes; one that only publishes starts.
    """
    async with AsyncExitStack() as stack:
        login = settings.login(service)
        pool = await open_pool(login, service=service)
        stack.push_async_callback(pool.close)
        with reaching(login):
            await prove_keys(pool, service, keys)
            if requires is not None:
                await requires(pool)
        clock = Clock(pool, settings.longest_absence)
        consumed = handlers(clock) if handlers else {}
        _expect(publishes, consumed)
        brokers = settings.brokers
        needed = rights_of_service(publishes, consumed, service)
        await _check_kafka(brokers, {*publishes, *consumed}, needed, needed_now=bool(consumed))
        require_database(health, pool, login, service=service)
        holding = hold_items(pool, Loop.RELAY, health)
        relay = await _relay(stack, health, brokers, login, holding=holding, service=service)
        spine = Spine(service, pool, relay.wake, health, clock, publishes, consumed)
        await stack.enter_async_context(
            spine.every(clocks.LOOK, clock.require, Loop.CLOCK, clocks.LIMIT)
        )
        await stack.enter_async_context(_retaining(spine, retains))
        await stack.enter_async_context(_looking_at_rights(spine, brokers, needed))
        if consumed:
            await _consume(stack, spine, brokers, settings, consumed)
        yield spine


def _expect(publishes: Collection[Topic], consumed: Collection[Topic]) -> None:
    """Tell from the start of everything that can be counted on these topics."""
    EVENTS_PUBLISHED.expect(product(_types_on(publishes)))
    EVENTS_APPLIED.expect(product(_types_on(consumed)))
    for counted in (RECORDS_POLLED, RECORDS_RELEASED):
        counted.expect(product(consumed))
    for measured in (EVENT_AGE, BATCH_DURATION, BATCH_RECORDS):
        measured.expect(product(consumed))
    RECORDS.expect(product(consumed, RecordOutcome))
    DEAD_LETTERS.expect(product(consumed, Defect))


def _types_on(topics: Collection[Topic]) -> Iterator[EventTypeName]:
    return (EventTypeName(name) for name, one in CATALOGUE.items() if one.topic in topics)


async def _relay(
    stack: AsyncExitStack,
    health: Health,
    brokers: Brokers,
    login: Login,
    *,
    holding: Holding,
    service: str,
) -> Relay:
    """Send what waits in the outbox until the stack unwinds."""
    signs = RelaySigns(health.liveness.watch(Loop.RELAY, RELAY_LIMIT))
    health.readiness.require("publishing", signs.check)
    LOOP_FAILURES.of(Loop.RELAY)
    relay = Relay(
        brokers,
        login,
        service=service,
        holding=holding,
        on_round=signs.count_round,
        on_failure=signs.count_failure,
    )
    await stack.enter_async_context(run_beside(health, Loop.RELAY, relay.run(), stop=relay.stop))
    return relay


def _retaining(spine: Spine, retains: Mapping[str, str]) -> AbstractAsyncContextManager[None]:
    """Empty old rows beside the block."""
    statements = {**SPINE_STATEMENTS, **retains}
    janitor = Janitor(spine.pool, declared_retention().of(spine.service), statements)
    retain = spine.clock.sure(partial(_retain, janitor, spine.holding(Loop.RETENTION)))
    return spine.every(RETENTION_PERIOD, retain, Loop.RETENTION, RETENTION_LIMIT)


async def _check_kafka(
    brokers: Brokers, topics: Collection[Topic], needed: Collection[Right], *, needed_now: bool
) -> None:
    """Refuse what isn't as declared; what only publishes need not wait for a look.

    Its events are safe in the outbox, and the relay sends them once Kafka is back.
    """
    try:
        await require_rights(brokers, needed)
        await require_topics(
            brokers, [name for topic in topics for name in (topic.value, topic.dead_letter)]
        )
    except KafkaUnreachable as error:
        if needed_now:
            raise
        logger.warning("%s Events wait in the outbox until it does", error)


def _looking_at_rights(
    spine: Spine, brokers: Brokers, needed: Collection[Right]
) -> AbstractAsyncContextManager[None]:
    """See beside the block whether Kafka still lets us."""
    look = partial(_look_at_rights, brokers, needed)
    return spine.every(RIGHTS_LOOK, look, Loop.KAFKA_RIGHTS, RIGHTS_LIMIT)


async def _look_at_rights(brokers: Brokers, needed: Collection[Right]) -> None:
    """See whether Kafka still lets us; that it is away, others tell.

    Raises:
        KafkaRefuses, RightsMissing: it doesn't.
    """
    with suppress(KafkaUnreachable):
        await require_rights(brokers, needed)


async def _consume(
    stack: AsyncExitStack,
    spine: Spine,
    brokers: Brokers,
    settings: ServiceSettings,
    handlers: Mapping[Topic, Handler],
) -> None:
    health = spine.health
    heartbeat = health.liveness.watch(Loop.CONSUMER, CONSUMER_LIMIT)
    LOOP_FAILURES.of(Loop.CONSUMER)
    consumer = Consumer(
        spine.service,
        spine.pool,
        {topic.value: handler for topic, handler in handlers.items()},
        committed=spine.committed,
        progressed=heartbeat.beat,
        max_dead_letters=settings.max_dead_letters,
    )
    health.readiness.require("consumer", ConsumerSigns(consumer, heartbeat).check)

    def subscription() -> KafkaBroker:
        return subscribe(
            brokers,
            [topic.value for topic in handlers],
            consumer,
            instance=settings.instance,
        )

    def watch(kafka: AIOKafkaConsumer) -> Coroutine[object, object, None]:
        return watch_progress(kafka, consumer.applied, heartbeat.beat)

    reading = keep_reading(subscription, watch)
    await stack.enter_async_context(run_beside(health, Loop.CONSUMER, reading))


class RelaySigns:
    """What a relay tells of itself: that it lives, what it sent, whether it can publish."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._failure: Exception | None = None

    def count_round(self, done: RelayReport) -> None:
        """Count what was sent; a round without work is a sign of life, too."""
        self._heartbeat.beat()
        self._failure = None
        if done.sent:
            RELAY_SENT.inc(done.sent)
            RELAY_ROUND_DURATION.observe(done.duration.total_seconds())

    def count_failure(self, error: Exception) -> None:
        """Count failures. What keeps trying is alive: a restart doesn't bring Kafka back."""
        self._heartbeat.beat()
        self._failure = error
        RELAY_FAILURES.inc()
        if not (is_transient(error) or isinstance(error, KafkaError)):
            LOOP_FAILURES.of(Loop.RELAY).inc()

    async def check(self) -> None:
        """Be ready unless the last attempt failed.

        Raises:
            PublishingHeldUp: it did.
        """
        if self._failure is not None:
            raise PublishingHeldUp(self._failure)


@dataclass(frozen=True, slots=True)
class ConsumerSigns:
    """What a consumer and its heartbeat tell of it."""

    consumer: Consumer
    heartbeat: Heartbeat

    async def check(self) -> None:
        """Be ready unless the consumer has stopped, is held up, or hears nothing from Kafka.

        Raises:
            TooManyDeadLetters, RecordsHeldUp: the consumer says so itself.
            ConsumerSilent: it neither reads nor hears that there is nothing to read.
        """
        await self.consumer.check()
        if self.heartbeat.silence > CONSUMER_SILENCE:
            raise ConsumerSilent(self.heartbeat.silence)


async def _retain(janitor: Janitor, holding: Holding) -> None:
    passed_over = await holding.look()
    for table in janitor.tables - passed_over:
        async with holding.item(table):
            await janitor.enforce(table)
