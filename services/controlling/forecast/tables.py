"""What a preview says: an object for programs, tables for people."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from services.controlling.forecast.forecast import Need, StratumForecast, Week
from services.controlling.forecast.preview import Preview

_ENDLESS = 10_000


def as_object(preview: Preview, first: date, last: date, wanted: Fraction | None) -> dict[str, Any]:
    """Give a preview as one JSON object: shares as fractions, nothing rounded."""
    found = preview.forecast
    return {
        "policy": found.policy.version,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "decisions": found.decisions,
        "drawn": found.drawn,
        "hours": found.hours,
        "half_width": found.half_width,
        "unseen": found.unseen,
        "weeks": [_week(week) for week in found.weeks],
        "strata": [
            asdict(one) | {"rate": float(one.rate), "weeks": [_week(week) for week in one.weeks]}
            for one in found.strata
        ],
        "windows": [asdict(one) for one in found.windows],
        "merged_units": preview.merged,
        "facts_unknown": preview.unknown,
        "wanted": None if wanted is None else _needs(preview, wanted),
    }


def print_tables(
    console: Console, preview: Preview, *, by_week: bool, wanted: Fraction | None
) -> None:
    """Print strata, weeks and, for a wanted precision, the rates that it needs."""
    _print_strata(console, preview)
    _print_weeks(console, preview.forecast.weeks, "all strata")
    if by_week:
        for one in preview.forecast.strata:
            _print_weeks(console, one.weeks, one.stratum)
    if wanted is not None:
        _print_needs(console, preview, wanted)
    for note in _notes(preview):
        console.print(Text(note), soft_wrap=True)


def _needs(preview: Preview, wanted: Fraction) -> dict[str, Any]:
    found = preview.forecast
    return {
        "half_width": float(wanted),
        "each_stratum": asdict(found.each_to(wanted)),
        "neyman": asdict(found.whole_to(wanted, by_size=False)),
        "proportional": asdict(found.whole_to(wanted, by_size=True)),
    }


def _week(week: Week) -> dict[str, Any]:
    return {"week": _name(week)} | asdict(week) | {"monday": week.monday.isoformat()}


def _name(week: Week) -> str:
    return f"{week.monday:%G-W%V}"


def _print_strata(console: Console, preview: Preview) -> None:
    found = preview.forecast
    table = _table("stratum", f"policy {found.policy.version}")
    for heading, footer in (
        ("decisions", f"{found.decisions:,}"),
        ("rate", ""),
        ("minimum", ""),
        ("drawn", f"{found.drawn:,.1f}"),
        ("hours", f"{found.hours:,.1f}"),
        ("expected errors", ""),
        ("known to ±", _percent(found.half_width)),
    ):
        table.add_column(heading, footer=footer, justify="right")
    for one in found.strata:
        table.add_row(
            Text(one.stratum),
            f"{one.decisions:,}",
            _percent(float(one.rate)),
            str(one.minimum or "-"),
            f"{one.drawn:,.1f}",
            f"{one.hours:,.1f}",
            _percent(one.expected_errors),
            _percent(one.half_width),
        )
    _print(console, table)


def _print_weeks(console: Console, weeks: tuple[Week, ...], title: str) -> None:
    table = _table("week", title)
    for heading in ("decisions", "drawn", "hours"):
        table.add_column(heading, justify="right")
    for week in weeks:
        table.add_row(
            _name(week), f"{week.decisions:,}", f"{week.drawn:,.1f}", f"{week.hours:,.1f}"
        )
    _print(console, table)


def _print_needs(console: Console, preview: Preview, wanted: Fraction) -> None:
    needs: dict[str, Need] = {
        "each stratum": preview.forecast.each_to(wanted),
        "whole, fewest": preview.forecast.whole_to(wanted, by_size=False),
        "whole, by size": preview.forecast.whole_to(wanted, by_size=True),
    }
    table = _table("rates needed", f"to know the rate to ±{_percent(float(wanted))}")
    for heading, need in needs.items():
        footer = f"{need.reviews:,} reviews\n{need.hours:,.0f} h, ±{_percent(need.half_width)}"
        table.add_column(heading, footer=footer, justify="right")
    for one in preview.forecast.strata:
        shares = [_percent(need.rates[one.stratum]) for need in needs.values()]
        table.add_row(Text(one.stratum), *shares)
    _print(console, table)


def _notes(preview: Preview) -> Iterator[str]:
    found = preview.forecast
    for one in found.strata:
        yield from _notes_of(one)
    if found.unseen:
        yield f"nothing can be said about {found.unseen:,} decisions of strata that aren't drawn"
    for window in found.windows:
        yield (
            f"{window.name}: in its {window.days} days {window.decisions:,.0f} decisions are to be "
            f"expected at this pace, {window.hours:,.0f} hours"
        )
    for unit, successor in preview.merged.items():
        yield f"decisions that name {unit} count as those of {successor}, into which it was merged"
    if preview.unknown:
        yield (
            f"{preview.unknown:,} decisions were registered before their facts were kept; they "
            "count as none where the policy splits"
        )


def _notes_of(one: StratumForecast) -> Iterator[str]:
    if one.short:
        periods = "1 period" if one.short == 1 else f"{one.short} periods"
        yield (
            f"{one.stratum}: fewer decisions than the minimum of {one.minimum} in {periods}; "
            "there all are reviewed"
        )
    if one.half_width is None:
        yield f"{one.stratum}: nothing would be drawn"


def _table(first: str, title: str) -> Table:
    table = Table(box=box.SIMPLE, show_footer=True, title=title, title_justify="left")
    table.add_column(first, footer="all", overflow="fold")
    return table


def _print(console: Console, table: Table) -> None:
    """Print a table whole: a name of a stratum that is folded can't be read."""
    endless = console.options.update(width=_ENDLESS)
    console.width = Measurement.get(console, endless, table).maximum
    console.print(table)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
