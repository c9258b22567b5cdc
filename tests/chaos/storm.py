"""`make chaos`: send a load, break everything meanwhile, and compare the outcome with an oracle.

Each seed is a run of its own on a fresh stack under `.local/chaos`. The seed decides load, faults
and targets; how they meet is the machine's. `SEED=7 make chaos` replays the seventh.
"""

import argparse
import asyncio
import json
import logging
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from deploy.local.folder import CHECKOUT
from deploy.local.services import workers
from tests.chaos.checks import Verdict, judge
from tests.chaos.faults import CONSUMERS, Fault, Trouble, schedule
from tests.chaos.findings import look
from tests.chaos.load import Load
from tests.chaos.oracle import fold
from tests.chaos.sender import LANES, Sender
from tests.chaos.town import Town
from tests.chaos.watcher import Watcher, forget_leases

HOME = CHECKOUT.root / "chaos"
REPORT = HOME / "report.json"
CALM = timedelta(seconds=90)
"""How long the system may take from the last fault until nothing waits any more."""

console = Console(highlight=False)
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # our own clients meet every outage


@dataclass
class Outcome:
    """What one storm showed."""

    seed: int
    events: int
    kills: Counter[str]
    verdict: Verdict
    recovery: list[float]
    dead_letters_expected: int
    dead_letters_found: int
    seconds: float
    complaints: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the storm did no harm and everything runs on."""
        return self.verdict.clean and not self.complaints


def storm(seed: int, events: int, kills: int, duration: float) -> Outcome:
    """Run one storm on a fresh stack."""
    began = time.monotonic()
    load = Load(seed, events)
    faults = schedule(seed, kills, duration)
    complaints: list[str] = []
    with Town(HOME / str(seed), workers(2)) as town, Watcher(town) as watcher:
        sender = Sender(
            load,
            town,
            ledger=HOME / f"ledger-{seed}.jsonl",
            duration=timedelta(seconds=duration),
        )
        sender.start()
        moments = _break(town, faults, Trouble(town, seed), watcher, sender)
        _settle(town, lambda: not sender.is_alive(), "the load is not sent", complaints)
        _settle(town, lambda: watcher.caught_up(sender), "records wait", complaints)
        complaints += _last_wave(town, load, sender, watcher)
        asyncio.run(forget_leases(town))
        _settle(town, watcher.idle, "outboxes or messages wait", complaints)
        found = asyncio.run(look(town))
        recovery = watcher.recovery(moments)
        complaints += [*town.surprises, *_dead(town)]
    if sender.error is not None:
        complaints.append(f"the sender ended: {sender.error!r}")
    if sender.contradictions:
        complaints.append(f"receipts that contradict each other: {len(sender.contradictions)}")
    lanes = load.lanes(LANES)
    sent = [event for lane in lanes for batch in lane for event in batch] + load.last_wave()
    verdict = judge(fold(sent, sender.acknowledged), found)
    return Outcome(
        seed,
        len(sender.acknowledged),
        Counter(fault.kind.value for fault in faults),
        verdict,
        recovery,
        2 * len(found.poison),
        sum(len(found.letters[name] & found.poison) for name in found.letters),
        time.monotonic() - began,
        complaints,
    )


def _break(
    town: Town, faults: list[Fault], trouble: Trouble, watcher: Watcher, sender: Sender
) -> list[tuple[float, int]]:
    """Do each fault when its time has come; gives when, and how much had been acknowledged."""
    began = time.monotonic()
    moments = []
    due = list(faults)
    while due or trouble.pending:
        town.keep()
        trouble.undo_due()
        if due and time.monotonic() - began >= due[0].at:
            fault = due.pop(0)
            console.print(f"  {fault}")
            moments.append((time.monotonic(), len(sender.acknowledged)))
            trouble.make(fault)
        time.sleep(0.1)
    return moments


def _settle(town: Town, done: Callable[[], bool], otherwise: str, complaints: list[str]) -> None:
    """Keep the town alive until `done`, or complain."""
    deadline = time.monotonic() + CALM.total_seconds()
    while not done():
        town.keep()
        if time.monotonic() > deadline:
            complaints.append(f"after {CALM.total_seconds():.0f} s of calm {otherwise}")
            return
        time.sleep(0.2)


def _last_wave(town: Town, load: Load, sender: Sender, watcher: Watcher) -> list[str]:
    """Send one more event per case: every process must be well, and every consumer must work."""
    complaints: list[str] = []
    _settle(town, town.ready, "a process is not ready", complaints)
    before = {name: _polled(town, name) for name in CONSUMERS}
    if sender.error is None and not sender.is_alive():
        sender.send_now(load.last_wave())
    _settle(town, lambda: watcher.caught_up(sender), "the last wave waits", complaints)
    return complaints + [
        f"{name} is alive but idle" for name in CONSUMERS if _polled(town, name) <= before[name]
    ]


def _polled(town: Town, name: str) -> float:
    text = httpx.get(f"{town.url(name)}/metrics", trust_env=False).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "gleichfall_consumer_records_polled_total"
    )


def _dead(town: Town) -> list[str]:
    """Ask each process whether it is alive, and keep what it says when it isn't."""
    answers = {
        name: httpx.get(f"{town.url(name)}/livez", timeout=30, trust_env=False)
        for name in town.keepers
    }
    return [
        f"{name} is not alive: {answer.text}"
        for name, answer in answers.items()
        if not answer.is_success
    ]


def tell(outcome: Outcome) -> None:
    """Print one storm's result."""
    verdict = outcome.verdict
    for title in ("lost", "doubled", "disordered", "wrong"):
        for what, amount in (+getattr(verdict, title)).items():
            console.print(f"  [red]{title}[/] {amount}: {what}")
    for complaint in outcome.complaints:
        console.print("  [red]complaint[/]", complaint, markup=True)
    worst = max(outcome.recovery, default=0.0)
    usual = statistics.median(outcome.recovery) if outcome.recovery else 0.0
    console.print(
        f"  seed {outcome.seed}: {'passed' if outcome.passed else '[red]failed[/]'}; "
        f"{outcome.events:,} events, {outcome.kills.total()} faults, "
        f"{outcome.dead_letters_found} of {outcome.dead_letters_expected} dead letters, "
        f"recovery {usual:.1f} s (longest {worst:.1f} s), {verdict.records_repeated} records and "
        f"{verdict.mails_repeated} mails repeated; {outcome.seconds:.0f} s"
    )


def write(outcomes: list[Outcome], path: Path = REPORT) -> None:
    """Write the report."""
    kills: Counter[str] = sum((one.kills for one in outcomes), Counter())
    report = {
        "events": sum(one.events for one in outcomes),
        "kills": kills.total(),
        "kills_by_kind": kills,
        "lost": sum(one.verdict.lost.total() for one in outcomes),
        "doubled": sum(one.verdict.doubled.total() for one in outcomes),
        "disordered": sum(one.verdict.disordered.total() for one in outcomes),
        "wrong": sum(one.verdict.wrong.total() for one in outcomes),
        "complaints": [text for one in outcomes for text in one.complaints],
        "dead_letters_expected": sum(one.dead_letters_expected for one in outcomes),
        "dead_letters_found": sum(one.dead_letters_found for one in outcomes),
        "mails_repeated": sum(one.verdict.mails_repeated for one in outcomes),
        "recovery_seconds": [round(value, 1) for one in outcomes for value in one.recovery],
        "seeds": [one.seed for one in outcomes],
    }
    path.write_text(json.dumps(report, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="events of each storm")
    parser.add_argument("--kills", type=int, default=10, help="faults of each storm")
    parser.add_argument("--seconds", type=float, default=30, help="how long the load takes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for seed in options.seeds:
        (HOME / f"ledger-{seed}.jsonl").unlink(missing_ok=True)
        console.print(f"seed {seed}: {options.events:,} events, {options.kills} faults")
        outcomes.append(storm(seed, options.events, options.kills, options.seconds))
        tell(outcomes[-1])
        write(outcomes)
    console.print(f"written to {REPORT.relative_to(CHECKOUT.root.parent)}")
    sys.exit(not all(one.passed for one in outcomes))


if __name__ == "__main__":
    main()
