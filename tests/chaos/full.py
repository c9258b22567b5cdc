"""`make chaos-full`: the big storms, one after the other, in as many sittings as it takes.

What a seed showed is kept in `.local/chaos/full`, so a run that was ended goes on with the next
seed. `--write` puts the table into docs/operations/guarantees.md.
"""

import argparse
import sys
import time
from datetime import timedelta

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.folder import CHECKOUT
from tests.chaos import table
from tests.chaos.outcome import HOME, REPORT, Outcome, console, tell, write
from tests.chaos.storm import Plan, run

KEPT = HOME / "full"
EVENTS = 100_000
KILLS = 100
LOAD = timedelta(minutes=2)
CONSUMERS = 3
SEEDS = range(1, 21)


def kept() -> dict[int, Outcome]:
    """Give what earlier sittings showed, by seed."""
    outcomes = (
        Outcome.model_validate_json(path.read_text()) for path in sorted(KEPT.glob("seed-*.json"))
    )
    return {one.seed: one for one in sorted(outcomes, key=lambda one: one.seed)}


def storm(seed: int, progress: Progress) -> Outcome:
    """Run one big storm and keep what it showed."""
    plan = Plan(seed, EVENTS, KILLS, LOAD.total_seconds(), CONSUMERS)
    bar = progress.add_task(f"seed {seed}", total=len(plan.schedule()), step="")

    def report(step: str) -> None:
        is_fault = step.lstrip()[:1].isdigit()
        progress.update(bar, advance=int(is_fault), step=step.strip())

    outcome = run(plan, report)
    progress.remove_task(bar)
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"seed-{seed}.json").write_text(outcome.model_dump_json(indent=2) + "\n")
    return outcome


def sit(seeds: list[int], minutes: float) -> None:
    """Run seeds until all are done or no more time is left for one."""
    began, longest = time.monotonic(), 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[step]}"), console=console) as progress:
        for seed in seeds:
            if time.monotonic() - began + longest > minutes * 60:
                console.print(f"no time is left for seed {seed}; 'make chaos-full' goes on there")
                return
            outcome = storm(seed, progress)
            longest = max(longest, outcome.seconds)
            tell(outcome)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make chaos-full",
        description=f"{len(SEEDS)} storms of {EVENTS:,} events and {KILLS} kills each.",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no storm that won't fit")
    parser.add_argument("--again", action="store_true", help="also seeds that were run before")
    parser.add_argument("--write", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    done = {} if options.again else kept()
    sit([seed for seed in options.seeds if seed not in done], options.minutes)
    outcomes = list(kept().values())
    write(outcomes)
    if options.write:
        table.write(outcomes)
    missing = len(set(options.seeds) - {one.seed for one in outcomes})
    console.print(
        f"{len(outcomes)} storms, {sum(one.passed for one in outcomes)} passed, {missing} to do; "
        f"written to {REPORT.relative_to(CHECKOUT.root.parent)}"
    )
    sys.exit(not all(one.passed for one in outcomes))


if __name__ == "__main__":
    main()
