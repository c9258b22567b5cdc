"""`make bench-draw`: what a draw costs, from one decision to the proof of a month of a million.

Each figure stands beside a floor measured in the same run on the same machine; rounds alternate,
and the ratio is the median of the rounds' ratios. Each part runs in a process of its own, so its
memory is its own. The floors: the library's `first_fraction` over the same ids, and reading the
same rows, sorted, from PostgreSQL.
"""

import argparse
import asyncio
import gc
import json
import os
import shutil
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from consistent_sampler import first_fraction, sha256_hex
from pydantic_core import from_json
from rich.console import Console
from rich.table import Table

from deploy.local.infrastructure import Infrastructure
from deploy.secrets.files import create_missing
from services.controlling.chain.entering import Chainer
from services.controlling.handlers import CaseEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.draw import PeriodDraw
from services.controlling.periods.opening import Periods
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy, TwinFeature, Twins
from services.controlling.proof.export import export, verify_file
from services.controlling.register.frame import Frame
from services.controlling.twins.distance import Case, Distances, nearest
from shared.configuration.places import ROOT
from shared.events.catalogue.case import DecisionMade
from shared.events.event import new_event
from shared.events.vocabulary import Direction
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.secrets import SecretName, SecretStore
from tests.bench.contestants import POLICY, peak_mib

HOME = ROOT / ".local" / "bench"
RESULT = HOME / "draw.json"
ZONE = ZoneInfo("Europe/Berlin")
KEY, SEED = bytes(range(32)), bytes(range(1, 33))
TYPES = ("AufenthG-16b", "AufenthG-18b", "AufenthG-25-5", "AufenthG-28", "AufenthG-9")
MAY, JUNE = datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
PERIOD = "2026-05"
BATCH = 1_000
MINIMUM = 50
WINDOW, NEAR = 10_000, 5
ROWS = """
SELECT decision_id, stratum, ticket, inclusion_probability, drawn FROM decision WHERE period = $1
ORDER BY stratum COLLATE "C", ticket, decision_id COLLATE "C"
"""
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure may be at most; `said` is its line in the table."""

    said: str
    most: float


LIMITS = {
    "decide_vs_first_fraction": Limit("deciding, stratum looked up / first_fraction", 2),
    "decide_growth": Limit("deciding: last of the largest run / of the smallest", 1.25),
    "register_growth": Limit("registering: last 10,000 / first 10,000", 1.5),
    "twins_vs_distances": Limit("finding twins of 50,000 / one distance for each", 30),
    "twins_seconds": Limit("finding twins of 50,000: seconds", 1),
    "twins_growth": Limit("finding twins: each of 50,000 / each of 5,000", 5),
    "chain_peak_mib": Limit("chaining: memory, MiB", 500),
    "close_vs_read": Limit("closing / reading and sorting the rows", 3),
    "close_peak_mib": Limit("closing: memory, MiB", 500),
    "verify_vs_first_fraction": Limit("verifying the export / first_fraction", 3),
    "verify_peak_mib": Limit("verifying: memory, MiB", 500),
}


_LETTERS = str.maketrans("0189", "abcd")


def name(number: int) -> str:
    """A decision's id: 26 characters of the pseudonyms' alphabet."""
    return "decision-" + f"{number:026d}".translate(_LETTERS)


def made(number: int) -> tuple[DecisionMade, datetime]:
    decision = DecisionMade.model_construct(
        decision_id=name(number),
        type_code=TYPES[number % len(TYPES)],
        direction=Direction.ADVERSE if number % 6 == 0 else Direction.FAVOURABLE,
        unit=f"unit-{number % 4 + 1}",
        decider="decider-" + "d" * 26,
        remedy_instruction="standard",
    )
    return decision, MAY + timedelta(seconds=number % 2_500_000)


def policy() -> Policy:
    return load_policy(POLICY).model_copy(update={"default_minimum": MINIMUM})


def frame() -> Frame:
    return Frame(DecisionTypes.load(), ZONE)


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def library(ids: Sequence[str]) -> Callable[[], None]:
    """The floor: nothing but the tickets."""
    seed = SEED.hex()
    seed_hash = sha256_hex(seed)

    def work() -> None:
        for one in ids:
            first_fraction(one, seed, seed_hash)

    return work


def deciding(decisions: Sequence[tuple[DecisionMade, datetime]]) -> Callable[[], None]:
    """The handler's own step: find the stratum, draw."""
    one, period = frame(), PeriodDraw(PERIOD, SEED, policy(), closed=False)

    def work() -> None:
        for decision, at in decisions:
            place = one.place(period, decision, one.day(at))
            period.draw(decision.decision_id, place.stratum)

    return work


def decide(amount: int) -> Figures:
    decisions = [made(number) for number in range(amount)]
    floor, work = library([one.decision_id for one, _ in decisions]), deciding(decisions)
    gc.freeze()
    took = {"floor": seconds(floor), "work": seconds(work)}
    return {
        "decide_microseconds": took["work"] / amount * 1e6,
        "decide_vs_first_fraction": took["work"] / took["floor"],
    }


def decide_flat(most: int) -> Figures:
    """Decide on one after another; is the last of many dearer than the last of few?

    Compared at the ends of the sizes, each beside its own floor, so that a slow minute of the
    machine doesn't count.
    """
    one, period = frame(), PeriodDraw(PERIOD, SEED, policy(), closed=False)
    sizes = [10**power for power in range(4, 9) if 10**power <= most]
    ratios: dict[int, list[float]] = {size: [] for size in sizes}
    for first in range(0, most, WINDOW):
        decisions = [made(number) for number in range(first, first + WINDOW)]
        began = time.perf_counter()
        for decision, at in decisions:
            period.draw(decision.decision_id, one.place(period, decision, one.day(at)).stratum)
        took = time.perf_counter() - began
        for size in sizes:
            if abs(first + WINDOW - size) <= NEAR * WINDOW:
                floor = seconds(library([decision.decision_id for decision, _ in decisions]))
                ratios[size].append(took / floor)
    found = {
        f"decide_vs_first_fraction_at_{size}": statistics.median(near)
        for size, near in ratios.items()
    }
    first_ratio, *_, last_ratio = found.values()
    return found | {"decide_growth": last_ratio / first_ratio, "decide_peak_mib": peak_mib_here()}


TWINS = Twins(
    features=(
        TwinFeature(field="features.renewal"),
        TwinFeature(field="features.secured", weight=Decimal(2)),
        TwinFeature(field="features.income", scale=Decimal(500)),
    ),
    within_days=180,
    maximum_distance=Decimal("0.04"),
)


def like_cases(amount: int, prime: int) -> list[Case]:
    """Cases of which hardly two have the same income; every one has somebody near."""
    return [
        Case(
            f"{prime}-{n}",
            f"case-{prime}-{n}",
            MAY + timedelta(minutes=n * prime % 525_600),
            (n % 2 == 0, n % 5 > 0, n * prime % 1_000_000),
        )
        for n in range(amount)
    ]


def find_twins(amount: int) -> Figures:
    """Find the twins of so many cases among as many; the floor is one distance for each."""

    def each(size: int) -> tuple[float, float]:
        ones, others = like_cases(size, 7_919), like_cases(size, 104_729)
        distances = Distances(TWINS.features)

        def floor() -> None:
            for one, other in zip(ones, others, strict=True):
                distances.steps(one.values, other.values)

        return seconds(floor) / size, seconds(lambda: nearest(TWINS, ones, others)) / size

    floor, took = each(amount)
    _, few = each(amount // 10)
    return {
        "twins_seconds": took * amount,
        "twins_vs_distances": took / floor,
        "twins_growth": took / few,
    }


def peak_mib_here() -> float:
    return peak_mib(os.getpid())


async def fill(pool: Pool, amount: int) -> Figures:
    """Register a month as the handler does, batch by batch."""
    handle = CaseEvents(frame(), Periods(KEY, policy()))
    took = []
    for first in range(0, amount, BATCH):
        batch = [
            new_event("urn:gleichfall:bench", "case-" + "c" * 26, decision, time=at)
            for decision, at in (made(number) for number in range(first, first + BATCH))
        ]
        began = time.perf_counter()
        async with pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            await handle(batch, tx)
            await tx.flush()
        took.append((time.perf_counter() - began) / BATCH * 1e6)
    few = 10_000 // BATCH
    early, late = statistics.median(took[1 : few + 1]), statistics.median(took[-few:])
    return {
        "register_microseconds_first": early,
        "register_microseconds_last": late,
        "register_growth": late / early,
    }


async def chain(pool: Pool) -> Figures:
    """Chain the month as the loop beside the handler does."""
    chainer = Chainer(pool, Holding(HeldItems(pool), Loop.REGISTER_CHAIN))
    began, busy = time.perf_counter(), time.process_time()
    while await chainer.look():
        pass
    entries = await pool.fetchval("SELECT sum(size) FROM register_block")
    return {
        "chain_microseconds": (time.perf_counter() - began) / entries * 1e6,
        "chain_cpu_microseconds": (time.process_time() - busy) / entries * 1e6,
        "chain_peak_mib": peak_mib_here(),
    }


async def read(pool: Pool) -> Figures:
    """The floor of closing: every row of the period, sorted."""
    began = time.perf_counter()
    rows = 0
    async with pool.acquire() as connection, connection.transaction():
        async for _ in connection.cursor(ROWS, PERIOD, prefetch=5_000):
            rows += 1
    return {"read_seconds": time.perf_counter() - began, "read_rows": rows}


async def close(pool: Pool) -> Figures:
    began = time.perf_counter()
    closed = await Closer(pool, KEY, ZONE).close(PERIOD, JUNE)
    took = time.perf_counter() - began
    size = sum(count.size for count in closed.strata)
    return {"close_seconds": took, "close_peak_mib": peak_mib_here(), "closed": size}


async def reopen(pool: Pool) -> None:
    """Undo a close, for another round. The product can't."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE decision SET drawn = false FROM draw "
            "WHERE draw.decision_id = decision.decision_id AND draw.reasons = '{top_up}'"
        )
        await connection.execute(
            "INSERT INTO candidate SELECT decision_id, $1, decider, co_signer FROM draw "
            "WHERE reasons = '{top_up}'",
            PERIOD,
        )
        await connection.execute("DELETE FROM draw WHERE reasons = '{top_up}'")
        await connection.execute(
            "UPDATE period SET closed_at = NULL, closing = NULL, closed_entries = NULL"
        )


async def write(pool: Pool) -> Figures:
    began = time.perf_counter()
    await export(pool, PERIOD, HOME / "draw.jsonl", KEY, ZONE)
    size = (HOME / "draw.jsonl").stat().st_size
    return {"export_seconds": time.perf_counter() - began, "export_mib": size / 2**20}


def replay() -> Figures:
    """Verify; memory is read before the ids of the floor are loaded."""
    began = time.perf_counter()
    report = verify_file(HOME / "draw.jsonl")
    took = time.perf_counter() - began
    assert not report.differences, report.differences[:3]
    peak = peak_mib_here()
    ids = list(_ids())
    gc.freeze()
    floor = seconds(library(ids))
    return {
        "verify_seconds": took,
        "verify_peak_mib": peak,
        "verify_vs_first_fraction": took / floor,
    }


def _ids() -> Iterator[str]:
    with (HOME / "draw.jsonl").open("rb") as lines:
        for line in lines:
            if decision := from_json(line).get("decision"):
                yield decision


def on_database(url: str, work: Callable[..., Coroutine[Any, Any, Figures]], *args: int) -> Figures:
    async def run() -> Figures:
        async with await open_pool(url, service="controlling") as pool:
            return await work(pool, *args)

    return asyncio.run(run())


def alone(work: Callable[..., Figures], *args: object) -> Figures:
    """Run in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args).result()


def medians(rounds: Sequence[Figures]) -> Figures:
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def measure(url: str, options: argparse.Namespace, console: Console) -> Figures:
    def step(said: str, work: Callable[..., Figures], *args: object) -> Figures:
        with console.status(said):
            return alone(work, *args)

    rounds = range(options.rounds)
    found = medians([step("deciding", decide, 100_000) for _ in rounds])
    found |= medians([step("finding twins", find_twins, 50_000) for _ in rounds])
    found |= step(f"deciding {options.flat:,} times", decide_flat, options.flat)
    found |= step(f"registering {options.decisions:,}", on_database, url, fill, options.decisions)
    found |= step("chaining", on_database, url, chain)
    closings = []
    for number in rounds:
        if number:
            with console.status("opening the period again"):
                asyncio.run(_reopened(url))
        one = step("reading and sorting", on_database, url, read)
        one |= step("closing", on_database, url, close)
        closings.append(one | {"close_vs_read": one["close_seconds"] / one["read_seconds"]})
    found |= medians(closings)
    found |= step("exporting", on_database, url, write)
    return found | medians([step("verifying", replay) for _ in rounds])


async def _reopened(url: str) -> None:
    async with await open_pool(url, service="controlling") as pool:
        await reopen(pool)


def show(found: Figures, console: Console) -> None:
    table = Table("", "found", "at most", "", box=None)
    for key, limit in LIMITS.items():
        verdict = "met" if found[key] <= limit.most else "[red]missed[/]"
        table.add_row(limit.said, f"{found[key]:,.2f}", f"{limit.most:g}", verdict)
    console.print(table)


async def prepare(database_url: str, secrets: Path) -> str:
    create_missing(secrets)
    await migrate(database_url, secrets)
    password = SecretStore(secrets).text(SecretName.CONTROLLING_DATABASE_PASSWORD)
    return service_url(database_url, "controlling", password.get_secret_value())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000, help="decisions of the month")
    parser.add_argument("--flat", type=int, default=10_000_000, help="decisions of the long run")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.flat < 10 * WINDOW:
        parser.error(f"--flat needs at least {10 * WINDOW:,} decisions: two sizes are compared")
    console = Console()
    shutil.rmtree(HOME / "stack", ignore_errors=True)
    with Infrastructure(HOME / "stack", environment={}) as addresses:
        url = asyncio.run(prepare(addresses.database_url, HOME / "secrets"))
        found = measure(url, options, console)
    show(found, console)
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    console.print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
