"""The whole system as its operator sees it: started, filled, looked at, killed, and ended.

The tests are one story on one stack in a folder of its own, in the order in which they stand.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from itertools import islice
from operator import itemgetter
from pathlib import Path
from platform import python_version
from typing import Any
from uuid import uuid4

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy import serve
from deploy.local import loopback, presence, record
from deploy.local.blocking import wait_for
from deploy.local.folder import Folder
from deploy.local.ports import RANGE, is_free
from deploy.local.services import PROGRAM, metrics_of, metrics_url, own_database_url, url
from deploy.secrets.files import SIMULATED_GATEWAYS
from deploy.standing.reads import READS
from services.controlling.service_figures.fact import Part
from shared.configuration.places import POLICY_VARIABLE, ROOT
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.office import DecisionsCounted
from shared.events.errors import Defect
from shared.events.registry import CATALOGUE, Topic
from shared.events.vocabulary import (
    Channel,
    ClockKind,
    CounterAlarm,
    DrawReason,
    FailureReason,
)
from shared.kafka.topics import declared_topics
from shared.observe import gauges, metrics, way
from shared.observe.commands import declared
from shared.observe.metrics import BounceMail, Loop, MessageState, RecordOutcome
from shared.observe.occurrence import Occurrence
from shared.security.secrets import SecretName, SecretStore
from shared.web.middleware import UNMATCHED
from tests.integration.recounting import counted_from_topics, kept
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.story, pytest.mark.timeout(180)]

GIVEN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL")
PARTITIONS = declared_topics()[Topic.CASE_EVENTS].partitions
CLOSED = {
    *CATALOGUE,
    *(str(number) for number in range(PARTITIONS)),
    *(str(status.value) for status in HTTPStatus),
    *(one.value for labels in (Loop, RecordOutcome, MessageState, BounceMail) for one in labels),
    *(one.value for labels in (Topic, Channel, DrawReason, Defect) for one in labels),
    *(one.value for labels in (Occurrence, FailureReason, CounterAlarm) for one in labels),
    *(one.value for labels in (ClockKind, SecretName, gauges.PoolUse) for one in labels),
    *(one.value for labels in (gauges.ReviewState, gauges.CounterStanding) for one in labels),
    *(one.value for labels in (gauges.WhichPeriod, gauges.CertificateUse) for one in labels),
    *(f"{loop} loop" for loop in Loop),
    *(f"held items of the {loop}" for loop in Loop),
    *(f"record of {channel}" for channel in Channel),
    *("postgresql", "publishing", "consumer", "ledger", "mail server", "SMS gateway"),
    *("FIT-Connect", "print folder", "acknowledgements of the printer"),
    *(version("gleichfall"), python_version()),
    *SIMULATED_GATEWAYS,
    "fit-connect",
}
TEMPLATE = re.compile(r"/[a-z0-9/{}_:.-]*")
DECLARED = {
    name.removesuffix("_total"): metric
    for module in (metrics, gauges)
    for name, metric in declared(module).items()
}
CLI = (sys.executable, *PROGRAM)
PROCESSES = ("intake", "controlling", "controlling-2", "notify", "notify-2", "workbench", "desk")


@dataclass(frozen=True, slots=True)
class Served:
    """A service process of our own."""

    process: subprocess.Popen[str]
    log: Path
    url: str
    figures: str

    def is_ready(self) -> bool:
        """Whether it can do its work now."""
        return loopback.answers(f"{self.url}/readyz")


@dataclass(frozen=True, slots=True)
class Home:
    """A stack of its own, and the commands of its operator."""

    folder: Folder

    @property
    def environment(self) -> dict[str, str]:
        """The operator's environment, which names this stack and gives no part.

        A policy is named where the stack begins, and never again.
        """
        own = {"GLEICHFALL_STACK_DIR": str(self.folder.root), "COLUMNS": "80"}
        if not self.folder.record.exists():
            own[POLICY_VARIABLE] = str(ROOT / "tests" / "policy.yaml")
        return {name: text for name, text in os.environ.items() if name not in GIVEN} | own

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `gleichfall …`, whose output somebody reads until it ends."""
        return subprocess.Popen(
            [*CLI, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: str) -> str:
        """Run `gleichfall …` to its good end and give what it printed."""
        process = self.start(*arguments)
        output, complaint = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, f"{arguments}: {output}{complaint}"
        return output

    def json(self, command: str) -> dict[str, Any]:
        """Run a command that prints one JSON object."""
        document: dict[str, Any] = json.loads(self.call(command, "--json"))
        return document

    def simulate(self, seed: int) -> None:
        """Play two weeks of a small authority."""
        self.call("simulate", "--weeks=2", "--rate=0.3", f"--seed={seed}")

    def serve(self, service: str) -> Served:
        """Run one more process of a service, as its operator would by hand, until it is ready."""
        port, figures = islice((port for port in RANGE if is_free(port)), 2)
        database_url = presence.owner_database_url(self.folder, {})
        parts = {
            "KAFKA_BOOTSTRAP_SERVERS": self.addresses["kafka"],
            "DATABASE_URL": own_database_url(database_url, service),
            "GLEICHFALL_SECRETS_DIR": str(self.folder.secrets),
            POLICY_VARIABLE: self.addresses["policy"],
        }
        options = [f"--port={port}", f"--metrics-port={figures}"]
        log = self.folder.root / f"{service}-{port}.log"
        with log.open("wb") as output:  # nobody reads a pipe meanwhile, and it would fill
            process = subprocess.Popen(
                [*CLI, "serve", service, *options],
                env=self.environment | parts,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        served = Served(process, log, url(port), metrics_url(figures))
        wait_until(served.is_ready)
        return served

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything is."""
        return record.load(self.folder.record).addresses


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    directory = tmp_path_factory.mktemp("stack")
    home = Home(Folder(directory))
    try:
        home.call("up", "--detach", "--workers", "2")
        home.simulate(seed=1)
        yield home
    finally:
        home.call("down")
        shutil.rmtree(directory)


def searched(home: Home, what: str) -> list[dict[str, Any]]:
    """Search what all processes have logged, as `grep -h` does; the earliest first."""
    logs = sorted(home.folder.logs.glob("*.log"))
    own = [log for log in logs if log.is_symlink() and log.stem in PROCESSES]
    found = [line for log in own for line in log.read_text().splitlines() if what in line]
    return sorted(map(json.loads, found), key=itemgetter("time"))


def stations(found: Sequence[Mapping[str, Any]], service: str) -> list[str]:
    return list(dict.fromkeys(one["message"] for one in found if one["service"] == service))


@pytest.fixture(scope="module")
def books(home: Home) -> dict[str, Any]:
    """The summary of the first weeks."""
    return home.json("summary")


def test_the_numbers_of_all_parts_agree(books: dict[str, Any]) -> None:
    assert books["agree"]
    assert books["accepted"][DecisionMade.event_type] == books["decisions"] > 50
    assert 0 < books["drawn"] <= books["decisions"]
    assert books["mails"] > 0
    assert books["sms"] > 0
    assert books["messages"]["sms"]["delivered"] == books["sms"]
    assert books["messages"]["email"]["accepted"] == books["mails"]
    assert books["letters"] > 0
    assert books["messages"]["letter"]["accepted"] == books["letters"]
    assert books["mailboxes"] > 0
    assert books["messages"]["mailbox"]["delivered"] == books["mailboxes"]


def test_the_same_weeks_again_changes_nothing(home: Home, books: dict[str, Any]) -> None:
    home.simulate(seed=1)

    assert home.json("summary") == books


def test_the_figures_of_the_service_are_what_the_topics_say(home: Home) -> None:
    server = presence.owner_database_url(home.folder, {})
    keeping = partial(kept, server, SecretStore(home.folder.secrets))
    wait_until(lambda: wait_for(keeping()) is not None)

    told = wait_for(counted_from_topics(home.addresses["kafka"]))

    assert {part for part, _, _ in told} == {*Part} - {Part.SUBMISSIONS}, "no day of these"
    assert wait_for(keeping()) == told
    assert f"{len(told):,} figures" in (said := home.call("figures", "recompute", "--compare"))
    assert said.endswith(" 0 differ\n")


def test_the_status_agrees_with_the_summary(home: Home, books: dict[str, Any]) -> None:
    status = home.json("status")

    assert status["ready"]
    assert status["missing"] == {name: [] for name in PROCESSES}
    for service in status["services"].values():
        backlog = {
            name: service[name] for name in ("outbox", "parked", "dead_letters", "held", "lag")
        }
        assert not any(backlog.values()), backlog
    assert status["services"]["intake"]["counts"] == {
        "events_accepted": sum(books["accepted"].values()),
        "unlisted_keys": 0,
    }
    assert status["services"]["controlling"]["counts"]["decisions"] == books["decisions"]
    assert status["services"]["controlling"]["counts"]["decisions_drawn"] == books["drawn"]
    counts = status["services"]["notify"]["counts"]
    assert counts["messages_accepted"] == books["mails"] + books["letters"]
    assert counts["messages_delivered"] == books["sms"] + books["mailboxes"]


@pytest.mark.parametrize("command", ["status", "summary"])
def test_what_people_read_fits_80_columns(home: Home, command: str) -> None:
    # A path is shown whole, to be copied, and how long this one is is not the command's doing.
    told = home.call(command).replace(str(home.folder.root), ".local")
    lines = [line.rstrip() for line in told.splitlines()]

    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if re.search("…|\x1b", line)]


def test_starting_twice_is_safe(home: Home) -> None:
    before = home.addresses

    told = home.call("up", "--detach")

    assert told.startswith(f"already running (process {presence.running(home.folder)})")
    assert home.addresses == before


@pytest.mark.parametrize("name", PROCESSES)
def test_metrics_are_declared_bounded_and_about_nobody(home: Home, name: str) -> None:
    receipt = f"{home.addresses['intake']}/v1/events/{uuid4()}"
    assert loopback.get(receipt).status_code == HTTPStatus.UNAUTHORIZED
    assert loopback.get(f"{home.addresses[name]}/metrics").status_code in {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.SEE_OTHER,  # the workbench asks for everything that somebody signs in
    }

    for family in scrape(home.addresses[metrics_of(name)]):
        if family.name.startswith(("python_", "process_")):
            continue
        declared = DECLARED[family.name]
        for sample in family.samples:
            labels = {label: text for label, text in sample.labels.items() if label != "le"}
            assert labels.keys() == set(declared._labelnames)
            assert {
                t for t in labels.values() if t not in CLOSED and not TEMPLATE.fullmatch(t)
            } <= {UNMATCHED}


def test_each_partition_is_told_by_the_one_process_that_reads_it(home: Home) -> None:
    for service in ("controlling", "notify"):
        told = Counter(
            (sample.labels["topic"], int(sample.labels["partition"]))
            for name in (service, f"{service}-2")
            for family in scrape(home.addresses[metrics_of(name)])
            if family.name == "gleichfall_consumer_lag_records"
            for sample in family.samples
        )
        assert told == Counter(
            (topic.value, number)
            for topic in READS[service]
            for number in range(declared_topics()[topic].partitions)
        )


def test_who_waits_for_a_page_goes_before_what_nobody_waits_for(home: Home) -> None:
    pid = presence.running(home.folder)
    assert pid is not None
    family = psutil.Process(pid).children(recursive=True)
    nice = {name: one.nice() for one in family for name in serve.PROCESSES if name in one.cmdline()}
    assert nice.keys() == serve.PROCESSES.keys()
    assert {
        name for name, value in nice.items() if value > min(nice.values())
    } == serve.GIVES_WAY.keys()


@pytest.mark.parametrize("name", PROCESSES)
def test_every_log_line_is_one_json_object_about_nobody(home: Home, name: str) -> None:
    lines = home.folder.log(name).read_text().splitlines()
    ways = [line for line in lines if json.loads(line)["logger"] == way.__name__]

    assert 0 < len(lines) - len(ways) < 25, "little is told beside the ways of events"
    for line in lines:
        entry = json.loads(line)
        assert {"time", "level", "service", "logger", "message"} <= entry.keys()
        assert entry["service"] == name.partition("-")[0]
        assert entry["level"] in {"INFO", "WARNING"}
        assert not re.search("\\x1b|\\\\u001b|@", line)


def test_one_search_for_a_case_or_an_event_tells_its_way(home: Home) -> None:
    left = next(one for one in searched(home, "application_received") if one["message"] == "left")

    of_event = searched(home, left["event_id"])
    of_case = searched(home, left["subject"])

    assert stations(of_event, "intake") == ["accepted", "published"]
    assert stations(of_event, "controlling") == ["applied"]
    assert stations(of_event, "notify")[:3] == ["applied", "planned", "left"]
    assert of_event[0]["message"] == "accepted"
    assert {one["message_id"] for one in of_event if "message_id" in one} >= {left["message_id"]}
    assert all(one in of_case for one in of_event)


def test_a_decision_is_registered_or_drawn_where_it_was_applied(home: Home) -> None:
    drawn = next(
        one for one in searched(home, DecisionMade.event_type) if one["message"] == "drawn"
    )

    assert stations(searched(home, drawn["event_id"]), "controlling") == ["applied", "drawn"]
    made = [one for one in searched(home, DecisionMade.event_type) if one["event_id"]]
    of = {
        message: {one["event_id"] for one in made if one["message"] == message}
        for message in ("applied", "drawn", "registered")
    }
    assert of["drawn"] | of["registered"] == of["applied"]
    assert not of["drawn"] & of["registered"]
    assert len(of["applied"]) > 50


async def test_sigterm_under_load_finishes_commits_and_leaves_the_group(home: Home) -> None:
    members = await group_members(home.addresses["kafka"], "controlling")
    leaver = home.serve("controlling")
    load = home.start("simulate", "--weeks=2", "--rate=1", "--seed=2")
    wait_until(
        lambda: counted(leaver.figures, "gleichfall_consumer_records", outcome="applied") > 0
    )
    assert load.poll() is None

    leaver.process.send_signal(signal.SIGTERM)
    leaver.process.wait(PATIENCE)

    assert leaver.process.returncode == 0, leaver.log.read_text()
    assert await group_members(home.addresses["kafka"], "controlling") == members, (
        "it left by itself; nobody had to wait for its session to end"
    )
    assert load.wait(60) == 0
    assert home.json("summary")["agree"]
    for name in ("controlling", "controlling-2"):
        figures = home.addresses[metrics_of(name)]
        repeated = counted(figures, "gleichfall_consumer_records", outcome="duplicate")
        assert repeated == 0, "what it had applied was committed"


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_has_all_data(home: Home) -> None:
    before = lasting_books(home)
    addresses = home.addresses
    pid = presence.running(home.folder)
    assert pid is not None
    family = psutil.Process(pid).children(recursive=True)
    assert len(family) > len(PROCESSES)

    os.kill(pid, signal.SIGKILL)
    _, orphans = psutil.wait_procs(family, timeout=PATIENCE)

    assert orphans == []
    home.call("up", "--detach", "--workers", "2")
    assert home.addresses == addresses
    assert lasting_books(home) == before


def test_down_ends_everything_and_says_so(home: Home) -> None:
    pid = presence.running(home.folder)
    assert pid is not None
    family = psutil.Process(pid).children(recursive=True)

    assert home.call("down") == "stopped\n"

    assert not [process for process in family if process.is_running()]
    assert home.call("down") == "nothing is running\n"


def lasting_books(home: Home) -> dict[str, Any]:
    """What the summary says, without the counts that intake publishes when it starts."""
    summary = home.json("summary")
    summary["accepted"].pop(DecisionsCounted.event_type, None)
    summary["comparisons"] = [
        one for one in summary["comparisons"] if one["what"] != "office events"
    ]
    return summary


def scrape(url: str) -> list[Metric]:
    """What Prometheus would read."""
    text = loopback.get(url).text
    return list(text_string_to_metric_families(text))


def counted(url: str, name: str, **labels: str) -> float:
    """The sum of a counter over the series with these labels."""
    return sum(
        sample.value
        for family in scrape(url)
        if family.name == name
        for sample in family.samples
        if labels.items() <= sample.labels.items()
    )


async def group_members(servers: str, group: str) -> int:
    """How many consumers the broker counts to a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups([group])
        [(_error, _group, _state, _type, _protocol, members, *_)] = answer.groups
        return len(members)
    finally:
        await admin.close()


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)
