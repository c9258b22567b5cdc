"""`make bench-spine`: how fast the spine is, beside a hand-written ceiling and a naive consumer.

One run, one stack, one machine: the ratios mean something, the absolute figures only here. Rounds
alternate, so that a slow minute of the machine hits all of them; figures are medians, ratios the
medians of those within each round. Parts: throughput, scale (a past of 0, 1 M and 10 M decisions;
one and two consumers), latency (from the door to the committed effect; CPU of the whole chain).
"""

import argparse
import asyncio
import json
import shutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from deploy.local.infrastructure import Infrastructure
from tests.bench import latency
from tests.bench.contestants import ROOT
from tests.bench.scale import Scale
from tests.bench.stack import HOME, Bench, Figures

RESULT = HOME / "spine.json"
PUBLISHERS = ("relay", "intake")
SERVERS = ("kafka", "postgres")
CONSUMERS = ("ceiling", "controlling", "naive")
AT_LEAST = {
    "controlling_vs_ceiling": 0.95,
    "controlling_vs_naive": 40,
    "intake_vs_ceiling": 0.3,
    "scale_1m": 0.9,
    "scale_10m": 0.9,
    "two_consumers": 1.6,
}
AT_MOST = {"latency_ratio_p99": 3, "peak_mib": 200}
console = Console()


class Part(StrEnum):
    """What can be measured apart."""

    THROUGHPUT = "throughput"
    SCALE = "scale"
    LATENCY = "latency"


def throughput(bench: Bench, rounds: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Race publishers and consumers."""
    found: dict[str, list[Figures]] = defaultdict(list)
    for number in range(rounds):
        for name in (*PUBLISHERS, *CONSUMERS):
            told(f"round {number + 1} of {rounds}: {name}")
            if name == CONSUMERS[0]:
                asyncio.run(bench.fill_topic())
            found[name].append(bench.measure(name))
    return medians(found, (*CONSUMERS, *PUBLISHERS)) | {
        "controlling_vs_ceiling": ratio(found, "controlling", "ceiling"),
        "controlling_vs_naive": ratio(found, "controlling", "naive"),
        "intake_vs_ceiling": ratio(found, "intake", "ceiling"),
    }


def scale(bench: Bench, rounds: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Race with a growing past, and with a second consumer."""
    part = Scale(bench, told)
    part.prepare()
    found = part.measure(rounds)
    return medians(found, found) | {
        "scale_1m": ratio(found, "past_1m", "past_empty"),
        "scale_10m": ratio(found, "past_10m", "past_empty"),
        "two_consumers": ratio(found, "crew_2", "crew_1"),
    }


def door_to_effect(bench: Bench, rounds: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Time single events, and count what the whole chain costs under load."""
    for schema in ("intake", "controlling"):
        bench.clear(schema)
    found = asyncio.run(latency.measure(bench, rounds, told))
    pairs = zip(found["chain"], found["raw"], strict=True)
    told("the whole chain under load")
    return medians(found, found) | {
        "latency_ratio_p99": statistics.median(a["p99_ms"] / b["p99_ms"] for a, b in pairs),
        "chain_cpu_seconds_per_1000": latency.cost(bench),
    }


PARTS = {Part.THROUGHPUT: throughput, Part.SCALE: scale, Part.LATENCY: door_to_effect}


def medians(
    found: Mapping[str, Sequence[Figures]], names: Sequence[str] | Mapping[str, object]
) -> dict[str, Figures]:
    """The median of each figure over the rounds."""
    return {
        name: {key: statistics.median(one[key] for one in found[name]) for key in found[name][0]}
        for name in names
    }


def ratio(found: Mapping[str, Sequence[Figures]], one: str, other: str) -> float:
    """The median of the ratios within each round, which a drift of the machine can't move."""
    pairs = zip(found[one], found[other], strict=True)
    return statistics.median(a["events_per_second"] / b["events_per_second"] for a, b in pairs)


def show(result: Mapping[str, Any]) -> None:
    """Print what was measured, and whether it is what we want."""
    judged(result, AT_LEAST, AT_MOST)
    if cost := result.get("chain_cpu_seconds_per_1000"):
        parts = ", ".join(f"{name} {seconds:.3f}" for name, seconds in cost.items())
        console.print(f"CPU seconds per 1,000 events from the door to the effect: {parts}")


def judged(
    result: Mapping[str, Any], at_least: Mapping[str, float], at_most: Mapping[str, float]
) -> None:
    """Print figures as tables, and each limit with its verdict."""
    races = Table("", "events/s", "CPU s per 1,000", "peak MiB", box=None)
    waits = Table("", "p50 ms", "p99 ms", box=None)
    for name, figures in result.items():
        if isinstance(figures, dict) and "events_per_second" in figures:
            races.add_row(
                name.replace("_", " "),
                f"{figures['events_per_second']:,.0f}",
                f"{figures['cpu_seconds_per_1000']:.3f}",
                f"{figures['peak_mib']:.0f}",
            )
        elif isinstance(figures, dict) and "p99_ms" in figures:
            waits.add_row(name, f"{figures['p50_ms']:.1f}", f"{figures['p99_ms']:.1f}")
    for table in (races, waits):
        if table.row_count:
            console.print(table)
    peaks = [
        one["peak_mib"] for one in result.values() if isinstance(one, dict) and "peak_mib" in one
    ]
    for name, value in {**result, "peak_mib": max(peaks, default=None)}.items():
        if name in at_least:
            _verdict(name, value, "at least", at_least[name], met=value >= at_least[name])
        elif name in at_most and value is not None:
            _verdict(name, value, "at most", at_most[name], met=value <= at_most[name])


def _verdict(name: str, value: float, bound: str, limit: float, *, met: bool) -> None:
    verdict = "met" if met else "[red]missed[/]"
    console.print(f"{name.replace('_', ' ')}: {value:.2f} (wanted {bound} {limit}, {verdict})")


def main() -> None:
    """Measure what was asked for and keep it beside what was measured before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", type=Part, default=list(Part), help=", ".join(Part))
    parser.add_argument("--events", type=int, default=60_000, help="events per contestant")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    shutil.rmtree(HOME / "stack", ignore_errors=True)
    infrastructure = Infrastructure(HOME / "stack", environment={})
    with infrastructure as addresses:
        servers = {
            one.name: psutil.Process(one.process.pid)
            for one in infrastructure.children
            if one.name in SERVERS
        }
        bench = Bench(addresses, HOME / "secrets", options.events, servers)
        bench.prepare()
        for part in options.parts:
            with console.status(f"{part}: starting") as status:
                told = lambda text, part=part: status.update(f"{part}: {text}")  # noqa: E731 - one line, and bound to its part
                found = PARTS[part](bench, options.rounds, told)
            show(found)
            result |= found
            RESULT.write_text(json.dumps(result, indent=2) + "\n")
    console.print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
