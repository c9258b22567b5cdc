"""The services as processes: their environment, their start, their readiness."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlunsplit

from deploy.local import child, loopback
from deploy.local.errors import NotReady
from deploy.local.folder import Folder
from deploy.local.infrastructure import Addresses
from deploy.local.ports import HOST
from shared.configuration.database_url import read, server_of
from shared.configuration.places import SERVICES
from shared.postgres.pool import role_name

PROCESSES = (*SERVICES, "workbench", "desk")
SHARED = frozenset({"controlling", "notify"})
"""Whose work several processes can share: they read from Kafka."""
PROGRAM = ("-m", "deploy.command_line")
"""What the interpreter runs as `gleichfall`."""

_READY_TIMEOUT = timedelta(seconds=60)
_WHOLLY_READY_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process.

    Attributes:
        service: What it runs.
        number: 1 for the first; more only share the work of Kafka's partitions.
    """

    service: str
    number: int

    @property
    def name(self) -> str:
        """What people call it: `controlling`, `controlling-2`."""
        return self.service if self.number == 1 else f"{self.service}-{self.number}"


def workers(count: int) -> list[Worker]:
    """One of each, and `count` of the services that read from Kafka."""
    counts = {process: count if process in SHARED else 1 for process in PROCESSES}
    return [
        Worker(service, number)
        for service, how_many in counts.items()
        for number in range(1, how_many + 1)
    ]


def metrics_of(name: str) -> str:
    """What the port of a process's figures is called, where ports have names."""
    return f"metrics-{name}"


def parts_of(workers: Iterable[Worker]) -> list[str]:
    """Give the names of all that workers listen for."""
    names = [worker.name for worker in workers]
    return [*names, *map(metrics_of, names)]


def is_service(name: str) -> bool:
    """Whether the process of this name is one of a service."""
    return name.partition("-")[0] in PROCESSES


def start(
    worker: Worker,
    *,
    program: Sequence[str] = PROGRAM,
    folder: Folder,
    ports: Mapping[str, int],
    addresses: Addresses,
    environment: Mapping[str, str],
) -> child.Child:
    """Start one worker on its ports."""
    port, metrics = str(ports[worker.name]), str(ports[metrics_of(worker.name)])
    options = ["--host", HOST, "--port", port, "--metrics-port", metrics]
    command = [*program, "serve", worker.service, *options]
    return child.start(
        worker.name,
        [sys.executable, *command],
        log=folder.log(worker.name),
        environment={
            "NOTIFY_TELL_HISTORY": "true",  # what is simulated here lies in the past
            "NOTIFY_SMS_QUIET_HOURS": "false",  # and no phone rings, at whatever hour it runs
            **_beside(worker.service, ports),
            **environment,
            "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka_bootstrap_servers,
            "DATABASE_URL": own_database_url(addresses.database_url, worker.service),
            "SMTP_URL": addresses.smtp_url,
            "NOTIFY_URL": url(ports["notify"]),
            "GLEICHFALL_SECRETS_DIR": str(folder.secrets),
            "GLEICHFALL_INSTANCE": worker.name,
        },
    )


def _beside(process: str, ports: Mapping[str, int]) -> Mapping[str, str]:
    """Tell processes with pages where the others are, as far as they are there."""
    if process == "workbench":
        return {"CONTROLLING_URL": url(ports["controlling"]), "DESK_URL": url(ports["desk"])}
    if process == "controlling":
        return {"WORKBENCH_URL": url(ports["workbench"])} if "workbench" in ports else {}
    if process != "desk":
        return {}
    watched = {
        name: {"url": url(port), "metrics": metrics_url(ports[metrics_of(name)])}
        for name, port in ports.items()
        if is_service(name)
    }
    return {"WORKBENCH_URL": url(ports["workbench"]), "DESK_PROCESSES": json.dumps(watched)}


def wait_until_ready(process: child.Child, port: int) -> None:
    """Wait until the service answers requests, and a moment longer until it can do all its work.

    A given mail server may be away: `gleichfall status` tells of it, and the service works on.

    Raises:
        ChildDied, NotReady: when it doesn't answer.
    """
    process.wait_until(
        lambda: loopback.answers(f"{url(port)}/readyz/requests"), timeout=_READY_TIMEOUT
    )
    with suppress(NotReady):
        process.wait_until(
            lambda: loopback.answers(f"{url(port)}/readyz"), timeout=_WHOLLY_READY_TIMEOUT
        )


def own_database_url(owner_url: str, service: str) -> str:
    """The database as the service's own role, which finds its password among the secrets.

    The owner's credentials stay with us.
    """
    parts = read(owner_url)
    return urlunsplit(parts._replace(netloc=f"{role_name(service)}@{server_of(parts)}"))


def without_password(database_url: str) -> str:
    """A database URL that may be shown."""
    parts = read(database_url)
    user, _, server = parts.netloc.rpartition("@")
    login = user.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{server}" if login else server))


def url(port: int) -> str:
    """The address of a service."""
    return f"http://{HOST}:{port}"


def metrics_url(port: int) -> str:
    """The address of a process's figures."""
    return f"{url(port)}/metrics"
