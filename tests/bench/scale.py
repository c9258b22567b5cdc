"""How throughput holds as the past grows, and what a second consumer brings.

Each size of the past has a database of its own on the same server, so that sizes can be measured
in turn within a round; each round brings decisions and cases that nobody has seen.
"""

import asyncio
import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import asyncpg

from shared.kafka.topics import declared_topics
from tests.bench.contestants import TOPIC
from tests.bench.history import DECISIONS, fill
from tests.bench.stack import Bench, Figures, start

SIZES = {"past_empty": 0, "past_1m": 1_000_000, "past_10m": 10_000_000}
CREWS = (1, 2)
LOOK = 0.02


class Scale:
    """Databases with a past of several sizes, and the races on them."""

    def __init__(self, bench: Bench, told: Callable[[str], None]) -> None:
        self._told = told
        self._bench = bench
        self._benches: dict[str, Bench] = {}

    def prepare(self) -> None:
        """Fill the databases; minutes for the largest."""
        for name, rows in SIZES.items():
            bench = self._benches[name] = self._bench.in_database(name)
            if rows:
                asyncio.run(fill(bench.addresses.database_url, DECISIONS, rows, self._told))

    def measure(self, rounds: int) -> dict[str, list[Figures]]:
        """Race on each size, and with one and two consumers on the empty one, round by round."""
        found: dict[str, list[Figures]] = defaultdict(list)
        for number in range(rounds):
            self._told(f"round {number + 1} of {rounds}: filling the topic")
            asyncio.run(self._bench.fill_topic(run=number + 1))
            for size, bench in self._benches.items():
                self._told(f"round {number + 1} of {rounds}: {size}")
                found[size].append(bench.contestant("controlling", bench.events))
            for members in CREWS:
                self._told(f"round {number + 1} of {rounds}: {members} consumers")
                found[f"crew_{members}"].append(self._crew(members))
        return found

    def _crew(self, members: int) -> Figures:
        """Several consumers in one group, started together; from their start to the last commit."""
        self._bench.clear("controlling")
        race = self._bench.race(f"crew{members}", self._bench.events)
        processes = [start("member", race) for _ in range(members)]
        try:
            _await_assignment(processes)
            began = time.perf_counter()
            for process in processes:
                _tell(process, "go")
            asyncio.run(_until_applied(self._bench.url("controlling"), self._bench.events))
            took = time.perf_counter() - began
        finally:
            results = [
                json.loads(process.communicate()[0].splitlines()[-1]) for process in processes
            ]
        cpu = sum(one["cpu_seconds_per_1000"] * one["events"] for one in results)
        return {
            "events": self._bench.events,
            "events_per_second": self._bench.events / took,
            "cpu_seconds_per_1000": cpu / self._bench.events,
            "peak_mib": max(one["peak_mib"] for one in results),
        }


def _await_assignment(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until each has its equal share of the partitions."""
    share = declared_topics()[TOPIC].partitions // len(processes)
    for process in processes:
        assert process.stdout is not None
        while int(process.stdout.readline()) != share:
            pass


def _tell(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


async def _until_applied(url: str, events: int) -> None:
    """Wait until the inbox says that all events have been applied."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "controlling"})
    async with asyncio.timeout(300):
        while await connection.fetchval("SELECT sum(last_sequence) FROM inbox") != events:
            await asyncio.sleep(LOOK)
    await connection.close()
