"""Kafka, PostgreSQL and the mail server together, for the stack and for the tests."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from deploy.local import disk
from deploy.local.child import Child
from deploy.local.folder import Folder
from deploy.local.kafka import Kafka
from deploy.local.lock import FileLock
from deploy.local.mail_server import MailServer
from deploy.local.ports import allot
from deploy.local.postgres import Postgres
from shared.kafka.brokers import Brokers
from shared.kafka.settings import KafkaSettings

# Children of a killed run need a moment to be gone; after that it is another run.
_PATIENCE = timedelta(seconds=10)
_GIVEN_BY = {
    "kafka": "KAFKA_BOOTSTRAP_SERVERS",
    "kafka-controller": "KAFKA_BOOTSTRAP_SERVERS",
    "postgres": "DATABASE_URL",
    "mail": "SMTP_URL",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts are.

    Attributes:
        brokers: Where Kafka is, and who we are there.
        database_url: URL of the database for its owner, password included.
        smtp_url: URL of the mail server.
        maildir: Where it stores mails; None when it isn't ours.
    """

    brokers: Brokers
    database_url: str
    smtp_url: str
    maildir: Path | None

    @property
    def kafka_bootstrap_servers(self) -> str:
        """`host:port` of the broker."""
        return self.brokers.servers


class Infrastructure:
    """Starts what is not given by the environment, in `directory`, and stops it at the end.

    Use it as a context manager, from the main thread:

        with Infrastructure(directory) as addresses:
            ...

    `KAFKA_BOOTSTRAP_SERVERS`, `DATABASE_URL` and `SMTP_URL` in `environment` are used as they
    are, and that part is not started.

    Args:
        directory: Where all data of this instance is; kept.
        environment: The environment that may name parts; pass `{}` to start all of them.
        asked_ports: Ports the operator insists on, by part (`kafka`, `postgres`, `mail`).

    Attributes:
        kafka: The broker, None when it is given.
        postgres: The database server, None when it is given.
        mail_server: The mail server, None when it is given.
    """

    def __init__(
        self,
        directory: Path,
        *,
        environment: Mapping[str, str] = os.environ,
        asked_ports: Mapping[str, int] | None = None,
    ) -> None:
        self._folder = Folder(directory.resolve())
        self._environment = environment
        self._asked_ports = asked_ports or {}
        self._stack = ExitStack()
        self.kafka: Kafka | None = None
        self.postgres: Postgres | None = None
        self.mail_server: MailServer | None = None

    def __enter__(self) -> Addresses:
        disk.require(self._folder.root, disk.NEEDED_MEGABYTES)
        with ExitStack() as undo:
            lock = undo.enter_context(FileLock(self._folder.data_lock, patience=_PATIENCE))
            undo.callback(self._stop)
            self._create((lock.descriptor,))
            for part in self._parts:
                part.start()
            for part in self._parts:
                part.wait_until_ready()
            self._stack = undo.pop_all()
        return self._addresses()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def children(self) -> list[Child]:
        """The processes, in the order of their start."""
        return [part.process for part in self._parts if part.process is not None]

    @property
    def _parts(self) -> list[Kafka | Postgres | MailServer]:
        parts = (self.kafka, self.postgres, self.mail_server)
        return [part for part in parts if part is not None]

    def _create(self, inherit: tuple[int, ...]) -> None:
        ports = self._allot_ports()
        if "kafka" in ports:
            self.kafka = Kafka(
                self._folder,
                port=ports["kafka"],
                controller_port=ports["kafka-controller"],
                inherit=inherit,
                environment=self._environment,
            )
        if "postgres" in ports:
            self.postgres = Postgres(self._folder, port=ports["postgres"], inherit=inherit)
        if "mail" in ports:
            self.mail_server = MailServer(self._folder, port=ports["mail"], inherit=inherit)

    def _allot_ports(self) -> dict[str, int]:
        parts = [part for part, variable in _GIVEN_BY.items() if variable not in self._environment]
        return allot(self._folder.record, parts, self._asked_ports)

    def _addresses(self) -> Addresses:
        given = self._environment
        return Addresses(
            brokers=self.kafka.brokers if self.kafka else KafkaSettings.of(given).brokers,
            database_url=self.postgres.database_url if self.postgres else given["DATABASE_URL"],
            smtp_url=self.mail_server.smtp_url if self.mail_server else given["SMTP_URL"],
            maildir=self._folder.mail if self.mail_server else None,
        )

    def _stop(self) -> None:
        for process in self.children:
            process.ask_to_stop()
        for process in reversed(self.children):
            process.stop()
