"""The interval of several strata over the grid of designs: table, picture, and what misses."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.progress import track

from shared.console.numbers import UNKNOWN
from tests.proof.designs import STRATA, Cell, cells_of, designs, members_cells_of
from tests.proof.tails import Tails, allowed, tails

TABLE = (
    "Strata",
    "Cells",
    "Lower limit above the truth, worst",
    "Upper limit below, worst",
    "Cells above 2.5 % and chance",
    "Width",
    "Width of gamma limits",
)


class Seen(NamedTuple):
    """A cell with what it gave."""

    strata: int
    cell: str
    whole: bool
    tails: Tails


class _Task(NamedTuple):
    folder: Path
    strata: int
    number: int
    cells: tuple[Cell, ...]


def visit(folder: Path, workers: int) -> list[Seen]:
    """Visit every cell; a design that is in the folder already is not drawn again."""
    tasks = list(_tasks(folder))
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(_work, tasks)
        return [one for seen in track(found, "grid of designs", total=len(tasks)) for one in seen]


def _tasks(folder: Path) -> Iterator[_Task]:
    for strata in STRATA:
        for number, design in enumerate(designs(strata)):
            members = members_cells_of(design) if strata <= 20 else ()
            yield _Task(folder, strata, number, (*cells_of(design), *members))


def _work(task: _Task) -> list[Seen]:
    file = task.folder / f"grid-{task.strata}-{task.number}.json"
    if not file.exists():
        found = [[str(one), one.whole, tails(one)] for one in task.cells]
        torso = file.with_suffix(".part")
        torso.write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
        torso.replace(file)
    rows = json.loads(file.read_text(encoding="utf-8"))
    return [Seen(task.strata, name, whole, Tails(*one)) for name, whole, one in rows]


def summary(seen: Sequence[Seen]) -> dict[str, Any]:
    """Add the cells up, and name those in which a tail misses too often."""
    return {
        "cells": len(seen),
        "allowed": allowed(10_000),
        "missing": [
            {"cell": one.cell, **one.tails._asdict()} for one in seen if not one.tails.holds
        ],
        "by_strata": {name: _figures(rows) for name, rows in grouped(seen).items()},
    }


def grouped(seen: Sequence[Seen]) -> Mapping[str, Sequence[Seen]]:
    """Put cells together by number of strata, apart from those whose members aren't known."""

    def group(one: Seen) -> tuple[bool, int]:
        return not one.whole, one.strata

    return {
        f"{strata}{', applies to some' if some else ''}": list(rows)
        for (some, strata), rows in groupby(sorted(seen, key=group), group)
    }


def _figures(rows: Sequence[Seen]) -> dict[str, Any]:
    gamma = [one.tails.gamma_width for one in rows if one.tails.gamma_width is not None]
    return {
        "cells": len(rows),
        "above": max(one.tails.above for one in rows),
        "below": max(one.tails.below for one in rows),
        "missing": sum(not one.tails.holds for one in rows),
        "width": float(np.mean([one.tails.width for one in rows])),
        "gamma_width": float(np.mean(gamma)) if gamma else None,
    }


def table(found: dict[str, Any]) -> Sequence[Sequence[str]]:
    """Give the rows of the guide."""
    return [
        (
            name,
            f"{one['cells']:,}",
            f"{100 * one['above']:.2f} %",
            f"{100 * one['below']:.2f} %",
            f"{one['missing']}",
            f"{one['width']:.3f}",
            UNKNOWN if one["gamma_width"] is None else f"{one['gamma_width']:.3f}",
        )
        for name, one in found["by_strata"].items()
    ]
