"""A real Prometheus and Alertmanager beside a running stack, and four faults to try them on.

What is deployed is taken as it is, but for where things are and how long is waited: nobody's test
takes ten minutes to believe an alert.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import yaml
from aiokafka import AIOKafkaProducer

from deploy.local import loopback, ports, presence, record
from deploy.local.blocking import wait_for
from deploy.local.folder import Folder
from deploy.local.services import PROGRAM, is_service, metrics_of, url
from shared.events.kafka_binding import KafkaMessage
from shared.events.registry import Topic
from tests.integration.spine_helpers import message, new_case
from tests.patience import PATIENCE
from tests.rules import DEPLOYED

EACH, BELIEVED = "3s", "5s"
"""How often Prometheus looks in tests, and how long an alert must last."""
GIVEN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL")


class NothingComes(AssertionError):
    """What was bound to come didn't."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs a stack, at their terminal."""

    folder: Folder

    def call(self, *arguments: str) -> str:
        """Run `gleichfall …` and give what it printed, whatever it made of it."""
        environment = {name: text for name, text in os.environ.items() if name not in GIVEN}
        done = subprocess.run(
            [sys.executable, *PROGRAM, *arguments],
            env=environment | {"GLEICHFALL_STACK_DIR": str(self.folder.root)},
            capture_output=True,
            text=True,
            check=False,
            timeout=3 * PATIENCE,
        )
        return done.stdout + done.stderr

    def ids(self, *arguments: str, of: str) -> list[str]:
        """Give how commands call what one of them lists."""
        listed = json.loads(self.call(*arguments, "--json"))[of]
        return sorted({one["id"] for one in listed})

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything is."""
        return record.load(self.folder.record).addresses

    def execute(self, statement: str) -> None:
        """Change the database behind everybody's back."""

        async def work() -> None:
            connection = await asyncpg.connect(presence.owner_database_url(self.folder, {}))
            await connection.execute(statement)
            await connection.close()

        wait_for(work())


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong, and what ends it.

    Attributes:
        alert: Which alert tells of it.
        happens: What happens, in words.
        happen: Lets it happen.
        shown: What each of the runbook's looks prints while it lasts.
        over: What each of its proofs prints once it is over.
        removed: What removes the cause, in words.
        remove: Removes the cause; the rest is the runbook's.
        ids: What the runbook calls ID.
    """

    alert: str
    happens: str
    happen: Callable[[Operator], None]
    shown: Sequence[re.Pattern[str]]
    over: Sequence[re.Pattern[str]]
    removed: str = ""
    remove: Callable[[Operator], None] = lambda _: None
    ids: Callable[[Operator], Sequence[str]] = lambda _: ()


def write_a_strangers_record(operator: Operator) -> None:
    write(operator, message(new_case(), 1)._replace(value=b"{"))


def write(operator: Operator, one: KafkaMessage) -> None:
    """Write a record behind intake's back."""

    async def work() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=operator.addresses["kafka"])
        await producer.start()
        await producer.send_and_wait(
            Topic.CASE_EVENTS.value, key=one.key, value=one.value, headers=list(one.headers)
        )
        await producer.stop()

    wait_for(work())


def lose_a_decision(operator: Operator) -> None:
    operator.execute(
        "INSERT INTO controlling.unchained (period, size, decision_ids) "
        "SELECT key, 1, '{lost}' FROM controlling.period ORDER BY key DESC LIMIT 1"
    )


def find_it_again(operator: Operator) -> None:
    operator.execute("DELETE FROM controlling.unchained WHERE decision_ids = '{lost}'")


def kill_notify(operator: Operator) -> None:
    """Kill it; a local stack that lost a part ends itself."""
    supervisor = presence.running(operator.folder)
    assert supervisor is not None
    for process in psutil.Process(supervisor).children(recursive=True):
        if "serve" in process.cmdline() and "notify" in process.cmdline():
            process.kill()
    wait_until(lambda: presence.running(operator.folder) is None)


def leave_an_applicant_untold(operator: Operator) -> None:
    operator.execute(
        "WITH failed AS (INSERT INTO notify.message (id, name, cause, case_ref, channel, language, "
        "facts, state, reason, due_at, ended_at, followed) VALUES (gen_random_uuid(), "
        f"'application_received', 'a', '{new_case()}', 'email', 'de', 'null', 'failed', "
        "'undeliverable', NULL, now() - interval '5 days', true) RETURNING *) "
        "INSERT INTO notify.task (thread, message, case_ref, name, reason, opened_at) "
        "SELECT id, id, case_ref, name, reason, ended_at FROM failed"
    )


FAULTS = (
    Fault(
        "DeadLetters",
        "somebody writes a record on case-events that nobody can read",
        write_a_strangers_record,
        shown=[re.compile("body_not_json"), re.compile("nothing is parked")],
        over=[re.compile("no dead letters"), re.compile("nothing is parked")],
        ids=lambda operator: operator.ids("dead-letters", "list", of="dead_letters"),
    ),
    Fault(
        "ItemsHeld",
        "a decision vanishes from the register before it was chained",
        lose_a_decision,
        [re.compile("register chain")],
        [re.compile("nothing is held")],
        "the decision is found again",
        find_it_again,
        ids=lambda operator: operator.ids("held", "list", of="held_items"),
    ),
    Fault(
        "TasksWait",
        "no message reached an applicant, and for five days nobody called",
        leave_an_applicant_untold,
        shown=[re.compile("notify +http\\S+ +ready"), re.compile("application_received")],
        over=[re.compile("nobody waits to be told")],
        ids=lambda operator: [
            one["message"] for one in json.loads(operator.call("messages", "tasks", "--json"))
        ],
    ),
    Fault(
        "ServiceDown",
        "notify is killed, and the stack ends with it",
        kill_notify,
        shown=[re.compile("nothing is running.*\n.*notify")],
        over=[re.compile(r"notify +http\S+ +ready")],
    ),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """Both of them at work."""

    prometheus: str
    alertmanager: str

    def told(self) -> set[str]:
        """Give the alerts that Alertmanager holds now."""
        alerts: list[dict[str, Any]] = loopback.get(f"{self.alertmanager}/api/v2/alerts").json()
        return set(map(_named, alerts))

    def summaries(self, alert: str) -> list[str]:
        """Give what it says of an alert, of each service that has it."""
        alerts = loopback.get(f"{self.alertmanager}/api/v2/alerts").json()
        return sorted({one["annotations"]["summary"] for one in alerts if _named(one) == alert})

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Ask Prometheus."""
        answer = loopback.get(f"{self.prometheus}/api/v1/query?query={expression}").json()
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found


def _named(alert: Mapping[str, Any]) -> str:
    return str(alert["labels"]["alertname"])


@contextmanager
def watching(folder: Path, operator: Operator) -> Iterator[Watch]:
    """Run both beside a stack until the block ends."""
    ours, theirs = islice((port for port in ports.RANGE if ports.is_free(port)), 2)
    for path in DEPLOYED.glob("*.rules.yml"):
        hurried = re.sub(r"\bfor: \w+", f"for: {BELIEVED}", path.read_text())
        (folder / path.name).write_text(hurried)
    alerting = yaml.safe_load((DEPLOYED / "alertmanager.yml").read_text())
    alerting["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(alerting))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_scraping(folder, operator, theirs)))
    watch = Watch(url(ours), url(theirs))
    with ExitStack() as undo:
        undo.enter_context(
            _running(
                folder,
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{ours}",
            )
        )
        undo.enter_context(
            _running(
                folder,
                "prometheus-alertmanager",
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{theirs}",
                "--cluster.listen-address=",
            )
        )
        wait_until(
            lambda: all(loopback.answers(f"{one}/-/ready") for one in (url(ours), url(theirs)))
        )
        yield watch


def _scraping(folder: Path, operator: Operator, alertmanager: int) -> Mapping[str, object]:
    """Give the deployed file, led to this stack and hurried."""
    deployed = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
    [job] = deployed["scrape_configs"]
    processes = [name for name in operator.addresses if is_service(name)]
    groups = [
        {
            "targets": [_host(operator.addresses[metrics_of(name)])],
            "labels": {"service": name.partition("-")[0]},
        }
        for name in processes
    ]
    return {
        "global": {"scrape_interval": EACH, "scrape_timeout": EACH, "evaluation_interval": EACH},
        "rule_files": [str(folder / "*.rules.yml")],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]
        },
        "scrape_configs": [job | {"static_configs": groups}],
    }


def _host(address: str) -> str:
    return address.removeprefix("http://").removesuffix("/metrics")


@contextmanager
def _running(folder: Path, program: str, *options: str) -> Iterator[None]:
    found = shutil.which(program)
    assert found, "run 'make judges'"
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen([found, *options], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what is bound to come."""
    deadline = time.monotonic() + 3 * PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise NothingComes(f"it didn't come within {3 * PATIENCE} s")
        time.sleep(0.5)
