"""`make bench-start`: what it costs to start `gleichfall`, in seconds of CPU.

Every command's `--help`, and the commands that people call most and that need no stack. Each is
started ten times, in turn with the others, and its median is shown; user and system time are
added. Beside it stands Python that does nothing: where it is dear, the machine is busy or slow.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from deploy.command_line import SUBCOMMANDS
from shared.configuration.places import ORGANISATION, POLICY
from shared.console import screen

USED: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("down",),
    ("stats", "interval", "--errors", "45", "--sample", "100"),
    ("stats", "interval", "--errors", "45", "--sample", "100", "--population", "300"),
    ("stats", "sample-size", "--tolerable", "0.05", "--expected", "0.01"),
    ("stats", "sampler", "--seed", "314159", "--take", "4", "--range", "1", "1000"),
    ("messages", "list"),
    ("policy", "check", str(POLICY)),
    ("organisation", "check", str(ORGANISATION)),
    ("events", "list"),
)
WANTED: dict[tuple[str, ...], float] = {USED[2]: 0.25, USED[3]: 0.25, ("messages", "list"): 0.4}
NOTHING_RUNS = 1
ROUNDS = 10
NOTHING = ("-c", "pass")
_PROGRAM = ("-m", "deploy.command_line")


class CommandFailed(Exception):
    """A command that should work left with an error."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds: int = parser.parse_args().rounds
    commands = [NOTHING, *((name, "--help") for name in SUBCOMMANDS), *USED]
    costs: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as empty, screen.progress() as progress:
        task = progress.add_task("starting", total=(rounds + 1) * len(commands))
        for number in range(rounds + 1):
            for command in commands:
                cost = _cost(command, Path(empty))
                if number:  # the first round fills the machine's caches
                    costs[command].append(cost)
                progress.advance(task)
    table = screen.table("gleichfall …", numbers=("CPU s", "wanted"))
    for command, found in costs.items():
        wanted = WANTED.get(command)
        limit = f"under {wanted:g}" if wanted else ""
        name = "(python that does nothing)" if command == NOTHING else " ".join(command)
        screen.add(table, name, f"{statistics.median(found):.2f}", limit)
    screen.show(table)


def _cost(command: Sequence[str], empty: Path) -> float:
    """Give the CPU seconds of one run beside no stack."""
    process = subprocess.Popen(
        [sys.executable, *(() if command == NOTHING else _PROGRAM), *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"GLEICHFALL_STACK_DIR": str(empty)},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, NOTHING_RUNS if command == ("status",) else 0}:
        raise CommandFailed(" ".join(command))
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
