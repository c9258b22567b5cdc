"""A period's figures as one object for programs, and as tables for people."""

from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from services.controlling.figures.cells import Kind
from services.controlling.figures.period import PeriodFigures, Row
from services.controlling.figures.rate import Rate
from services.controlling.figures.unanswered import WANTED_AT_LAST, WANTED_IN_TIME
from services.controlling.statistics import agreement, consistency
from services.controlling.statistics.agreement import Coefficient, Ratings
from services.controlling.statistics.correction import CorrectedRate
from services.controlling.statistics.errors import AgreementUndefined
from services.controlling.statistics.intervals import Interval
from services.controlling.statistics.suppression import HIDDEN, WHY
from shared.console import screen
from shared.console.numbers import UNKNOWN, percent


def as_object(figures: PeriodFigures, confidence: Fraction) -> dict[str, Any]:
    """Give all figures; null where nothing may be shown or nothing is known."""
    by_kind: dict[str, Any] = {}
    for cell, row in figures.rows.items():
        if cell.kind is Kind.WHOLE:
            by_kind[cell.kind] = _row(row)
        else:
            by_kind.setdefault(cell.kind, {})[cell.name] = _row(row)
    return {
        **by_kind,
        "agreement": figures.agreement and agreement_figures(figures.agreement, confidence),
        "consistency": figures.consistency and consistency.as_object(*figures.consistency),
        "completion": {
            **figures.completion._asdict(),
            "share": figures.completion.share,
            "wanted_in_time": WANTED_IN_TIME,
            "wanted_at_last": WANTED_AT_LAST,
        },
        "footnotes": [str(note) for note in figures.footnotes],
    }


def agreement_figures(ratings: Ratings, confidence: Fraction) -> dict[str, Any]:
    """Give the coefficients for pairs of reviewers, and who says what where the other says what."""
    coefficients: dict[str, Callable[[Ratings, Fraction], Coefficient]] = {
        "cohen": agreement.cohen,
        "ac1": agreement.ac1,
        "alpha": lambda rated, sure: agreement.alpha(rated, confidence=sure),
    }
    return {
        "n": len(ratings.decisions),
        **{name: _defined(make, ratings, confidence) for name, make in coefficients.items()},
        "categories": ratings.categories,
        "matrix": agreement.disagreement_matrix(ratings),
    }


def _defined(
    make: Callable[[Ratings, Fraction], Coefficient], ratings: Ratings, confidence: Fraction
) -> dict[str, Any] | None:
    try:
        return asdict(make(ratings, confidence))
    except AgreementUndefined:
        return None


def _row(row: Row) -> dict[str, Any] | None:
    if row.plain is None:
        return None
    return {
        **rate_figures(row.plain),
        "appeal_adjusted": _rate(row.adjusted),
        "on_the_facts": row.facts and rate_figures(row.facts),
        "corrected": row.corrected and _corrected(row.corrected),
    }


def rate_figures(rate: Rate) -> dict[str, Any]:
    """Give one rate with everything that is known about it."""
    found = rate.estimate
    return {
        "population": rate.population,
        "reviewed": rate.reviewed,
        "n": rate.counts.sample,
        "errors": rate.counts.errors,
        "answers": rate.answers,
        "design_weight": rate.design_weight,
        "rate": found and found.rate,
        "lower": found and found.limits.lower,
        "upper": found and found.limits.upper,
        "method": found and found.method,
        "standard_error": found and found.standard_error,
        "at_most": found and found.at_most,
        "clopper_pearson": rate.clopper_pearson and asdict(rate.clopper_pearson),
        "wilson": rate.wilson and asdict(rate.wilson),
        "missing": rate.unanswered and rate.unanswered.missing,
        "bounds": _bounds(rate),
    }


def _bounds(rate: Rate) -> dict[str, float] | None:
    bounds = rate.unanswered and rate.unanswered.bounds
    return asdict(bounds) if bounds else None


def _corrected(found: CorrectedRate) -> dict[str, Any]:
    return {"rate": found.rate, "standard_error": found.standard_error, **asdict(found.interval)}


def _rate(rate: Rate | None) -> float | None:
    return rate.estimate.rate if rate and rate.estimate else None


def print_tables(figures: PeriodFigures) -> None:
    """Print the rates, then the footnotes."""
    names = (
        "N", "n", "errors", "rate", "interval", "missing right to wrong",
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
    screen.show(table, *notes, *([f"{HIDDEN.capitalize()}: {WHY}."] if hidden else []))


def _cells(row: Row) -> list[str | int]:
    plain = row.plain
    if plain is None:
        return ["", HIDDEN, *[""] * 7]
    found = plain.estimate
    return [
        "?" if plain.population is None else plain.population,
        plain.counts.sample,
        plain.counts.errors,
        percent(found.rate if found else None),
        span(found.limits if found else None),
        span(plain.unanswered.bounds if plain.unanswered else None),
        percent(_rate(row.adjusted)),
        percent(_rate(row.facts)),
        percent(row.corrected.rate if row.corrected else None),
    ]


def span(limits: Interval | None) -> str:
    """Write an interval for people."""
    return UNKNOWN if limits is None else f"{100 * limits.lower:.1f} to {100 * limits.upper:.1f} %"
