"""The real mechanism on a real PostgreSQL, with places at which it can be stopped.

Nothing of the product is replaced but Kafka. A crash is an exception that no code of the product
catches, raised at one of its named crash points: the transaction rolls back, nothing that follows
happens, and whoever raised it is thrown away, as it is when a process dies.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid5

import asyncpg
import pytest
import uvloop
from pydantic_core import from_json

from deploy.secrets.files import create_missing
from shared.configuration.places import SERVICES
from shared.crash_points import CrashPoint
from shared.dead_letters.store import State
from shared.events.catalogue.notification import NotificationSent
from shared.events.event import Event, new_event
from shared.events.vocabulary import Channel
from shared.kafka import burying, consumer, inbox, relay
from shared.kafka.consumer import Consumer
from shared.kafka.records import Record
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.secrets import SecretName, SecretStore
from tests.integration.spine_helpers import Refused
from tests.model.log import PARTITIONS, TOPIC, Content, Log, Member, partition_of
from tests.model.reference import Book, Case

CONSUMERS = ("controlling", "notify")
ROUND = 5
"""Records of a relay's round: few, so that rounds end between the events of a case."""

_DATABASE = "model"
_LIMIT = timedelta(seconds=60)
_MESSAGES = UUID("8d0a3a39-9a3c-4f8e-bb0e-1f6c5d6f0d11")
T = TypeVar("T")


class Crash(BaseException):
    """The process is gone."""


class Stall(StrEnum):
    """Where a process is frozen (SIGSTOP, a long pause of the host) while the world goes on."""

    POLLED = "polled"
    POSITIONS_READ = "positions_read"
    HANDLER = "handler"
    OFFSETS = "offsets"

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Fate:
    """What befalls one piece of work on its way; each thing once."""

    crash_at: CrashPoint | None = None
    passes: int = 1
    stall_at: Stall | None = None
    away_for: int | None = None
    """The partition whose handler loses the database."""

    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def pass_point(self, point: CrashPoint) -> None:
        if point is self.crash_at:
            self.passes -= 1
            if self.passes == 0:
                raise Crash

    async def reach(self, place: Stall) -> None:
        if place is self.stall_at:
            self.stall_at = None
            self.stalled.set()
            await self.woken.wait()


_FATE: ContextVar[Fate] = ContextVar("fate")


def _fate() -> Fate:
    return _FATE.get(None) or Fate()


@dataclass
class Process:
    """A consumer and its membership of the group; a crash loses both."""

    consumer: Consumer
    member: Member

    async def consume(self, records: Sequence[Record]) -> None:
        await _fate().reach(Stall.POLLED)
        await self.consumer.consume(records, self.member)


class _StallingMember(Member):
    async def commit(self, offsets: Any = None) -> None:
        await _fate().reach(Stall.OFFSETS)
        await super().commit(offsets)


@dataclass
class Sight:
    """Everything that the database holds."""

    books: dict[tuple[str, int], Book]
    outbox: dict[str, dict[int, Content]]
    hidden: list[str]
    """Parked events that no reading of their case would find."""


class Laboratory:
    """Runs pieces of the mechanism to their end, or to their crash, on an event loop of its own."""

    def __init__(
        self, runner: asyncio.Runner, owner: asyncpg.Connection, pools: dict[str, Pool]
    ) -> None:
        self.owner = owner
        self.pools = pools
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do a piece of work; one that hangs fails."""
        return self._runner.run(asyncio.wait_for(work, _LIMIT.total_seconds()))

    def attempt(self, work: Coroutine[Any, Any, T], fate: Fate | None = None) -> T | Crash:
        """Do a piece of work as its fate wants it; give its result or the crash."""

        async def end() -> T | Crash:
            [outcome] = await asyncio.gather(start(work, fate or Fate()), return_exceptions=True)
            if isinstance(outcome, BaseException) and not isinstance(outcome, Crash):
                raise outcome
            return outcome

        return self.run(end())

    def reset(self) -> None:
        tables = ("outbox", "stream_head", "inbox", "parked", "dead_letter", "effect")
        self.run(
            self.owner.execute(
                "".join(f"DELETE FROM {name}.{table};" for name in SERVICES for table in tables)
            )
        )

    def process(self, service: str, log: Log, refused: set[tuple[str, str]]) -> Process:
        """Start a consumer as its process does; events in `refused` break its handler."""
        handler = _handler(service, refused)
        made = Consumer(service, self.pools[service], {TOPIC: handler}, committed=lambda: None)
        return Process(made, _StallingMember(log, service))

    async def until_blocked(self, *tasks: asyncio.Task[Any]) -> None:
        """Wait until one of the tasks is done or waits for a lock that another one holds."""
        while not any(task.done() for task in tasks) and not await self.owner.fetchval(_BLOCKED):
            await asyncio.sleep(0.001)

    @contextmanager
    def rounds_of(self, records: int) -> Iterator[None]:
        """Let the relay take so many records at once."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(relay, "BATCH", records)
            yield

    def look(self) -> Sight:
        found = from_json(self.run(self.owner.fetchval(_LOOK)))
        books = {(name, at.partition): Book() for name in CONSUMERS for at in PARTITIONS}
        hidden = []
        for name in CONSUMERS:
            rows = found[name]

            def case(subject: str, name: str = name) -> Case:
                book = books[name, partition_of(subject.encode())]
                return book.cases.setdefault(subject, Case())

            for subject, last, _ in rows["inbox"]:
                case(subject).last = last
            for subject, event in rows["effect"]:
                case(subject).applied.append(event)
            for subject, sequence, offset in rows["parked"]:
                case(subject).waiting[sequence] = offset
            for partition, offset, state in rows["dead_letter"]:
                letters = books[name, partition].letters
                # Two letters about one record are one too many.
                letters[offset if offset not in letters else -offset] = State(state)
            shown = {subject for subject, _, parked in rows["inbox"] if parked}
            hidden += [f"{name}: {one[0]}" for one in rows["parked"] if one[0] not in shown]
        outbox = {name: _contents(found[name]["outbox"]) for name in SERVICES}
        return Sight(books, outbox, hidden)


def start(work: Coroutine[Any, Any, T], fate: Fate) -> asyncio.Task[T]:
    context = copy_context()
    context.run(_FATE.set, fate)
    return asyncio.create_task(work, context=context)


async def until_stalled(task: asyncio.Task[Any], fate: Fate) -> None:
    """Wait until a task stands where its fate wants it, or has ended without coming there."""
    stalled = asyncio.create_task(fate.stalled.wait())
    await asyncio.wait((task, stalled), return_when=asyncio.FIRST_COMPLETED)
    stalled.cancel()


def message_id(service: str, event: str) -> str:
    """Name what a service publishes about an event it applied."""
    return str(uuid5(_MESSAGES, f"{service}/{event}"))


def _handler(service: str, refused: set[tuple[str, str]]) -> consumer.Handler:
    async def handle(events: Sequence[Event], tx: Transaction) -> None:
        fate = _fate()
        await fate.reach(Stall.HANDLER)
        if fate.away_for == partition_of(events[0].subject.encode()):
            fate.away_for = None
            raise ConnectionResetError
        for event in events:
            if (service, event.id) in refused:
                raise Refused(event.id)
            facts = NotificationSent(
                message_id=message_id(service, event.id), message="a", channel=Channel.EMAIL
            )
            tx.publish(
                new_event(f"urn:gleichfall:{service}", event.subject, facts, time=event.time)
            )
        await tx.connection.execute(
            "INSERT INTO effect (id, subject) SELECT * FROM unnest($1::text[], $2::text[])",
            [event.id for event in events],
            [event.subject for event in events],
        )

    return handle


def _contents(rows: list[Any]) -> dict[int, Content]:
    def raw(text: str | None) -> bytes | None:
        return None if text is None else bytes.fromhex(text)

    return {
        number: Content(topic, raw(key), raw(headers) or b"", raw(value))
        for number, topic, key, headers, value in rows
    }


_BLOCKED = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)
"""
_ROWS = {
    "inbox": "jsonb_build_array(subject, last_sequence, parked)",
    "effect": "jsonb_build_array(subject, id) ORDER BY number",
    "parked": 'jsonb_build_array(subject, sequence, "offset")',
    "dead_letter": 'jsonb_build_array(partition, "offset", state) ORDER BY id',
    "outbox": "jsonb_build_array(id, topic, encode(key, 'hex'), encode(headers, 'hex'), "
    "encode(value, 'hex')) ORDER BY id",
}
_LOOK = "SELECT jsonb_build_object({})".format(
    ", ".join(
        f"'{name}', jsonb_build_object("
        + ", ".join(
            f"'{table}', (SELECT coalesce(jsonb_agg({columns}), '[]') FROM {name}.{table})"
            for table, columns in _ROWS.items()
        )
        + ")"
        for name in SERVICES
    )
)


@contextmanager
def laboratory(database_url: str, secrets: Path) -> Iterator[Laboratory]:
    """Set everything up in a database of its own, which is gone afterwards."""
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        pytest.MonkeyPatch.context() as patch,
        _silence(),
    ):
        _arm(patch)
        superuser = runner.run(asyncpg.connect(database_url))
        runner.run(superuser.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)"))
        runner.run(superuser.execute(f"CREATE DATABASE {_DATABASE}"))
        # No test here cuts PostgreSQL's power, and waiting for the disk is most of the time.
        runner.run(superuser.execute(f"ALTER DATABASE {_DATABASE} SET synchronous_commit = off"))
        try:
            url = urlunsplit(urlsplit(database_url)._replace(path=f"/{_DATABASE}"))
            owner, pools = runner.run(_open(url, secrets))
            try:
                yield Laboratory(runner, owner, pools)
            finally:
                owner.terminate()
                for pool in pools.values():
                    pool.terminate()
        finally:
            runner.run(superuser.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)"))
            runner.run(superuser.close())


async def _open(url: str, secrets: Path) -> tuple[asyncpg.Connection, dict[str, Pool]]:
    create_missing(secrets)
    await migrate(url, secrets)
    owner = await asyncpg.connect(url)
    pools = {}
    for name in SERVICES:
        await owner.execute(
            f"CREATE TABLE {name}.effect "
            "(number bigint GENERATED ALWAYS AS IDENTITY, id text, subject text)"
        )
        password = SecretStore(secrets).text(SecretName(f"{name}_database_password"))
        role_url = service_url(url, name, password.get_secret_value())
        pools[name] = await open_pool(role_url, service=name)
    return owner, pools


def _arm(patch: pytest.MonkeyPatch) -> None:
    """Let crash points and stalls ask the fate of the work; let failures cost no time."""

    def crash_point(point: CrashPoint) -> None:
        _fate().pass_point(point)

    for module in (consumer, relay, burying):
        patch.setattr(module, "crash_point", crash_point)
    patch.setattr(consumer, "BACKOFF", timedelta(0))
    patch.setattr(relay, "BATCH", ROUND)
    patch.setattr(inbox, "read_positions", _stalling(inbox.read_positions))


def _stalling(read: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    async def read_and_stall(*arguments: Any) -> T:
        found = await read(*arguments)
        await _fate().reach(Stall.POSITIONS_READ)
        return found

    return read_and_stall


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the failures that are made on purpose out of the report."""
    logger = logging.getLogger("shared")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
