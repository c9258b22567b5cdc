"""What an import says at its end: a table for people, an object for programs."""

from collections import Counter
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from services.intake.importers.tally import Fate, Tally


def as_object(tally: Tally, *, mapping: str, dry_run: bool) -> dict[str, Any]:
    """Give the numbers as one JSON object; in a dry run `accepted` means "would be sent"."""
    return {
        "mapping": mapping,
        "dry_run": dry_run,
        "cases": tally.cases,
        "events": tally.events,
        **{fate.value: tally.total(fate) for fate in Fate},
        "derived": {fate.value: tally.derived[fate] for fate in Fate if fate is not Fate.IGNORED},
        "activities": {
            activity: {"events": fates.total(), **{fate.value: fates[fate] for fate in Fate}}
            for activity, fates in _by_frequency(tally)
        },
        "ignored_by_rule": dict(tally.rules.most_common()),
        "refused_by_reason": dict(tally.reasons.most_common()),
    }


def print_table(console: Console, tally: Tally, *, dry_run: bool) -> None:
    """Print the numbers per activity, then the rules and reasons behind them."""
    table = Table(box=box.SIMPLE, show_footer=True)
    table.add_column("Activity", footer=f"{tally.cases:,} cases", overflow="fold")
    table.add_column("events", footer=f"{tally.events:,}", justify="right")
    for fate in Fate:
        name = "would be sent" if dry_run and fate is Fate.ACCEPTED else fate.value
        table.add_column(name, footer=f"{tally.total(fate):,}", justify="right")
    for activity, fates in _by_frequency(tally):
        table.add_row(Text(activity), f"{fates.total():,}", *(f"{fates[fate]:,}" for fate in Fate))
    console.print(Group(table, *_derived(tally)))
    _print_counts(console, "Ignored by rule", tally.rules)
    _print_counts(console, "Refused", tally.reasons)


def _derived(tally: Tally) -> list[Text]:
    if not tally.derived:
        return []
    fates = ", ".join(f"{number:,} {fate.value}" for fate, number in tally.derived.items())
    return [Text(f"Beside them, derived from the start of the cases: {fates}")]


def _print_counts(console: Console, title: str, counts: Counter[str]) -> None:
    if not counts:
        return
    console.print(Text(f"\n{title}"))
    for name, number in counts.most_common():
        console.print(Text(f"{number:>9,}  {name}"), soft_wrap=True)


def _by_frequency(tally: Tally) -> list[tuple[str, Counter[Fate]]]:
    return sorted(tally.activities.items(), key=lambda item: -item[1].total())
