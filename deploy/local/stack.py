"""The whole system on one machine, owned by one supervisor: this process."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self, TextIO

from deploy.local import ending, log_files, record, services
from deploy.local.blocking import wait_for
from deploy.local.child import Child
from deploy.local.fake_fit_connect.process import PLACE, FakeFitConnect
from deploy.local.folder import Folder
from deploy.local.infrastructure import Addresses, Infrastructure
from deploy.local.lock import FileLock
from deploy.local.log_stream import LogStream
from deploy.local.ports import allot
from deploy.local.printer import PRINT_FOLDER, Printer
from deploy.local.sms_gateway import GATEWAYS, SmsGateways
from deploy.secrets.files import create_missing
from shared.configuration.places import POLICY_VARIABLE
from shared.kafka.topics import apply_topics
from shared.postgres.migrations import migrate

KAFKA = "KAFKA_BOOTSTRAP_SERVERS"
_GLANCE = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What the operator decides about a start.

    Attributes:
        workers: Processes each of controlling and of notify.
        asked_ports: Ports insisted on, by part.
    """

    workers: int = 1
    asked_ports: Mapping[str, int] = field(default_factory=dict)


class Stack:
    """Kafka, PostgreSQL, mail server and the services; a context manager for the main thread.

    When the block ends, for whatever reason, everything ends in reverse order. When this process
    is killed, the kernel ends the children.

    Args:
        folder: Where all data is.
        options: What the operator decided.
        report: Told what happens, one line at a time.
        environment: May name parts that are given; handed on to the services.

    Attributes:
        addresses: Where the infrastructure is, once started.
        ports: Ports of each service process, once started.
    """

    def __init__(
        self,
        folder: Folder,
        options: StackOptions,
        *,
        report: Callable[[str], None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._folder = folder
        self._options = options
        self._report = report
        self._environment = environment if KAFKA in environment else _without_kafka(environment)
        self._infrastructure = Infrastructure(
            folder.root, environment=environment, asked_ports=options.asked_ports
        )
        self._services: list[Child] = []
        self._providers: dict[str, Child] = {}
        self._undo = ExitStack()
        self.addresses: Addresses
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(FileLock(self._folder.supervisor_lock))
            ending.reserve(self._folder.ending)
            self._remember(ready=False)
            self._environment = record.with_policy(self._folder.record, self._environment)
            self._report("starting Kafka, PostgreSQL and the mail server")
            self.addresses = undo.enter_context(self._infrastructure)
            self._prepare()
            self._start_providers(undo)
            undo.callback(self._stop_services)
            self._start_services()
            self._remember(ready=True)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def watch(self, output: TextIO = sys.stdout) -> None:
        """Copy the services' logs to `output` until a process ends by itself.

        Raises:
            ChildDied: naming the process and its last complaint.
        """
        stream = LogStream(self._services, output)
        while True:
            stream.copy_new()
            log_files.cut_large(self._folder.logs)
            self.check()
            time.sleep(_GLANCE.total_seconds())

    def check(self) -> None:
        """Make sure that every process is still there.

        Raises:
            ChildDied: naming the process and its last complaint.
        """
        providers = self._providers.values()
        for process in (*self._infrastructure.children, *providers, *self._services):
            process.check()

    def _prepare(self) -> None:
        for name in create_missing(self._folder.secrets):
            self._report(f"created secret {name}")
        for difference in wait_for(apply_topics(self.addresses.brokers)):
            made = "created" if difference.found is None else "mended"
            self._report(f"{made} topic {difference.topic} ({difference.wanted})")
        for name in wait_for(migrate(self.addresses.database_url, self._folder.secrets)):
            self._report(f"migrated {name}")

    def _start_providers(self, undo: ExitStack) -> None:
        """Start what stands for SMS gateways, FIT-Connect and a printer, unless they are given."""
        standing_in: Mapping[str, tuple[str, type[SmsGateways | FakeFitConnect]]] = {
            GATEWAYS: ("sms", SmsGateways),
            PLACE: ("fake-fit-connect", FakeFitConnect),
        }
        missing = {key: one for key, one in standing_in.items() if key not in self._environment}
        ports = allot(
            self._folder.record, [name for name, _ in missing.values()], self._options.asked_ports
        )
        for name, kind in missing.values():
            self._stand_in(name, kind(self._folder, port=ports[name]), undo)
        if PRINT_FOLDER not in self._environment:
            self._stand_in("printer", Printer(self._folder), undo)

    def _stand_in(
        self, name: str, provider: SmsGateways | FakeFitConnect | Printer, undo: ExitStack
    ) -> None:
        self._providers[name] = provider.start()
        undo.callback(self._providers[name].stop)
        self._environment = {**provider.settings, **self._environment}

    def _start_services(self) -> None:
        workers = services.workers(self._options.workers)
        names = [worker.name for worker in workers]
        parts = services.parts_of(workers)
        self.ports = allot(self._folder.record, parts, self._options.asked_ports)
        self._report(f"starting {', '.join(names)}")
        for worker in workers:
            process = services.start(
                worker,
                folder=self._folder,
                ports=self.ports,
                addresses=self.addresses,
                environment=self._environment,
            )
            self._services.append(process)
        for process in self._services:
            services.wait_until_ready(process, self.ports[process.name])

    def _stop_services(self) -> None:
        for process in self._services:
            process.ask_to_stop()
        for process in reversed(self._services):
            process.stop()

    def _remember(self, *, ready: bool) -> None:
        last = record.load(self._folder.record)
        addresses = self._public_addresses() if ready else {}
        update = {"addresses": addresses, "ready_under": os.getpid() if ready else None}
        record.save(self._folder.record, last.model_copy(update=update))

    def _public_addresses(self) -> dict[str, str]:
        """What is shown to people: no password."""
        names = [process.name for process in self._services]
        found = {name: services.url(self.ports[name]) for name in names}
        found["kafka"] = self.addresses.kafka_bootstrap_servers
        found["postgres"] = services.without_password(self.addresses.database_url)
        found["mail"] = self.addresses.smtp_url
        if POLICY_VARIABLE in self._environment:
            found["policy"] = self._environment[POLICY_VARIABLE]
        if self.addresses.maildir is not None:
            found["maildir"] = str(self.addresses.maildir)
        for name in map(services.metrics_of, names):
            found[name] = services.metrics_url(self.ports[name])
        folders = {
            "sms": self._folder.sms,
            "fake-fit-connect": self._folder.fake_fit_connect,
            "printer": self._folder.printer,
        }
        return found | {name: str(folders[name]) for name in self._providers}


def _without_kafka(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out how another Kafka than ours is spoken with."""
    return {name: value for name, value in environment.items() if not name.startswith("KAFKA_")}
