"""What a preview says: an object for programs, tables for people."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from rich.table import Table

from services.controlling.forecast.forecast import Need, StratumForecast, Week
from services.controlling.forecast.load import Burden, as_rows
from services.controlling.forecast.preview import Preview
from shared.console import screen
from shared.console.numbers import percent


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
        "load": {
            "reviews": preview.burden.reviews,
            "hours": preview.burden.hours,
            "capacity": preview.burden.capacity,
            "by": as_rows(preview.burden),
            "advice": preview.burden.advice,
        },
        "weeks": [_week(week) for week in found.weeks],
        "strata": [
            asdict(one) | {"rate": float(one.rate), "weeks": [_week(week) for week in one.weeks]}
            for one in found.strata
        ],
        "windows": [asdict(one) for one in found.windows],
        "merged_units": preview.merged,
        "facts_unknown": preview.unknown,
        "law_changed_unlisted": preview.unlisted,
        "wanted": None if wanted is None else _needs(preview, wanted),
    }


def print_tables(preview: Preview, *, by_week: bool, wanted: Fraction | None) -> None:
    """Print strata, weeks and, for a wanted precision, the rates that it needs."""
    tables = [
        _burden(preview.burden),
        _strata(preview),
        _weeks(preview.forecast.weeks, "all strata"),
    ]
    if by_week:
        tables += [_weeks(one.weeks, one.stratum) for one in preview.forecast.strata]
    if wanted is not None:
        tables.append(_rates(preview, wanted))
    screen.show(*tables, *_notes(preview), whole=True)


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


def _burden(found: Burden) -> Table:
    table = _table("a week, all that asks for reviews", "asks for reviews", ("reviews", "hours"))
    for one in found.loads:
        screen.add(table, one.asks.value, f"{one.reviews:,.1f}", f"{one.hours:,.1f}")
    screen.foot(table, "all", f"{found.reviews:,.1f}", f"{found.hours:,.1f}")
    return table


def _fits(found: Burden) -> Iterator[str]:
    """Say whether reviewers can bear it, and what to change if they can't."""
    if found.capacity is None:
        yield "the organisation file doesn't say what reviewers have: add staff.review_hours"
    elif found.hours <= found.capacity:
        yield f"it fits: {found.hours:,.1f} of the {found.capacity:,.1f} hours a week there are"
    else:
        yield (
            f"it doesn't fit: {found.hours:,.1f} hours a week, and there are "
            f"{found.capacity:,.1f}; each of these helps, alone or with others:"
        )
        yield from (f"  {one}" for one in found.advice)


def _strata(preview: Preview) -> Table:
    found = preview.forecast
    numbers = ("decisions", "rate", "minimum", "drawn", "hours", "expected errors", "known to ±")
    table = _table(f"policy {found.policy.version}", "stratum", numbers)
    for one in found.strata:
        screen.add(
            table,
            one.stratum,
            one.decisions,
            percent(float(one.rate)),
            one.minimum or None,
            f"{one.drawn:,.1f}",
            f"{one.hours:,.1f}",
            percent(one.expected_errors),
            percent(one.half_width),
        )
    drawn, hours = f"{found.drawn:,.1f}", f"{found.hours:,.1f}"
    screen.foot(table, "all", found.decisions, "", "", drawn, hours, "", percent(found.half_width))
    return table


def _weeks(weeks: tuple[Week, ...], title: str) -> Table:
    table = _table(title, "week", ("decisions", "drawn", "hours"))
    for week in weeks:
        screen.add(table, _name(week), week.decisions, f"{week.drawn:,.1f}", f"{week.hours:,.1f}")
    return table


def _rates(preview: Preview, wanted: Fraction) -> Table:
    needs: dict[str, Need] = {
        "each stratum": preview.forecast.each_to(wanted),
        "whole, fewest": preview.forecast.whole_to(wanted, by_size=False),
        "whole, by size": preview.forecast.whole_to(wanted, by_size=True),
    }
    title = f"to know the rate to ±{percent(float(wanted))}"
    table = _table(title, "rates needed", list(needs))
    for one in preview.forecast.strata:
        screen.add(
            table, one.stratum, *(percent(need.rates[one.stratum]) for need in needs.values())
        )
    footers = (
        f"{need.reviews:,} reviews\n{need.hours:,.0f} h, ±{percent(need.half_width)}"
        for need in needs.values()
    )
    screen.foot(table, "all", *footers)
    return table


def _notes(preview: Preview) -> Iterator[str]:
    found = preview.forecast
    yield from _fits(preview.burden)
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
    for code in preview.unlisted:
        yield (
            f"a change of law names the decision type {code}, which the catalogue doesn't list: it "
            "finds no decision; let it be sent again with the code that is meant"
        )
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


def _table(title: str, first: str, numbers: Sequence[str]) -> Table:
    table = screen.table(first, numbers=numbers, lined=True)
    table.title, table.title_justify = title, "left"
    return table
