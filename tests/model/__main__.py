"""`make model`: draws other steps each time, more and longer ones than the tests do."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from hypothesis import settings
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.infrastructure import Infrastructure
from tests.conftest import TEST_STACKS
from tests.model.laboratory import laboratory
from tests.model.machine import SETTINGS, explore
from tests.model.world import Disagreement

console = Console(highlight=False)
# The model needs PostgreSQL alone.
_NOT_STARTED = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "SMTP_URL": "smtp://127.0.0.1:1"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make model", description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="how many sequences of steps")
    parser.add_argument("--steps", type=int, default=40, help="steps of each")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    how = settings(
        SETTINGS,
        max_examples=options.examples,
        stateful_step_count=options.steps,
        database=None,
    )
    console.print(f"{options.examples:,} times {options.steps} steps; SEED={options.seed} repeats")
    with (
        tempfile.TemporaryDirectory() as secrets,
        Infrastructure(TEST_STACKS / "model", environment=_NOT_STARTED) as addresses,
        laboratory(addresses.database_url, Path(secrets)) as lab,
        Progress(
            TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True,
        ) as progress,
    ):  # fmt: skip
        task = progress.add_task(
            "sequences; those over the total shorten a failure", total=options.examples
        )
        try:
            explore(lab, how, options.seed, begun=lambda: progress.advance(task))
        except Disagreement as found:
            console.print(str(found), *found.__notes__, sep="\n", markup=False)
            sys.exit(1)
    console.print("the mechanism agreed with the reference after every step")


if __name__ == "__main__":
    main()
