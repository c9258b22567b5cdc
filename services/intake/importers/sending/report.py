"""What an import says at its end: a table for people, an object for programs."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from services.intake.importers.sending.fate import Fate, Tally
from shared.console import screen


def as_object(tally: Tally, *, mapping: str, dry_run: bool) -> dict[str, Any]:
    """Give the numbers as one JSON object; in a dry run `accepted` means "would be sent"."""
    return {
        "mapping": mapping,
        "dry_run": dry_run,
        "cases": tally.cases,
        "events": tally.events,
        **{fate.value: tally.total(fate) for fate in Fate},
        "derived": {fate.value: tally.derived[fate] for fate in Fate if fate is not Fate.IGNORED},
        "corrections": {
            fate.value: tally.corrections[fate]
            for fate in (Fate.ACCEPTED, Fate.DUPLICATE, Fate.REFUSED)
        },
        "backward": tally.backward,
        "late": tally.late,
        "gone": dict(tally.gone),
        "other_mapping": tally.other_mapping,
        "activities": {
            activity: {"events": fates.total(), **{fate.value: fates[fate] for fate in Fate}}
            for activity, fates in _by_frequency(tally)
        },
        "ignored_by_rule": dict(tally.rules.most_common()),
        "refused_by_reason": dict(tally.reasons.most_common()),
        "refused_lines": {reason: tally.refusals.first(reason) for reason in tally.reasons},
    }


def print_table(tally: Tally, *, dry_run: bool) -> None:
    """Print the numbers per activity, then the rules and reasons behind them."""
    names = ["would be sent" if dry_run and fate is Fate.ACCEPTED else fate.value for fate in Fate]
    table = screen.table("Activity", numbers=("events", *names), lined=True)
    for activity, fates in _by_frequency(tally):
        screen.add(table, activity, fates.total(), *(fates[fate] for fate in Fate))
    totals = (tally.events, *(tally.total(fate) for fate in Fate))
    screen.foot(table, f"{tally.cases:,} cases", *totals)
    screen.show(table, *_derived(tally), *_compared(tally))
    _print_counts("Ignored by rule", tally.rules)
    _print_counts("Refused", tally.reasons, partial(_lines, tally))


def _derived(tally: Tally) -> list[str]:
    if not tally.derived:
        return []
    fates = ", ".join(f"{number:,} {fate.value}" for fate, number in tally.derived.items())
    return [f"Beside them, derived from the start of the cases: {fates}"]


def _compared(tally: Tally) -> list[str]:
    """Say what differs from what was sent before."""
    lines = []
    changed = sum(fates[Fate.CHANGED] for fates in (*tally.activities.values(), tally.derived))
    if changed:
        whose = (
            "they were changed, or the mapping was" if tally.other_mapping else "they were changed"
        )
        lines.append(f"{changed:,} say something else than was sent, which stands: {whose}")
    if tally.corrections:
        fates = ", ".join(f"{number:,} {fate}" for fate, number in tally.corrections.items())
        lines.append(f"Corrections of decisions: {fates}")
    if tally.late:
        lines.append(f"{tally.late:,} of the accepted came late: later ones were sent before")
    if tally.gone:
        types = ", ".join(f"{number:,} {name}" for name, number in tally.gone.items())
        lines.append(f"Sent before and not in this log: {types}. What was sent stands")
    return lines


def _print_counts(
    title: str, counts: Counter[str], where: Callable[[str], str] = lambda _: ""
) -> None:
    if counts:
        lines = (f"{number:>9,}  {name}{where(name)}" for name, number in counts.most_common())
        screen.show(f"\n{title}", *lines)


def _lines(tally: Tally, reason: str) -> str:
    """Say in which lines stands what was refused for a reason: the first, and how many more."""
    first = tally.refusals.first(reason)
    if not first:
        return ""
    more = tally.reasons[reason] - len(first)
    listed = f"{', '.join(map(str, first))}{f' and {more:,} more' if more else ''}"
    return f" ({'lines' if len(first) > 1 or more else 'line'} {listed})"


def _by_frequency(tally: Tally) -> list[tuple[str, Counter[Fate]]]:
    return sorted(tally.activities.items(), key=lambda item: -item[1].total())
