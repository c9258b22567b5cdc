"""A period's figures as one object for programs, and as tables for people."""

from dataclasses import asdict
from typing import Any

from services.controlling.figures.cells import Kind
from services.controlling.figures.period import PeriodFigures, Row
from services.controlling.figures.told import ToldEstimate, ToldRate
from services.controlling.figures.unanswered import WANTED_AT_LAST, WANTED_IN_TIME
from services.controlling.statistics.intervals import Interval
from services.controlling.statistics.suppression import HIDDEN, STEPS_WHY, WHY
from shared.console import screen
from shared.console.numbers import UNKNOWN

_NO_ESTIMATE = dict.fromkeys(("rate", "lower", "upper", "method", "step"))


def as_object(figures: PeriodFigures) -> dict[str, Any]:
    """Give all figures; null where nothing may be shown or nothing is known."""
    by_kind: dict[str, Any] = {}
    for cell, row in figures.rows.items():
        if cell.kind is Kind.WHOLE:
            by_kind[cell.kind] = _row(row)
        else:
            by_kind.setdefault(cell.kind, {})[cell.name] = _row(row)
    return {
        **by_kind,
        "agreement": figures.agreement and asdict(figures.agreement),
        "consistency": figures.consistency and asdict(figures.consistency),
        "completion": {
            **figures.completion._asdict(),
            "share": figures.completion.share,
            "wanted_in_time": WANTED_IN_TIME,
            "wanted_at_last": WANTED_AT_LAST,
        },
        "footnotes": [str(note) for note in figures.footnotes],
    }


def _row(row: Row) -> dict[str, Any] | None:
    if row.plain is None:
        return None
    return {
        **_rate(row.plain),
        "appeal_adjusted": row.adjusted and _estimate(row.adjusted.estimate),
        "on_the_facts": row.facts and _rate(row.facts),
        "corrected": _estimate(row.corrected),
    }


def _rate(rate: ToldRate) -> dict[str, Any]:
    """Give one rate with everything that is told of it."""
    found = asdict(rate)
    del found["estimate"], found["sample"]
    return {"n": rate.sample, **found, **(_estimate(rate.estimate) or _NO_ESTIMATE)}


def _estimate(found: ToldEstimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "rate": asdict(found.rate),
        **asdict(found.limits),
        "method": found.method,
        "step": found.step,
    }


def print_tables(figures: PeriodFigures) -> None:
    """Print the rates, then the footnotes."""
    names = (
        "N", "n", "rate", "interval", "missing right to wrong",
        "adjusted", "on the facts", "corrected",
    )  # fmt: skip
    table = screen.table("", numbers=names, lined=True)
    kind = None
    for cell, row in sorted(figures.rows.items(), key=lambda item: list(Kind).index(item[0].kind)):
        if cell.kind is not kind and kind is not None:
            table.add_section()
        kind = cell.kind
        screen.add(table, cell.name or "whole", *_cells(row))
    notes = (f"{number}  {note}" for number, note in enumerate(figures.footnotes, start=1))
    hidden = any(row.plain is None for row in figures.rows.values())
    screen.show(table, *notes, STEPS_WHY, *([f"{HIDDEN.capitalize()}: {WHY}."] if hidden else []))


def _cells(row: Row) -> list[str | int]:
    plain = row.plain
    if plain is None:
        return ["", HIDDEN, *[""] * 6]
    found = plain.estimate
    return [
        "?" if plain.population is None else plain.population,
        plain.sample,
        _span_of(found),
        span(found.limits if found else None),
        span(plain.bounds),
        _span_of(row.adjusted.estimate if row.adjusted else None),
        _span_of(row.facts.estimate if row.facts else None),
        _span_of(row.corrected),
    ]


def _span_of(found: ToldEstimate | None) -> str:
    return span(found.rate if found else None)


def span(limits: Interval | None) -> str:
    """Write an interval for people."""
    return UNKNOWN if limits is None else f"{100 * limits.lower:.1f} to {100 * limits.upper:.1f} %"
