"""One storm: send a load, break everything meanwhile, settle, and compare with the oracle.

Each storm runs on a fresh stack under `.local/chaos`. The seed decides load, faults and targets;
how they meet is the machine's.
"""

import asyncio
import logging
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from deploy.local import loopback
from deploy.local.folder import CHECKOUT
from deploy.local.services import PROGRAM, SHARED, Worker, workers
from shared.events.event import Event
from tests.chaos.checks import Verdict, completed, judge, judge_waiting
from tests.chaos.faults import DISTURBANCES, Fault, Trouble, schedule
from tests.chaos.findings import held, look, waiting
from tests.chaos.load import Load
from tests.chaos.operator import Operator
from tests.chaos.oracle import fold
from tests.chaos.outcome import HOME, Outcome, console
from tests.chaos.refusal import refuse
from tests.chaos.reviewers import ENOUGH, Reviewers
from tests.chaos.sender import LANES, Sender
from tests.chaos.town import Town
from tests.chaos.watcher import Watcher, forget_leases

CALM = timedelta(seconds=60)
"""How long nothing may move before a storm is given up."""

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # our own clients meet every outage


@dataclass(frozen=True)
class Plan:
    """What one storm is made of.

    Attributes:
        seed: Decides load and faults.
        events: How many are sent.
        kills: How many faults at least kill, freeze or cut something.
        seconds: How long the load takes when nothing holds it up.
        consumers: Processes of each service that reads from Kafka.
        faults: Given faults instead of drawn ones.
        intakes: Processes of intake.
        program: The module that is run as the product.
        calm: How long nothing may move before the storm is given up.
    """

    seed: int
    events: int = 10_000
    kills: int = 10
    seconds: float = 24
    consumers: int = 2
    faults: Sequence[Fault] | None = None
    intakes: int = 1
    program: Sequence[str] = PROGRAM
    calm: timedelta = CALM

    @property
    def workers(self) -> list[Worker]:
        more = [Worker("intake", number) for number in range(2, self.intakes + 1)]
        return [*workers(self.consumers), *more]

    def schedule(self) -> Sequence[Fault]:
        if self.faults is not None:
            return self.faults
        return schedule(self.seed, self.kills, self.seconds, self.workers)


@dataclass
class Storm:
    """A storm that is going on.

    Attributes:
        plan: What it is made of.
        town: The running system.
        load: What is sent.
        sender: Who sends it.
        reviewers: Who reviews what was drawn meanwhile.
        watcher: Who looks at the databases meanwhile.
        report: Called with a word on each step.
        complaints: What went wrong beside the verdict.
    """

    plan: Plan
    town: Town
    load: Load
    sender: Sender
    reviewers: Reviewers
    watcher: Watcher
    report: Callable[[str], None]
    complaints: list[str] = field(default_factory=list)

    def break_everything(self, faults: Sequence[Fault]) -> list[float]:
        """Do each fault when its time has come; gives when that was."""
        trouble = Trouble(self.town, self.plan.seed, self.load.cases[0])
        began = time.monotonic()
        moments = []
        due = list(faults)
        while due or trouble.pending:
            self.sender.check()
            self.town.keep()
            trouble.undo_due()
            if due and time.monotonic() - began >= due[0].at:
                fault = due.pop(0)
                self.report(str(fault))
                moments.append(time.monotonic())
                trouble.make(fault)
            time.sleep(0.1)
        return moments

    @property
    def progress(self) -> tuple[int, int]:
        """What moves as long as anything works: receipts and effects."""
        done = self.watcher.applied + len(self.reviewers.saved)
        return len(self.sender.acknowledged), done

    def settle(self, done: Callable[[], bool], otherwise: str) -> None:
        """Keep the town alive until `done`; complain when nothing has moved for long."""
        calm = self.plan.calm.total_seconds()
        moved, progress = time.monotonic(), self.progress
        while not done():
            self.sender.check()
            self.town.keep()
            if progress != self.progress:
                moved, progress = time.monotonic(), self.progress
            if time.monotonic() - moved > calm:
                self.complaints.append(f"after {calm:.0f} s without progress {otherwise}")
                return
            time.sleep(0.2)

    def settle_all(self) -> None:
        """Wait until the load is sent and read."""
        self.report("waiting until all is read")
        self.settle(lambda: not self.sender.is_alive(), "the load is not sent")
        self.settle(self.watcher.caught_up, "records wait")

    def send_last_wave(self) -> None:
        """Send one more event per case: every process must be well, every consumer must work."""
        self.settle(self.town.ready, "a process is not ready")
        # One that joins later finds nothing left to do.
        self.settle(self.town.joined, "a consumer has not joined its group")
        consumers = [
            name for name, one in self.town.keepers.items() if one.worker.service in SHARED
        ]
        before = {name: _polled(self.town, name) for name in consumers}
        if not self.sender.is_alive():
            self.sender.send_now(self.load.last_wave)
        self.settle(self.watcher.caught_up, "the last wave waits")
        self.settle(self.town.ready, "a process is not ready")
        self.complaints += [
            f"{name} is alive but idle"
            for name in consumers
            # One that reached its crash point only now has worked, and counts from nothing again.
            if _polled(self.town, name) == before[name]
        ]

    def end_reviewing(self) -> None:
        """Let people review what was drawn, until what they did can show something."""
        self.report("reviewing")
        self.settle(lambda: len(self.reviewers.saved) >= ENOUGH, "nobody can review")
        self.reviewers.stop()

    def operate(self) -> tuple[dict[str, Event | None], int]:
        """Let the operator settle what was refused; gives what became of it, and interruptions."""
        self.report("settling dead letters")
        ledger = self.sender.acknowledged
        cases = {event.subject for event in self.load.repairs.values()}
        waits = asyncio.run(waiting(self.town, cases))
        self.complaints += judge_waiting(self.load, ledger, waits)
        operator = Operator(self.town, self.load, ledger)
        settled = operator.settle(self.town.keep)
        self.settle(self.watcher.caught_up, "released events wait")
        asyncio.run(forget_leases(self.town))
        self.settle(self.watcher.idle, "outboxes or messages wait")
        return settled, operator.interrupted

    def judge(self, settled: dict[str, Event | None]) -> Verdict:
        """Compare everything with the oracle."""
        self.report("comparing with the oracle")
        self.complaints += [*self.town.surprises, *_dead(self.town)]
        self.complaints += asyncio.run(held(self.town))
        if self.sender.contradictions:
            amount = len(self.sender.contradictions)
            self.complaints.append(f"receipts that contradict each other: {amount}")
        lanes = self.load.lanes(LANES)
        sent = [event for lane in lanes for batch in lane for event in batch]
        sent += self.load.last_wave
        expected = fold(sent, self.sender.acknowledged, settled)
        found = asyncio.run(look(self.town, self.load))
        verdict = judge(expected, found)
        self.reviewers.judge(self.town, verdict, completed(found))
        return verdict


def run(plan: Plan, report: Callable[[str], None] = console.print) -> Outcome:
    """Run one storm on a fresh stack; of one that passed only the logs are kept."""
    began = time.monotonic()
    folder = HOME / str(plan.seed)
    load, faults = Load(plan.seed, plan.events), plan.schedule()
    HOME.mkdir(parents=True, exist_ok=True)
    ledger = HOME / f"ledger-{plan.seed}.jsonl"
    ledger.unlink(missing_ok=True)
    report("starting Kafka, PostgreSQL, the mail server and the services")
    with ExitStack() as undo:
        town = undo.enter_context(Town(folder, plan.workers, program=plan.program))
        asyncio.run(refuse(town.addresses.database_url, load.refused_ids))
        sender = Sender(load, town, ledger=ledger, duration=timedelta(seconds=plan.seconds))
        watcher = undo.enter_context(Watcher(town, sender))
        reviewers = Reviewers.of(town)
        undo.callback(reviewers.stop)
        storm = Storm(plan, town, load, sender, reviewers, watcher, report)
        sender.start()
        reviewers.start()
        moments = storm.break_everything(faults)
        storm.settle_all()
        storm.send_last_wave()
        storm.end_reviewing()
        # Nothing can be settled where something is lost or stuck.
        settled, interrupted = ({}, 0) if storm.complaints else storm.operate()
        verdict = storm.judge(settled)
        recovery = watcher.recovery(moments)
    outcome = Outcome(
        seed=plan.seed,
        version=version(),
        events=len(sender.acknowledged),
        kills=Counter(one.kind.value for one in faults if one.kind not in DISTURBANCES),
        disturbances=Counter(one.kind.value for one in faults if one.kind in DISTURBANCES),
        interrupted=interrupted,
        lost=+verdict.lost,
        doubled=+verdict.doubled,
        disordered=+verdict.disordered,
        wrong=+verdict.wrong,
        dead_letters_expected=verdict.dead_letters_expected,
        dead_letters_found=verdict.dead_letters_found,
        records_repeated=verdict.records_repeated,
        mails_repeated=verdict.mails_repeated,
        recovery=recovery,
        seconds=time.monotonic() - began,
        complaints=storm.complaints,
    )
    if outcome.passed:
        ledger.unlink()
        for data in (town.folder.kafka, town.folder.postgres, town.folder.mail):
            shutil.rmtree(data, ignore_errors=True)
    return outcome


def version() -> str:
    """The commit that runs, marked when files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    found = subprocess.run(
        command, cwd=CHECKOUT.root.parent, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _polled(town: Town, name: str) -> float:
    text = town.metrics(name)
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "gleichfall_consumer_records_polled_total"
    )


def _dead(town: Town) -> list[str]:
    """Ask each process whether it is alive, and keep what it says when it isn't."""
    answers = {
        name: loopback.get(f"{town.url(name)}/livez", timeout=timedelta(seconds=30))
        for name in town.keepers
    }
    return [
        f"{name} is not alive: {answer.text}"
        for name, answer in answers.items()
        if not answer.is_success
    ]
