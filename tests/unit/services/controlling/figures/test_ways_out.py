"""Every way out of controlling on which figures stand is known, and none has more than is told.

A command, page or file that is added must be entered here, with what releases its figures or why it
has none; else this is red.
"""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import click
from fastapi import APIRouter
from fastapi.routing import APIRoute

import services.controlling
from deploy.command_line import SUBCOMMANDS
from services.controlling.calculator.commands import COMMANDS

ROOT = Path(services.controlling.__path__[0])
TOLD = {
    "/results": "release_told",
    "/results/table.csv": "release_told",
    "stats period": "release_told",
    "/draws/{period}": "release: numbers of decisions",
    "stats rates": "release: counts of a table that the reader has",
    "stats consistency": "release_parts: counts of a table that the reader has",
    "stats p-chart": "release_parts: counts of a table that the reader has",
    "stats cusum": "release_parts: counts of a table that the reader has",
    "/today": "release and release_parts: counts of the service, of nothing that reviews found",
    "/today/table.csv": "as /today",
    "/today/display": "MINIMUM: calls of today; of the counter free slots, of nobody who booked",
    "/display": "as /today/display",
    "/process": "release: numbers of decisions, of nothing that reviews found",
    "/process/table.csv": "as /process",
    "/measures/{number}": "release: both rates of an effect, not in steps",
}
"""By the way out, the function of `statistics.suppression` that its figures pass."""
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


def test_every_page_is_known() -> None:
    routes = {
        route.path
        for module in modules("pages")
        for value in vars(import_module(module)).values()
        if isinstance(value, APIRouter)
        for route in value.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    files = {f"{page}/list.csv" for page in LISTS}
    pages = {way for way in TOLD if way.startswith("/")}
    assert routes == pages | LISTS | files | ONE_THING | WITHOUT_FIGURES


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
