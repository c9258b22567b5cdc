"""`make chaos-mutants`: storms on a broken product must be red, and green on the product itself.

A harness that can't fail proves nothing. Each mutant meets the faults that would hurt it most; the
product meets all of them.
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
from tests.chaos.mutation import Mutant
from tests.chaos.outcome import HOME, Outcome, console
from tests.chaos.storm import Plan, run

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


HURTING: dict[Mutant, Sequence[Fault]] = {
    Mutant.DEDUPE_OFF: _crashes(*_BOTH, point=CrashPoint.AFTER_COMMIT),
    Mutant.ACK_FIRST: _locks_with_kills(),
    Mutant.OFFSETS_FIRST: _crashes(*_BOTH, point=CrashPoint.BEFORE_COMMIT),
    Mutant.BARE_ACK: _locks_with_ended_sessions(),
    Mutant.CURSOR_RELAY: (),
    Mutant.TWO_RELAYS: [Fault(1.0, Kind.KAFKA)],  # both find plenty when it is back
    Mutant.DEFAULT_PARSER: (),
    Mutant.PARK_DISABLED: (),
}

FAULTS = HURTING | {
    Mutant.NOTHING: sorted(chain.from_iterable(HURTING.values()), key=lambda fault: fault.at)
}

HURRIED = frozenset({Mutant.CURSOR_RELAY, Mutant.TWO_RELAYS})
"""Mutants that need many requests at once."""


def storm(mutant: Mutant) -> Outcome:
    """Run the storm of one mutant, or of the product."""
    program = ("-m", "tests.chaos.mutation", mutant.value)
    plan = replace(PLAN, faults=FAULTS[mutant], program=program)
    if mutant is not Mutant.NOTHING:
        plan = replace(plan, calm=GRUDGING)
    if mutant in HURRIED:
        plan = replace(plan, seconds=1)
    return run(plan, lambda _: None)


def show(outcomes: dict[str, Outcome]) -> None:
    """Print what each storm found."""
    table = Table("", "storm", "what it found", box=None)
    for name, outcome in outcomes.items():
        found = [*outcome.harm, *outcome.complaints]
        table.add_row(name, "green" if outcome.passed else "[red]red[/]", "\n".join(found[:4]))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make chaos-mutants",
        description="Show that storms on a deliberately broken product are red.",
    )
    names = [mutant.value for mutant in Mutant if mutant is not Mutant.NOTHING]
    parser.add_argument("--only", choices=names, action="append", help="some mutants")
    options = parser.parse_args()
    wanted = [Mutant(name) for name in options.only or names]
    outcomes: dict[str, Outcome] = {}
    for mutant in (Mutant.NOTHING, *wanted):
        with console.status(f"{mutant} ({len(outcomes) + 1} of {len(wanted) + 1})"):
            outcomes[mutant.value] = storm(mutant)
        show({mutant.value: outcomes[mutant.value]})
    found = {name: outcome.model_dump() for name, outcome in outcomes.items()}
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    product, *mutants = outcomes.values()
    red = sum(not outcome.passed for outcome in mutants)
    console.print(
        f"{red} of {len(mutants)} mutants red, the product "
        f"{'green' if product.passed else '[red]red[/]'}; "
        f"written to {RESULT.relative_to(CHECKOUT.root.parent)}"
    )
    sys.exit(not product.passed or red < len(mutants))


if __name__ == "__main__":
    main()
