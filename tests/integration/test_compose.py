"""Each service starts with exactly the command, environment and user that compose.yaml gives it.

No container engine is needed. What an engine would do is done here: addresses lead to the local
parts, `/run/secrets` is a folder with the secrets that the file grants, the port is a free one.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from deploy.containers.compose import AUTHORITY, DOCKERFILE, TRADE_OFFICE, resolve, settings_of
from deploy.local import child, loopback
from deploy.local.infrastructure import Addresses
from deploy.local.services import PROCESSES
from deploy.secrets.files import create_missing
from shared.configuration.places import SERVICES
from shared.security.secrets import SecretName
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack
MOUNT = "/run/secrets"


@dataclass(frozen=True, slots=True)
class Container:
    """A service of the file as a process of this machine."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    uid: int
    port: int
    figures: int
    folder: Path = field(repr=False)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run a job to its end."""
        return subprocess.run(
            self.command,
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def start(self) -> child.Child:
        """Start a service."""
        log = self.folder / f"{self.name}.log"
        return child.start(self.name, self.command, log=log, environment=self.environment)


class Engine:
    """Makes processes out of the services of the resolved file."""

    def __init__(self, addresses: Addresses, folder: Path, **settings: str) -> None:
        database = urlsplit(addresses.database_url)
        self._folder = folder
        self._secrets = folder / "secrets"
        create_missing(self._secrets)
        owner = self._secrets / SecretName.OWNER_DATABASE_PASSWORD
        owner.write_text(f"{database.password}\n")
        self._file = resolve(
            {
                "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka_bootstrap_servers,
                "POSTGRES_ADDRESS": f"{database.hostname}:{database.port}",
                "SMTP_URL": addresses.smtp_url,
                "GLEICHFALL_SECRETS": str(self._secrets),
                **own_user(),
                **settings,
            }
        )

    def container(self, name: str) -> Container:
        """Give a service as the file describes it."""
        service = self._file["services"][name]
        uid, gid = map(int, service["user"].split(":"))
        mounted = self._mount(name, service.get("secrets", []), uid)
        port, figures = free_port(), free_port()
        return Container(
            name=name,
            command=[
                *become(uid, gid),
                *(local(word, mounted, port, figures) for word in words(service)),
            ],
            environment={
                **image_environment(),
                **{key: local(text, mounted) for key, text in service["environment"].items()},
            },
            uid=uid,
            port=port,
            figures=figures,
            folder=self._folder,
        )

    def _mount(self, name: str, granted: Sequence[str], uid: int) -> Path:
        """Give the service the secrets the file grants and no other, for its user to read."""
        folder = self._folder / f"{name}-secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, uid, -1)
        for secret in granted:
            source = Path(self._file["secrets"][secret]["file"])
            target = folder / secret
            target.touch(mode=0o600)
            target.write_bytes(source.read_bytes())
            os.chown(target, uid, -1)
        return folder


def own_user() -> dict[str, str]:
    """Only root may become the image's user; others say who they are, as they do with Docker."""
    return {} if os.geteuid() == 0 else {"GLEICHFALL_USER": f"{os.getuid()}:{os.getgid()}"}


def become(uid: int, gid: int) -> list[str]:
    """Drop to the user, with one capability: to read a checkout and a Python below /root."""
    if os.geteuid() != 0:
        return []
    allowed = "-all,+dac_read_search"
    return [
        "setpriv",
        f"--reuid={uid}",
        f"--regid={gid}",
        "--clear-groups",
        "--no-new-privs",
        f"--inh-caps={allowed}",
        f"--ambient-caps={allowed}",
        f"--bounding-set={allowed}",
    ]


def words(service: Mapping[str, Any]) -> list[str]:
    """Give entrypoint and command; the entrypoint is the image's unless the file has another."""
    image = re.search(r"^ENTRYPOINT (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)
    assert image
    entrypoint = service.get("entrypoint") or json.loads(image[1])
    return [*entrypoint, *service["command"]]


def image_environment() -> dict[str, str]:
    """Give what the image sets; its PATH begins with the project's environment, as ours does."""
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "PYTHONUNBUFFERED": "1", "HOME": "/"}


def local(text: str, mounted: Path, port: int | None = None, figures: int | None = None) -> str:
    """Put this machine's folder and ports in the place of the container's."""
    if port is not None:
        ours = {"0.0.0.0": "127.0.0.1", "8080": str(port), "9100": str(figures)}
        text = ours.get(text, text)
    # Compose reads `$$` as one dollar; the tool's `config` keeps both, to be read again.
    return (
        text.replace(MOUNT, str(mounted))
        .replace("$$", "$")
        .replace(AUTHORITY, f"{mounted.parent}/authority")
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def is_ready(port: int) -> bool:
    return loopback.answers(f"http://127.0.0.1:{port}/readyz")


@pytest.fixture(scope="module")
async def emptied(stack: Addresses) -> Addresses:
    """The local parts, with nothing of other modules that had other keys."""
    owner = await asyncpg.connect(stack.database_url)
    for service in SERVICES:
        await owner.execute(f"DROP SCHEMA IF EXISTS {service} CASCADE")
    await owner.close()
    return stack


@pytest.fixture(scope="module")
def engine(emptied: Addresses) -> Iterator[Engine]:
    """The file on the local parts, with both jobs done."""
    with TemporaryDirectory() as folder:  # pytest's own are closed to the image's user
        Path(folder).chmod(0o711)
        engine = Engine(emptied, Path(folder))
        for job in ("topics", "migrate"):
            outcome = engine.container(job).run()
            assert outcome.returncode == 0, outcome.stderr
        yield engine


@pytest.fixture
def running(
    engine: Engine, request: pytest.FixtureRequest
) -> Iterator[tuple[Container, child.Child]]:
    container = engine.container(request.param)
    process = container.start()
    try:
        process.wait_until(lambda: is_ready(container.port), timeout=timedelta(seconds=60))
        yield container, process
    finally:
        process.stop()


@pytest.mark.parametrize("running", PROCESSES, indirect=True)
def test_service_gets_ready_with_what_the_file_gives_it_and_leaves_in_order(
    running: tuple[Container, child.Child],
) -> None:
    container, process = running
    assert set(psutil.Process(process.process.pid).uids()) == {container.uid}
    assert not loopback.get(f"http://127.0.0.1:{container.port}/metrics").is_success
    assert loopback.answers(f"http://127.0.0.1:{container.figures}/metrics")

    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize("job", ["topics", "migrate"])
def test_jobs_may_run_again(engine: Engine, job: str) -> None:
    outcome = engine.container(job).run()
    assert outcome.returncode == 0
    assert "nothing to do" in outcome.stdout


def test_another_authoritys_files_are_what_a_container_reads(emptied: Addresses) -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        shutil.copytree(TRADE_OFFICE.parent, Path(folder) / "authority")
        notify = Engine(emptied, Path(folder), **settings_of(TRADE_OFFICE)).container("notify")
        for command, told in (
            (["messages", "preview", "card_ready"], "Reisegewerbe"),
            (["law", "check"], "decision types: 14"),
        ):
            words = [*notify.command[: notify.command.index("serve")], *command]
            assert told in replace(notify, command=words).run().stdout
