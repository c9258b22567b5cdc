"""`make chaos`: a few storms, small enough for every change.

`SEED=7 make chaos` replays the seventh. Exit code 0 only when every storm passed.
"""

import argparse
import sys

from deploy.local.folder import CHECKOUT
from tests.chaos.outcome import REPORT, Outcome, console, tell, write
from tests.chaos.storm import Plan, run


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make chaos",
        description="Kill and restart everything under load, and count what is lost.",
    )
    parser.add_argument("--events", type=int, default=Plan.events, help="events of each storm")
    parser.add_argument("--kills", type=int, default=Plan.kills, help="kills of each storm")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="time for the load")
    parser.add_argument("--consumers", type=int, default=Plan.consumers, help="of each service")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    for seed in options.seeds:
        plan = Plan(seed, options.events, options.kills, options.seconds, options.consumers)
        console.print(f"seed {seed}: {plan.events:,} events, {plan.kills} kills")
        outcomes.append(run(plan, lambda step: console.print(f"  {step}")))
        tell(outcomes[-1])
        write(outcomes)
    console.print(f"written to {REPORT.relative_to(CHECKOUT.root.parent)}")
    sys.exit(not all(one.passed for one in outcomes))


if __name__ == "__main__":
    main()
