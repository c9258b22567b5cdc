"""Faults, chosen by a seed: what is hit, how, and when."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from deploy.local.blocking import wait_for
from shared.failure.crash_points import EXIT_CODE, CrashPoint
from shared.postgres.errors import TRANSIENT
from tests.chaos.town import Town

FROZEN_SECONDS = 13.0
"""Longer than the session timeout: the group gives the process up while it still lives."""

DOWN_SECONDS = 1.5
CONSUMERS = ("controlling", "controlling-2", "notify", "notify-2")
SERVICES = ("intake", *CONSUMERS)
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
    FREEZE = "SIGSTOP past the session timeout"
    CRASH = "crash point"
    SESSIONS = "database sessions terminated"
    POSTGRES = "PostgreSQL immediate restart"
    KAFKA = "Kafka SIGKILL and restart"


# Every storm has one of each; the rest is drawn by these weights.
WEIGHTS = {Kind.SIGKILL: 4, Kind.SIGTERM: 2, Kind.FREEZE: 1, Kind.CRASH: 4, Kind.SESSIONS: 2,
           Kind.POSTGRES: 1, Kind.KAFKA: 1}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the schedule; `at` is in seconds from the storm's begin."""

    at: float
    kind: Kind
    target: str = ""
    order: str = ""

    def __str__(self) -> str:
        return f"{self.at:5.1f} s  {self.kind.value} {self.target} {self.order}".rstrip()


def schedule(seed: int, amount: int, seconds: float) -> list[Fault]:
    """Draw the faults of a storm; the same seed gives the same."""
    chance = random.Random(seed)
    kinds = list(Kind)[:amount]
    kinds += chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=amount - len(kinds))
    chance.shuffle(kinds)
    pause = seconds / max(1, amount)
    return [
        _draw(chance, kind, (number + chance.uniform(0.2, 1.0)) * pause)
        for number, kind in enumerate(kinds)
    ]


def _draw(chance: random.Random, kind: Kind, at: float) -> Fault:
    match kind:
        case Kind.SIGKILL | Kind.SIGTERM:
            return Fault(at, kind, chance.choice(SERVICES))
        case Kind.FREEZE:
            return Fault(at, kind, chance.choice(CONSUMERS))
        case Kind.CRASH:
            relay = chance.random() < 0.4
            target = chance.choice(SERVICES if relay else CONSUMERS)
            point = chance.choice(RELAY_POINTS if relay else CONSUMER_POINTS)
            passes = 1 if point is CrashPoint.DEAD_LETTER else chance.randint(1, 20)
            return Fault(at, kind, target, f"{point}:{passes}")
    return Fault(at, kind)


class Trouble:
    """Does the faults to a town, and later undoes what must be undone."""

    def __init__(self, town: Town, seed: int) -> None:
        self._town = town
        self._chance = random.Random(seed + 2)
        self._later: list[tuple[float, Callable[[], None]]] = []

    def make(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.SIGKILL:
                self._end(fault.target, signal.SIGKILL, {-signal.SIGKILL})
            case Kind.SIGTERM:
                self._end(fault.target, signal.SIGTERM, {0, -signal.SIGTERM})  # -15: still starting
            case Kind.CRASH:
                self._town.keepers[fault.target].order = fault.order
                self._end(fault.target, signal.SIGKILL, {-signal.SIGKILL})
            case Kind.FREEZE:
                process = self._town.keepers[fault.target].child.process
                process.send_signal(signal.SIGSTOP)
                self._in(FROZEN_SECONDS, lambda: process.send_signal(signal.SIGCONT))
            case Kind.SESSIONS:
                wait_for(self._terminate_sessions())
            case Kind.POSTGRES:
                self._restart_postgres()
            case Kind.KAFKA:
                self._restart_kafka()

    def undo_due(self) -> None:
        """Do what is due by now."""
        now = time.monotonic()
        for due, action in [entry for entry in self._later if entry[0] <= now]:
            self._later.remove((due, action))
            action()

    @property
    def pending(self) -> bool:
        """Whether something is still to be undone."""
        return bool(self._later)

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, action))

    def _end(self, name: str, number: signal.Signals, codes: set[int]) -> None:
        keeper = self._town.keepers[name]
        if keeper.child.process.poll() is None:
            keeper.expected |= codes | {EXIT_CODE}
            keeper.child.process.send_signal(number)

    async def _terminate_sessions(self) -> None:
        try:
            owner = await asyncpg.connect(self._town.addresses.database_url, timeout=5)
        except TRANSIENT:
            return
        try:
            pids = [row["pid"] for row in await owner.fetch(_SESSIONS)]
            for pid in self._chance.sample(pids, len(pids) // 2):
                await owner.execute("SELECT pg_terminate_backend($1)", pid)
        finally:
            await owner.close()

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
WHERE application_name LIKE 'gleichfall-%' ORDER BY application_name, backend_start
"""
