"""The running system of one storm, and a keeper that starts what died again, as operators do."""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import loopback, services
from deploy.local.blocking import wait_for
from deploy.local.child import Child, last_words
from deploy.local.folder import Folder
from deploy.local.infrastructure import Addresses, Infrastructure
from deploy.local.ports import allot
from deploy.local.services import PROGRAM, Worker
from deploy.secrets.files import create_missing
from shared.configuration.places import POLICY_VARIABLE, ROOT
from shared.crash_points import EXIT_CODE, VARIABLE
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate
from shared.security.secrets import SecretStore

GIVEN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", VARIABLE)
RESTART_PAUSE = 0.5
WRONG_CLOCK = ("-m", "tests.chaos.shifted")
# A service that consumes doesn't start without its parts; its keeper tries again.
AWAY_AT_START = ("Kafka at", "PostgreSQL at")


@dataclass
class Keeper:
    """One service process and its place; what dies is started again.

    Attributes:
        expected: Exit codes that the next end may have: what we did to it.
        order: The crash to order at the next start.
        clock: By how many seconds the next one's clock is wrong.
    """

    worker: Worker
    child: Child
    expected: set[int] = field(default_factory=set)
    order: str = ""
    clock: str = ""
    died_at: float | None = None


class Town:
    """Kafka, PostgreSQL, mail server and service processes in `directory`."""

    def __init__(
        self,
        directory: Path,
        workers: Sequence[Worker],
        orders: Mapping[str, str] = MappingProxyType({}),
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.folder = Folder(directory.resolve())
        self.infrastructure = Infrastructure(directory, environment={})
        self.surprises: list[str] = []
        self.keepers: dict[str, Keeper] = {}
        self.addresses: Addresses
        self._workers = workers
        self._orders = orders
        self._program = program
        self._ports: Mapping[str, int] = {}
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder.root, ignore_errors=True)
        with ExitStack() as undo:
            self.addresses = undo.enter_context(self.infrastructure)
            create_missing(self.folder.secrets)
            wait_for(apply_topics(self.addresses.brokers))
            wait_for(migrate(self.addresses.database_url, self.folder.secrets))
            self._ports = allot(
                self.folder.record, ["notify", *services.parts_of(self._workers)], {}
            )
            undo.callback(self._stop)
            for worker in self._workers:
                order = self._orders.get(worker.name, "")
                expected = {EXIT_CODE} if order else set()
                self.keepers[worker.name] = Keeper(worker, self._start(worker, order), expected)
            for keeper in self.keepers.values():
                services.wait_until_ready(keeper.child, self._ports[keeper.worker.name])
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    @property
    def secrets(self) -> SecretStore:
        return SecretStore(self.folder.secrets)

    def url(self, name: str) -> str:
        return services.url(self.port(name))

    def metrics(self, name: str) -> str:
        """What Prometheus would read of a process."""
        return loopback.get(services.metrics_url(self.port(services.metrics_of(name)))).text

    def port(self, name: str) -> int:
        return self._ports[name]

    def ended(self, name: str) -> int | None:
        """Give the exit code of a process; None while it runs."""
        return self.keepers[name].child.process.poll()

    def keep(self, names: Collection[str] = ()) -> None:
        """Start what has died again, after a moment; all, or only some."""
        for keeper in [self.keepers[name] for name in names or self.keepers]:
            code = keeper.child.process.poll()
            if code is None:
                continue
            if keeper.died_at is None:
                keeper.died_at = time.monotonic()
                self._judge(keeper, code)
            if time.monotonic() - keeper.died_at < RESTART_PAUSE:
                continue
            keeper.child = self._start(keeper.worker, keeper.order, keeper.clock)
            keeper.expected = {EXIT_CODE} if keeper.order else set()
            keeper.order, keeper.clock, keeper.died_at = "", "", None

    def kill(self, name: str) -> None:
        """Kill a process; it stays away until it is kept."""
        keeper = self.keepers[name]
        keeper.expected |= {-signal.SIGKILL}
        keeper.child.process.kill()
        keeper.child.process.wait()

    def revive(self, name: str) -> None:
        """Keep one process that has ended until it runs again."""
        ended = self.keepers[name].child
        while self.keepers[name].child is ended:
            self.keep([name])

    def ready(self) -> bool:
        """Whether every process says that it can do its work."""
        return all(self.answers(name, "/readyz") for name in self.keepers)

    def joined(self) -> bool:
        """Whether every consumer has its share of the topics, and none that died still has one."""
        wanted = Counter(
            keeper.worker.service
            for keeper in self.keepers.values()
            if keeper.worker.service in services.SHARED
        )
        try:
            return wait_for(_members(self.addresses.kafka_bootstrap_servers, wanted)) == wanted
        except KafkaError:
            return False

    def answers(self, name: str, path: str) -> bool:
        return loopback.answers(self.url(name) + path)

    def _judge(self, keeper: Keeper, code: int) -> None:
        """Keep in mind what ended without our doing."""
        words = last_words(keeper.child.log)
        if code not in keeper.expected and not any(known in words for known in AWAY_AT_START):
            self.surprises.append(f"{keeper.worker.name} ended with {code}: {words}")

    def _start(self, worker: Worker, order: str, clock: str = "") -> Child:
        log = self.folder.log(worker.name)
        if log.exists():
            with log.with_suffix(".all").open("ab") as kept:
                kept.write(log.read_bytes())
        return services.start(
            worker,
            program=[*WRONG_CLOCK, clock, *self._program[1:]] if clock else self._program,
            folder=self.folder,
            ports=self._ports,
            addresses=self.addresses,
            environment={name: text for name, text in os.environ.items() if name not in GIVEN}
            | {"INTAKE_EVENTS_PER_SECOND": "1000000", "INTAKE_BYTES_PER_SECOND": "1GB"}
            | {POLICY_VARIABLE: str(ROOT / "tests" / "policy.yaml")}
            | ({VARIABLE: order} if order else {}),
        )

    def kill_kafka(self) -> None:
        kafka = self.infrastructure.kafka
        assert kafka is not None
        assert kafka.process is not None
        kafka.process.kill()

    def start_kafka(self) -> None:
        assert self.infrastructure.kafka is not None
        self.infrastructure.kafka.start()

    def _stop(self) -> None:
        for keeper in self.keepers.values():
            if keeper.child.process.poll() is None:
                keeper.child.process.send_signal(signal.SIGCONT)
                keeper.child.ask_to_stop()
        for keeper in self.keepers.values():
            keeper.child.stop()


async def _members(servers: str, groups: Iterable[str]) -> Counter[str]:
    """Count the consumers of each group; of one that is just sharing its topics out, none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        # aiokafka reads the answer about a second group from the wrong place.
        answers = [await admin.describe_consumer_groups([name]) for name in groups]
    finally:
        await admin.close()
    described = [group for [answer] in answers for group in answer.groups]
    return Counter(
        {name: len(members) for _, name, state, _, _, members, *_ in described if state == "Stable"}
    )
