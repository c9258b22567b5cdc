"""What the command shows of how decisions came about. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from services.controlling.service_figures.process import Step, Way
from services.controlling.service_figures.ways import Course, Courses
from services.controlling.statistics.suppression import HIDDEN
from shared.console import screen
from shared.console.numbers import percent


def courses_as_document(found: Courses) -> Mapping[str, Any]:
    """Give everything as one JSON object; days as numbers."""
    return {
        "first": found.first,
        "last": found.last,
        "known_on": found.known_on,
        "whole": _course(found.whole),
        "services": {service: _course(one) for service, one in found.services.items()},
        "ways": [{"way": way, "decided": number} for way, number in found.ways],
    }


def courses_as_tables(found: Courses) -> Iterator[Table | str]:
    """Give tables, each below a sentence that says what it is about."""
    known = "" if found.known_on is None else f", as known on {found.known_on}"
    yield f"decisions by what was applied for, {found.first} to {found.last}{known}"
    yield _services(found)
    yield "days that each step took, of all decisions"
    yield _steps(found.whole)
    yield "ways to a decision; rarer ones aren't shown"
    yield _ways(found)


def _course(one: Course | None) -> Mapping[str, Any] | None:
    if one is None:
        return None
    cases = one.cases
    return {
        "decided": cases.decided,
        "late": cases.late,
        "asked_again": cases.asked_again,
        "mended": cases.mended,
        "reworked": cases.reworked,
        "steps": {
            step.value: None if spread is None else spread._asdict()
            for step, spread in one.steps.items()
        },
    }


def _services(found: Courses) -> Table:
    table = screen.table(
        "service", numbers=("decided", "half", "9 of 10", "late", "reworked"), lined=True
    )
    for service, one in (*found.services.items(), ("all", found.whole)):
        if one is None:
            screen.add(table, service or "none", HIDDEN)
            continue
        whole = one.steps[Step.DECISION]
        screen.add(
            table,
            service or "none",
            one.cases.decided,
            None if whole is None else whole.half,
            None if whole is None else whole.most,
            percent(one.share(one.cases.late)),
            percent(one.share(one.cases.reworked)),
        )
    return table


def _steps(whole: Course | None) -> Table:
    table = screen.table("step", numbers=("half", "9 of 10"), lined=True)
    for step, spread in ({} if whole is None else whole.steps).items():
        half, most = (None, None) if spread is None else spread
        screen.add(table, step.value, half, most)
    return table


def _ways(found: Courses) -> Table:
    table = screen.table("waited for", numbers=("decided",), lined=True)
    for way, number in found.ways:
        screen.add(table, way_in_words(way), number)
    return table


def way_in_words(way: Way) -> str:
    """Write a way down."""
    return ", then ".join(way) or "nothing"
