"""Every way out of controlling on which figures stand is known, and none has more than is told.

A command, page or file that is added must be entered here, with what releases its figures and what
they are about, or why it has none; else this is red.
"""

import ast
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import NamedTuple

import click
import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

import services.controlling
from deploy.command_line import SUBCOMMANDS
from services.controlling.breakdowns.persons import tells_persons_apart
from services.controlling.calculator.commands import COMMANDS
from services.controlling.figures.cells import Kind
from services.controlling.statistics import suppression

ROOT = Path(services.controlling.__path__[0])


class By(StrEnum):
    """What figures are about, beside a period or days. Nothing of it is one officer's."""

    WHOLE = "whole"
    UNIT = "unit"
    GROUP = "group"
    DIRECTION = "direction"
    STRATUM = "stratum"
    SERVICE = "service"
    OFFICE = "office"
    STEP = "step"
    MEASURE = "measure"
    LISTED = "column of a closed list"
    """`test_doors.py` tries others."""
    LABEL = "label of a table that the reader has"
    """What looks like a person is refused, as `test_doors.py` tries."""


class Way(NamedTuple):
    """A way out.

    Attributes:
        released: The functions of `statistics.suppression` that its figures pass, and what they are
            about.
        by: What its figures are broken down by.
    """

    released: str
    by: frozenset[By]


def way(released: str, *by: By) -> Way:
    return Way(released, frozenset(by))


_PERIOD = (By.WHOLE, By.UNIT, By.GROUP, By.DIRECTION, By.STRATUM)
_SERVICE = (By.WHOLE, By.UNIT, By.SERVICE, By.OFFICE)
TOLD = {
    "/results": way("release_told", *_PERIOD),
    "/results/table.csv": way("release_told", *_PERIOD),
    "stats period": way("release_told", *_PERIOD, By.LISTED),
    "/draws/{period}": way("release: numbers of decisions", By.WHOLE, By.STRATUM),
    "stats rates": way("release: counts of a table that the reader has", By.LISTED),
    "stats consistency": way("release_parts: counts of a table that the reader has", By.LABEL),
    "stats p-chart": way("release_parts: counts of a table that the reader has", By.LABEL),
    "stats cusum": way("release_parts: counts of a table that the reader has", By.LABEL),
    "/today": way(
        "release and release_parts: counts of the service, of nothing that reviews found", *_SERVICE
    ),
    "/today/table.csv": way("release and release_parts: as /today", *_SERVICE),
    "/today/display": way(
        "MINIMUM: calls of today; of the counter free slots, of nobody who booked",
        By.WHOLE,
        By.OFFICE,
    ),
    "/display": way("MINIMUM: as /today/display", By.OFFICE),
    "/process": way(
        "release: numbers of decisions, of nothing that reviews found",
        By.WHOLE,
        By.SERVICE,
        By.STEP,
    ),
    "/process/table.csv": way("release: as /process", By.WHOLE, By.SERVICE, By.STEP),
    "/measures/{number}": way("release_told: both rates of an effect, in steps", By.MEASURE),
}
"""Every way out on which figures stand."""
ASKED = {
    *("period", "month", "unit", "direction", "service", "number"),
    *("language", "told"),
}
"""What a page of figures may be asked: what it is about, and how it is said."""
COMMANDS_WITH_FIGURES = {
    ("figures", "show"),
    ("frame", "check"),
    ("draw", "list"),
    ("draw", "show"),
    ("policy", "levels"),
}
"""Beside those of `stats`."""
OF_WHAT_WAS_TYPED = {
    *("interval", "upper-limit", "stratified", "corrected-rate", "sample-size", "proportion-size"),
    *("allocation", "plan", "switching", "sampler", "agreement", "difference", "funnel", "twins"),
}
"""Commands of `stats` that compute with what the reader has typed or counted."""
LISTS = {
    *(
        "/accounts",
        "/appeals",
        "/audit",
        "/board",
        "/clocks",
        "/findings",
        "/guidance",
        "/measures",
    ),
    *("/reviews", "/reviews/signed"),
}
"""Pages of single cases, persons or texts, for those who may see each; each is a file, too."""
ONE_THING = {
    *("/accounts/{account}/lock", "/findings/{number}", "/guidance/new", "/guidance/{key}"),
    *("/guidance/{key}/edit", "/measures/new", "/measures/{number}/done", "/reviews/{review_id}"),
    *("/reviews/{review_id}/comparison", "/reviews/{review_id}/form"),
}
WITHOUT_FIGURES = {
    "/display/{key}",
    "/policy",
    *("/", "/draws", "/draws/", "/draws/verify", "/draws/verify.py", "/{path:path}"),
    "/draws/{period}/heads/{day}.tsr",
}
OTHER_COMMANDS = {
    "accounts": "people who may sign in",
    "audit": "the log, for auditors",
    "criteria": "the catalogue",
    "displays": "screens, and how often each asked",
    "draw": "the draw, before anything was found",
    "export": "events of single cases, of nothing that reviews found; for who may see each",
    "figures": "release and release_parts: counts of the service, as on /today",
    "frame": "numbers of decisions",
    "guidance": "texts",
    "policy": "rules; `levels` says how closely strata are looked at, which follows from errors",
    "reviews": "single verdicts, for auditors",
}
"""Rooms with commands, each with what they tell."""
EXACT = {
    "services.controlling.figures.rate",
    "services.controlling.figures.table",
    "services.controlling.statistics.stratified",
    "services.controlling.statistics.stratified_limits",
    "services.controlling.statistics.between_units",
    "services.controlling.statistics.correction",
}
"""Modules that give figures as exactly as they are."""
MAY_SEE_EXACT = {
    *("calculator/estimating.py", "figures/period.py", "figures/rate.py", "figures/table.py"),
    *("figures/told.py", "measures/effect.py", "measures/store.py"),
    *("planning/reported.py", "statistics/consistency.py", "statistics/stratified_limits.py"),
}
"""They make figures, release them, or compute with what was typed."""


def modules(name: str) -> list[str]:
    found = walk_packages(services.controlling.__path__, "services.controlling.")
    return [one.name for one in found if one.name.rpartition(".")[2] == name]


def pages() -> Iterator[APIRoute]:
    for module in modules("pages"):
        for value in vars(import_module(module)).values():
            for route in value.routes if isinstance(value, APIRouter) else ():
                if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                    yield route


def asked(dependant: Dependant) -> set[str]:
    """What an address may ask."""
    own = {one.alias for one in (*dependant.query_params, *dependant.path_params)}
    return own.union(*map(asked, dependant.dependencies))


def test_every_page_is_known() -> None:
    routes = {route.path for route in pages()}
    files = {f"{page}/list.csv" for page in LISTS}
    told = {way for way in TOLD if way.startswith("/")}
    assert routes == told | LISTS | files | ONE_THING | WITHOUT_FIGURES


@pytest.mark.parametrize("page", [one for one in TOLD if one.startswith("/")])
def test_no_page_of_figures_is_asked_for_an_officer(page: str) -> None:
    found = [asked(route.dependant) for route in pages() if route.path == page]
    assert found
    assert all(one <= ASKED for one in found)
    assert not any(map(tells_persons_apart, ASKED))


def test_no_figure_is_broken_down_by_officers() -> None:
    assert not any(tells_persons_apart(one) for way in TOLD.values() for one in way.by)
    kinds = {one.name for one in Kind if one is not Kind.CHOSEN}
    assert {one.name for one in TOLD["/results"].by} == kinds


@pytest.mark.parametrize(("room", "command"), sorted(COMMANDS_WITH_FIGURES))
def test_no_command_with_figures_is_asked_for_an_officer(room: str, command: str) -> None:
    module, _, name = SUBCOMMANDS[room].target.partition(":")
    group = getattr(import_module(module), name)
    assert not [one.name for one in group.commands[command].params if tells_persons_apart(one.name)]


@pytest.mark.parametrize("way", TOLD)
def test_what_releases_figures_is_there(way: str) -> None:
    functions = TOLD[way].released.partition(":")[0].split(" and ")
    assert all(hasattr(suppression, one) for one in functions)


def test_every_command_that_gives_figures_is_known() -> None:
    told = {way.removeprefix("stats ") for way in TOLD if way.startswith("stats ")}
    assert told | OF_WHAT_WAS_TYPED == set(COMMANDS)


def test_every_room_with_commands_is_known() -> None:
    groups = {
        value.name
        for module in modules("commands")
        for value in vars(import_module(module)).values()
        if isinstance(value, click.Group)
    }
    called = {
        name
        for name, command in SUBCOMMANDS.items()
        if command.target.startswith("services.controlling.")
    }
    assert groups <= called
    assert called == {*OTHER_COMMANDS, "stats"}


def test_only_what_releases_figures_sees_them_exact() -> None:
    seeing = {
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*.py")
        for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(one, ast.ImportFrom) and one.module in EXACT
    }
    assert seeing <= MAY_SEE_EXACT
