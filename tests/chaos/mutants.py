"""`make chaos-mutants`: storms on a broken product must be red, and green on the product itself.

Each mutant meets the faults that would hurt it most; the product meets all of them.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from rich.table import Table

from deploy.local.folder import CHECKOUT
from shared.crash_points import CrashPoint
from tests.chaos.faults import LOCKED_SECONDS, Fault, Kind
from tests.chaos.mutation import PRODUCT
from tests.chaos.outcome import HOME, Outcome, console
from tests.chaos.storm import Plan, run
from tests.mutants import consuming, publishing
from tests.mutants.catalogue import Break, Guarantee, Harness, Mutant, mutants

RESULT = HOME / "mutants.json"
PLAN = Plan(seed=0, events=3_000, seconds=12, intakes=2, faults=())
GRUDGING = timedelta(seconds=8)
"""A mutant that loses events never comes to rest; this is waited for."""

_BOTH = ("controlling", "controlling-2")


def _crashes(*targets: str, point: CrashPoint) -> list[Fault]:
    return [
        Fault(2.0 + 2.5 * number, Kind.CRASH, target, f"{point}:2")
        for number, target in enumerate(targets)
    ]


def _locks_with_kills() -> list[Fault]:
    """Kill whoever has polled the hot case, just before its row is free again."""
    return [
        fault
        for at in (3.0, 9.0)
        for fault in (
            Fault(at, Kind.LOCK, "controlling"),
            *(Fault(at + LOCKED_SECONDS - 0.3, Kind.SIGKILL, target) for target in _BOTH),
        )
    ]


def _locks_with_ended_sessions() -> list[Fault]:
    """Let batches with the hot case wait, and end the sessions in which they do."""
    return [
        fault
        for at in (2.0, 8.0)
        for fault in (
            Fault(at, Kind.LOCK, "controlling"),
            *(
                Fault(at + after, Kind.SESSIONS, "controlling")
                for after in range(1, int(LOCKED_SECONDS))
            ),
        )
    ]


HURTING: dict[Break, Sequence[Fault]] = {
    consuming.dedupe_off: _crashes(*_BOTH, point=CrashPoint.AFTER_COMMIT),
    consuming.ack_first: _locks_with_kills(),
    consuming.offsets_before_the_database: _crashes(*_BOTH, point=CrashPoint.BEFORE_COMMIT),
    consuming.bare_ack: _locks_with_ended_sessions(),
    publishing.two_relays: [Fault(1.0, Kind.KAFKA)],  # both find plenty when it is back
}
"""What a mutant must meet to do harm; the others need no more than the load."""

ALL = sorted(chain.from_iterable(HURTING.values()), key=lambda fault: fault.at)

HURRIED: frozenset[Break] = frozenset({publishing.cursor_relay, publishing.two_relays})
"""Mutants that need many requests at once."""


def storm_on_the_product() -> Outcome:
    """Run a storm with all faults that a mutant meets."""
    return _storm(replace(PLAN, faults=ALL), PRODUCT)


def storm_on(mutant: Mutant) -> Outcome:
    """Run the storm that a mutant must not survive."""
    plan = replace(PLAN, faults=HURTING.get(mutant.breaks, ()))
    if mutant.guarantee is not Guarantee.SAVED:
        plan = replace(plan, calm=GRUDGING)
    if mutant.breaks in HURRIED:
        plan = replace(plan, seconds=1)
    return _storm(plan, str(mutant))


def _storm(plan: Plan, name: str) -> Outcome:
    return run(replace(plan, program=("-m", "tests.chaos.mutation", name)), lambda _: None)


def show(name: str, story: str, outcome: Outcome) -> None:
    """Print what a storm found."""
    table = Table("", "storm", "what it found", box=None)
    found = [*outcome.harm, *outcome.complaints]
    colour = "green" if outcome.passed else "[red]red[/]"
    table.add_row(f"{name}\n{story}", colour, "\n".join(found[:4]))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make chaos-mutants",
        description="Show that storms on a deliberately broken product are red.",
    )
    known = {str(mutant): mutant for mutant in mutants(Harness.STORM)}
    parser.add_argument("--only", choices=known, action="append", help="some mutants")
    wanted = parser.parse_args().only or list(known)
    with console.status("the product"):
        product = storm_on_the_product()
    show(PRODUCT, "Nothing is broken.", product)
    outcomes = {PRODUCT: product}
    for number, name in enumerate(wanted, 1):
        with console.status(f"{name} ({number} of {len(wanted)})"):
            outcomes[name] = storm_on(known[name])
        show(name, known[name].story, outcomes[name])
    found = {name: outcome.model_dump() for name, outcome in outcomes.items()}
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    red = sum(not outcomes[name].passed for name in wanted)
    console.print(
        f"{red} of {len(wanted)} mutants red, the product "
        f"{'green' if product.passed else '[red]red[/]'}; "
        f"written to {RESULT.relative_to(CHECKOUT.root.parent)}"
    )
    sys.exit(not product.passed or red < len(wanted))


if __name__ == "__main__":
    main()
