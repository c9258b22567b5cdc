"""Faults, chosen by a seed: what is hit, how, and when."""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from threading import Thread

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from deploy.local.blocking import wait_for
from deploy.local.services import SHARED, Worker
from shared.configuration.places import SERVICES
from shared.crash_points import EXIT_CODE, CrashPoint
from shared.events.registry import Topic
from shared.postgres.errors import TRANSIENT
from tests.chaos import sockets
from tests.chaos.town import Town

FROZEN_SECONDS = 13.0
"""Longer than the session timeout: the group gives the process up while it still lives."""

DOWN_SECONDS = 1.5
LOCKED_SECONDS = 5.0
WRONG_CLOCK_SECONDS = 10.0
WRONG_BY = (timedelta(days=33), -timedelta(hours=2))
JOINS = 10
CONSUMER_POINTS = (
    CrashPoint.AFTER_POLL, CrashPoint.AFTER_INBOX, CrashPoint.BEFORE_COMMIT,
    CrashPoint.AFTER_COMMIT, CrashPoint.AFTER_OFFSETS, CrashPoint.DEAD_LETTER,
)  # fmt: skip
RELAY_POINTS = (
    CrashPoint.RELAY_AFTER_SEND, CrashPoint.RELAY_AFTER_ACK, CrashPoint.RELAY_BEFORE_DELETE,
)  # fmt: skip


class Kind(StrEnum):
    """What is done."""

    SIGKILL = "SIGKILL"
    SIGTERM = "SIGTERM"
    PAGES = "workbench SIGKILL"
    FREEZE = "SIGSTOP past the session timeout"
    CRASH = "crash point"
    SESSIONS = "database sessions terminated"
    POSTGRES = "PostgreSQL immediate restart"
    KAFKA = "Kafka SIGKILL and restart"
    CUT = "connections cut"
    REBALANCES = "rebalance storm"
    LOCK = "hot row locked"
    CLOCK = "restarted with a wrong clock"


# A storm of ten has one of each; the rest is drawn by these weights.
WEIGHTS = {
    Kind.SIGKILL: 8, Kind.SIGTERM: 3, Kind.PAGES: 3, Kind.FREEZE: 2, Kind.CRASH: 6,
    Kind.SESSIONS: 6, Kind.POSTGRES: 1, Kind.KAFKA: 1, Kind.CUT: 8, Kind.REBALANCES: 1,
    Kind.LOCK: 1, Kind.CLOCK: 1,
}  # fmt: skip
DISTURBANCES = frozenset({Kind.REBALANCES, Kind.LOCK})
"""They hold things up and end nothing; the others kill, freeze or cut, and count as kills."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the schedule; `at` is in seconds from the storm's begin."""

    at: float
    kind: Kind
    target: str = ""
    order: str = ""

    def __str__(self) -> str:
        return f"{self.at:5.1f} s  {self.kind.value} {self.target} {self.order}".rstrip()


def schedule(seed: int, kills: int, seconds: float, workers: Sequence[Worker]) -> list[Fault]:
    """Draw the faults of a storm, at least `kills` of them kills; the same seed gives the same."""
    chance = random.Random(seed)
    kinds = list(Kind)
    while sum(kind not in DISTURBANCES for kind in kinds) < kills:
        kinds += chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
    chance.shuffle(kinds)
    pause = seconds / len(kinds)
    return [
        _draw(chance, kind, (number + chance.uniform(0.2, 1.0)) * pause, workers)
        for number, kind in enumerate(kinds)
    ]


def _draw(chance: random.Random, kind: Kind, at: float, workers: Sequence[Worker]) -> Fault:
    relays = [worker.name for worker in workers if worker.service in SERVICES]
    consumers = [worker.name for worker in workers if worker.service in SHARED]
    if kind is Kind.CRASH:
        relay = chance.random() < 0.4
        target = chance.choice(relays if relay else consumers)
        point = chance.choice(RELAY_POINTS if relay else CONSUMER_POINTS)
        passes = 1 if point is CrashPoint.DEAD_LETTER else chance.randint(1, 20)
        return Fault(at, kind, target, f"{point}:{passes}")
    if kind is Kind.CLOCK:
        by = chance.choice(WRONG_BY)
        return Fault(at, kind, chance.choice(relays), str(by.total_seconds()))
    everybody = [worker.name for worker in workers]
    targets: Mapping[Kind, Sequence[str]] = {
        Kind.SIGKILL: everybody,
        Kind.SIGTERM: everybody,
        Kind.CUT: everybody,
        Kind.PAGES: ["workbench"],
        Kind.FREEZE: consumers,
        Kind.REBALANCES: ["controlling", "notify"],
        Kind.LOCK: SERVICES,
    }
    return Fault(at, kind, chance.choice(targets[kind]) if kind in targets else "")


class Trouble:
    """Does the faults to a town, and later undoes what must be undone."""

    def __init__(self, town: Town, seed: int, hot_case: str) -> None:
        self._town = town
        self._hot_case = hot_case
        self._chance = random.Random(seed + 2)
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._beside: list[Thread] = []

    def make(self, fault: Fault) -> None:
        ways: dict[Kind, Callable[[Fault], None]] = {
            Kind.SIGKILL: self._kill,
            Kind.PAGES: self._kill,
            Kind.SIGTERM: self._terminate,
            Kind.CRASH: self._crash,
            Kind.FREEZE: self._freeze,
            Kind.SESSIONS: lambda fault: wait_for(self._terminate_sessions(fault.target)),
            Kind.POSTGRES: lambda _: self._restart_postgres(),
            Kind.KAFKA: lambda _: self._restart_kafka(),
            Kind.CUT: self._cut,
            Kind.REBALANCES: lambda fault: self._run_beside(self._join_and_leave(fault.target)),
            Kind.LOCK: lambda fault: self._run_beside(self._lock(fault.target)),
            Kind.CLOCK: self._set_clock,
        }
        ways[fault.kind](fault)

    def undo_due(self) -> None:
        """Do what is due by now."""
        now = time.monotonic()
        for due, action in [entry for entry in self._later if entry[0] <= now]:
            self._later.remove((due, action))
            action()

    @property
    def pending(self) -> bool:
        """Whether something is still to be undone."""
        return bool(self._later) or any(thread.is_alive() for thread in self._beside)

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, action))

    def _kill(self, fault: Fault) -> None:
        self._end(fault.target, signal.SIGKILL, {-signal.SIGKILL})

    def _terminate(self, fault: Fault) -> None:
        self._end(fault.target, signal.SIGTERM, {0, -signal.SIGTERM})  # -15: still starting

    def _crash(self, fault: Fault) -> None:
        """End a process, so that the next one starts with the order to crash."""
        self._town.keepers[fault.target].order = fault.order
        self._kill(fault)

    def _set_clock(self, fault: Fault) -> None:
        """End a process, so that the next one starts with a wrong clock, and another later."""
        self._town.keepers[fault.target].clock = fault.order
        self._kill(fault)
        self._in(WRONG_CLOCK_SECONDS, lambda: self._terminate(fault))

    def _freeze(self, fault: Fault) -> None:
        process = self._town.keepers[fault.target].child.process
        process.send_signal(signal.SIGSTOP)
        self._in(FROZEN_SECONDS, lambda: process.send_signal(signal.SIGCONT))

    def _cut(self, fault: Fault) -> None:
        sockets.cut(self._town.keepers[fault.target].child.process.pid)

    def _run_beside(self, work: Coroutine[object, object, None]) -> None:
        thread = Thread(target=asyncio.run, args=(work,), daemon=True)
        self._beside.append(thread)
        thread.start()

    def _end(self, name: str, number: signal.Signals, codes: set[int]) -> None:
        keeper = self._town.keepers[name]
        if keeper.child.process.poll() is None:
            keeper.expected |= codes | {EXIT_CODE}
            keeper.child.process.send_signal(number)

    async def _terminate_sessions(self, service: str) -> None:
        """End half of the sessions, or all of one service."""
        try:
            owner = await asyncpg.connect(self._town.addresses.database_url, timeout=5)
        except TRANSIENT:
            return
        try:
            rows = await owner.fetch(_SESSIONS, f"gleichfall-{service}%")
            pids = [row["pid"] for row in rows]
            for pid in pids if service else self._chance.sample(pids, len(pids) // 2):
                await owner.execute("SELECT pg_terminate_backend($1)", pid)
        finally:
            await owner.close()

    async def _join_and_leave(self, group: str) -> None:
        """Let strangers join the consumer group, take partitions, do nothing and leave."""
        for _ in range(JOINS):
            stranger = AIOKafkaConsumer(
                Topic.CASE_EVENTS.value,
                bootstrap_servers=self._town.addresses.kafka_bootstrap_servers,
                group_id=group,
                enable_auto_commit=False,
                request_timeout_ms=5_000,
                partition_assignment_strategy=(StickyPartitionAssignor,),
            )
            try:
                async with asyncio.timeout(10):
                    await stranger.start()
                    await stranger.getmany(timeout_ms=500)
            except (KafkaError, OSError):  # TimeoutError is an OSError
                await asyncio.sleep(1)
            finally:
                # aiokafka cancels its own fetch and lets that out when the broker is away.
                with suppress(asyncio.CancelledError, KafkaError):
                    await stranger.stop()

    async def _lock(self, service: str) -> None:
        """Hold the row that everybody who works on the hot case must move on."""
        table = "stream_head" if service == "intake" else "inbox"
        try:
            owner = await asyncpg.connect(self._town.addresses.database_url, timeout=5)
            async with owner.transaction():
                query = f"SELECT FROM {service}.{table} WHERE subject = $1 FOR UPDATE"
                await owner.execute(query, self._hot_case)
                await asyncio.sleep(LOCKED_SECONDS)
            await owner.close()
        except (*TRANSIENT, asyncpg.PostgresError):
            return  # the database was hit meanwhile, which is another fault

    def _restart_postgres(self) -> None:
        postgres = self._town.infrastructure.postgres
        assert postgres is not None
        assert postgres.process is not None
        postgres.process.process.send_signal(signal.SIGQUIT)  # "immediate": as after a power cut
        postgres.process.process.wait()
        time.sleep(DOWN_SECONDS)
        postgres.start()

    def _restart_kafka(self) -> None:
        self._town.kill_kafka()
        time.sleep(DOWN_SECONDS)
        self._town.start_kafka()


_SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE $1 ORDER BY application_name, backend_start
"""
