"""A period's figures as one object for programs, and as tables for people."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.controlling.figures.cells import Cell, Kind
from services.controlling.figures.period import PeriodFigures, Row
from services.controlling.figures.told import ToldEstimate, ToldRate
from services.controlling.figures.unanswered import WANTED_AT_LAST, WANTED_IN_TIME
from services.controlling.figures.units_compared import units_compared
from services.controlling.policy.stratum_names import StratumNames
from services.controlling.statistics.intervals import Interval
from shared.console import screen
from shared.web.pages.spoken import UNKNOWN, Spoken, spoken
from shared.web.pages.words import Language

FOLDER = Path(__file__).parent
_IN_ENGLISH = spoken(Language.ENGLISH, FOLDER)
"""What programs read."""
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
        "footnotes": [note.told(_IN_ENGLISH) for note in figures.footnotes],
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


def print_tables(figures: PeriodFigures, say: Spoken, names: StratumNames) -> None:
    """Print the rates, then the footnotes, in the language of `say`."""
    table = screen.table("", numbers=[say(f"head.{one}") for one in _HEADS], lined=True)
    kind = None
    for cell, row in sorted(figures.rows.items(), key=lambda item: list(Kind).index(item[0].kind)):
        if cell.kind is not kind and kind is not None:
            table.add_section()
        kind = cell.kind
        screen.add(table, _part(cell, say, names), *_cells(row, say))
    notes = (
        f"{number}  {note.told(say, names.stratum)}"
        for number, note in enumerate(figures.footnotes, start=1)
    )
    hidden = any(row.plain is None for row in figures.rows.values())
    beside = [units_compared(figures.consistency, say, names.unit)]
    if (agreement := figures.agreement) is not None:
        beside.append(say("agreement", n=say.number(agreement.n), same=say.number(agreement.same)))
    why = [say("steps.why"), *([say("hidden.why")] if hidden else [])]
    screen.show(table, *notes, *beside, *why)


_HEADS = ("population", "sample", "rate", "interval", "bounds", "adjusted", "facts", "corrected")


def _part(cell: Cell, say: Spoken, names: StratumNames) -> str:
    match cell.kind:
        case Kind.WHOLE:
            return say("part.whole")
        case Kind.UNIT:
            return names.unit(cell.name)
        case Kind.GROUP:
            return names.group(cell.name)
        case Kind.DIRECTION:
            return names.directions[cell.name]
        case Kind.STRATUM:
            return names.stratum(cell.name)
        case Kind.CHOSEN:
            return cell.name


def _cells(row: Row, say: Spoken) -> list[str]:
    plain = row.plain
    if plain is None:
        return ["", say("hidden"), *[""] * 6]
    found = plain.estimate
    return [
        "?" if plain.population is None else say.number(plain.population),
        say.number(plain.sample),
        _span_of(found, say),
        span(found.limits if found else None, say),
        span(plain.bounds, say),
        _span_of(row.adjusted.estimate if row.adjusted else None, say),
        _span_of(row.facts.estimate if row.facts else None, say),
        _span_of(row.corrected, say),
    ]


def _span_of(found: ToldEstimate | None, say: Spoken) -> str:
    return span(found.rate if found else None, say)


def span(limits: Interval | None, say: Spoken) -> str:
    """Write an interval for people."""
    if limits is None:
        return UNKNOWN
    lower, upper = (say.number(100 * limit, 1) for limit in (limits.lower, limits.upper))
    return say("span", lower=lower, upper=upper)
