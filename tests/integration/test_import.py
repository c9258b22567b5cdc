"""`gleichfall import` into the real intake and notify, on the real PostgreSQL and Kafka."""

import asyncio
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.local import loopback
from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from shared.kafka.topics import apply_topics
from tests.integration.spine_helpers import fresh_schemas
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.patience import PATIENCE
from tests.unit.services.intake.importers.samples import CSV, MAPPING, write

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

COMMAND = (sys.executable, "-m", "deploy.command_line")
_MANY = 6_000
"""Rows that take an import seconds, each with two events."""
FATES = ("accepted", "duplicate", "changed", "ignored", "refused")


@dataclass(frozen=True)
class Installation:
    """Intake and notify, running, and how the command line reaches them."""

    environment: dict[str, str]
    database_url: str

    def call(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "import", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def numbers(self, *arguments: str | Path) -> dict[str, Any]:
        done = self.call("--json", *arguments)
        assert done.returncode == 0, done.stderr
        numbers: dict[str, Any] = json.loads(done.stdout)
        assert sum(numbers[fate] for fate in FATES) == numbers["events"]
        return numbers

    def entered(self, source: str) -> int:
        """How many events of a log intake holds."""
        return asyncio.run(_entered(self.database_url, source))


async def _entered(database_url: str, source: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        query = "SELECT count(*) FROM intake.ledger WHERE source = $1"
        return int(await connection.fetchval(query, source))
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def installation(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    directory = tmp_path_factory.mktemp("installation")
    secrets = directory / "secrets"
    create_missing(secrets)
    asyncio.run(fresh_schemas(stack.database_url, secrets))
    asyncio.run(apply_topics(stack.brokers))
    intake, notify = _free_port(), _free_port()
    environment = os.environ | {
        "DATABASE_URL": stack.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "SMTP_URL": stack.smtp_url,
        "NOTIFY_URL": f"http://127.0.0.1:{notify}",
        "INTAKE_URL": f"http://127.0.0.1:{intake}",
        "GLEICHFALL_SECRETS_DIR": str(secrets),
    }
    with ExitStack() as services:
        for name, port in (("notify", notify), ("intake", intake)):
            services.enter_context(_serving(name, port, environment, directory / f"{name}.log"))
        yield Installation(environment, stack.database_url)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _serving(name: str, port: int, environment: dict[str, str], log: Path) -> Iterator[None]:
    arguments = [*COMMAND, "serve", name, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, env=environment, stdout=output, stderr=output)
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/readyz", log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if loopback.answers(url):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _sample(directory: Path, name: str, rows: Sequence[str] | None = None) -> tuple[Path, Path]:
    """A log and a mapping whose identity is this test's own."""
    header = CSV.splitlines()[0]
    text = CSV if rows is None else "\n".join([header, *rows]) + "\n"
    mapping = MAPPING.replace("log:parking-permits", f"log:{name}")
    return write(directory, f"{name}.csv.gz", text), write(directory, f"{name}.yaml", mapping)


def test_a_second_import_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    log, mapping = _sample(tmp_path, "twice")

    first = installation.numbers(log, "--mapping", mapping)
    second = installation.numbers(log, "--mapping", mapping)

    assert (first["accepted"], first["duplicate"]) == (5, 0)
    assert (second["accepted"], second["duplicate"]) == (0, 5)
    assert first["derived"] == {"accepted": 2, "duplicate": 0, "changed": 0, "refused": 0}
    assert second["derived"] == {"accepted": 0, "duplicate": 2, "changed": 0, "refused": 0}
    assert installation.entered("urn:gleichfall:log:twice") == 7


@pytest.fixture
def terminal() -> Iterator[None]:
    """Start programs as a terminal does: a script's background has them ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("terminal")
def test_an_interrupted_import_says_so_and_is_completed_by_the_next(
    installation: Installation, tmp_path: Path
) -> None:
    running, again = _begun(installation, tmp_path, "interrupted")

    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=PATIENCE)

    stopped = json.loads(stdout)
    assert running.returncode == 130
    assert "interrupted" in stderr
    assert 0 < stopped["events"] < _MANY
    assert sum(stopped[fate] for fate in FATES) == stopped["events"]
    assert again()["events"] == _MANY
    assert installation.entered("urn:gleichfall:log:interrupted") == 2 * _MANY


def test_an_import_that_was_killed_is_completed_by_the_next(
    installation: Installation, tmp_path: Path
) -> None:
    running, again = _begun(installation, tmp_path, "killed")

    running.kill()
    running.communicate(timeout=PATIENCE)

    assert 0 < installation.entered("urn:gleichfall:log:killed") < 2 * _MANY
    completed = again()
    assert completed["accepted"] + completed["duplicate"] == completed["events"] == _MANY
    assert completed["duplicate"] > 0
    assert installation.entered("urn:gleichfall:log:killed") == 2 * _MANY


def _begun(
    installation: Installation, folder: Path, name: str
) -> tuple[subprocess.Popen[str], Callable[[], dict[str, Any]]]:
    """Begin an import that takes a while; gives its process, and the same import once more."""
    row = ",decide,2025-03-31,2025-03-30,Meyer,Desk,46,no,A,31"
    log, mapping = _sample(folder, name, [f"P{number}{row}" for number in range(_MANY)])
    mapping.write_text(mapping.read_text().replace("recipients:", "# recipients:"))  # for speed
    running = subprocess.Popen(
        [*COMMAND, "import", "--json", str(log), "--mapping", str(mapping)],
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while installation.entered(f"urn:gleichfall:log:{name}") == 0:
        assert running.poll() is None
        time.sleep(0.05)
    return running, lambda: installation.numbers(log, "--mapping", mapping)


def test_a_later_export_brings_only_what_is_new_and_says_what_changed(
    installation: Installation, tmp_path: Path
) -> None:
    rows = CSV.splitlines()[1:]
    log, mapping = _sample(tmp_path, "later", rows)
    installation.numbers(log, "--mapping", mapping)
    late = "P1,object,2025-03-31T11:00:00+02:00,2025-03-30,,,,,A,"
    dearer = rows[1].replace("31.0", "32.0")
    _sample(tmp_path, "later", [rows[0], dearer, late, *rows[2:-3], *rows[-2:]])

    table = tmp_path / "gone.csv"
    later = installation.numbers(log, "--mapping", mapping, "--gone", table)

    assert (later["accepted"], later["duplicate"], later["changed"]) == (1, 3, 1)
    [gone] = csv.DictReader(table.read_text().splitlines())
    assert gone["type"] == "gleichfall.appeal.decided.v1"
    assert gone["case"].startswith("case-")
    assert later["late"] == 1
    assert later["gone"] == {"gleichfall.appeal.decided.v1": 1}
    assert installation.entered("urn:gleichfall:log:later") == 8


def test_a_mapping_that_would_double_what_was_sent_is_refused(
    installation: Installation, tmp_path: Path
) -> None:
    log, mapping = _sample(tmp_path, "keys")
    installation.numbers(log, "--mapping", mapping)
    mapping.write_text(mapping.read_text() + "volatile: [price]\n")

    again = installation.call(log, "--mapping", mapping)

    assert again.returncode == 1
    assert "a second time" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1
    assert installation.entered("urn:gleichfall:log:keys") == 7


def test_a_changed_mapping_changes_nothing_that_was_sent_and_says_so(
    installation: Installation, tmp_path: Path
) -> None:
    log, mapping = _sample(tmp_path, "changed")
    installation.numbers(log, "--mapping", mapping)
    mapping.write_text(mapping.read_text().replace("type_code: parking-permit", "type_code: other"))

    again = installation.call("--json", log, "--mapping", mapping)

    assert again.returncode == 1
    assert "2 events would say something else" in again.stderr
    assert json.loads(again.stdout)["activities"]["decide"]["changed"] == 2
    assert installation.entered("urn:gleichfall:log:changed") == 7


def test_a_log_of_a_source_that_the_token_does_not_allow_is_refused(
    installation: Installation, tmp_path: Path
) -> None:
    log, mapping = _sample(tmp_path, "foreign")
    mapping.write_text(mapping.read_text().replace("urn:gleichfall:log", "urn:somebody:log"))

    refused = installation.call(log, "--mapping", mapping)

    assert refused.returncode == 1
    assert "doesn't allow events of urn:somebody:log" in refused.stderr


def test_a_wrong_token_is_one_clear_line(installation: Installation, tmp_path: Path) -> None:
    log, mapping = _sample(tmp_path, "token")
    other = tmp_path / "secrets"
    create_missing(other)
    stranger = Installation(
        installation.environment | {"GLEICHFALL_SECRETS_DIR": str(other)}, installation.database_url
    )

    refused = stranger.call(log, "--mapping", mapping)

    assert refused.returncode == 1
    assert "client_token" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


@needs_knowledge
def test_a_real_log_is_accounted_for_to_the_last_event_and_again_changes_nothing(
    installation: Installation,
) -> None:
    assert KNOWLEDGE is not None
    log = KNOWLEDGE / "data" / "receipt.xes.gz"

    first, second = installation.numbers(log), installation.numbers(log)

    assert (first["cases"], first["events"]) == (1_434, 8_577)
    assert first["duplicate"] == second["accepted"] == 0
    assert second["duplicate"] == first["accepted"]
    assert installation.entered("urn:gleichfall:log:wabo-receipt") == 4_217 + 1_434
