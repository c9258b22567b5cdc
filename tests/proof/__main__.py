"""`make proof`: the whole proof on two processes, an hour; resumes where it was ended."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.progress import track

from tests.proof.coverage import Covered, Key, coverage, shares
from tests.proof.differences import ODD, named, score
from tests.proof.grid import TABLE, grouped, summary, visit
from tests.proof.grid import table as grid_rows
from tests.proof.histories import VERDICT, months
from tests.proof.plot import picture
from tests.proof.tails_picture import picture as picture_of_tails
from tests.proof.twin_pairs import Twins, added, inject_and_find
from tests.written_tables import STATISTICS, write_table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".local" / "proof"
PICTURE = ROOT / "docs" / "guide" / "coverage.svg"
PICTURE_OF_TAILS = ROOT / "docs" / "guide" / "tails.svg"
HISTORIES, MONTHS, DRAWS = 10, 10, 10
TWINS = 20
COVERAGE = ("Asked", "Of", "Interval", "Intervals", "Hold the truth")
FINDINGS = ("Looked for", "In", "Injected", "Found", "Wrongly", "False share")
QUESTIONS = {
    VERDICT: "verdict",
    "S1": "a criterion of all decisions (S1)",
    "V2": "a criterion of few decisions (V2)",
}


class Part(NamedTuple):
    """What one seed gave: a history with units that differ, one without, and twins."""

    covered: Counter[tuple[Key, bool]]
    named: list[list[str]]
    named_without: list[list[str]]
    twins: Twins
    twins_without: Twins


def prove(seed: int) -> Part:
    """Work one seed out; what is in its files already is not done again."""

    def count() -> list[object]:
        found = coverage(months(seed, MONTHS, factors=ODD), DRAWS)
        return [[*key, holds, number] for (key, holds), number in found.items()]

    def name(history: int, factors: Mapping[str, float]) -> list[list[str]]:
        year = list(months(history, MONTHS, factors=factors))
        return [sorted(named(year, draw)) for draw in range(DRAWS)]

    rows = _kept(f"coverage-{seed}", count)
    return Part(
        Counter({(Key(*row[:4]), row[4]): row[5] for row in rows}),
        _kept(f"differences-{seed}", lambda: name(seed, ODD)),
        _kept(f"no-differences-{seed}", lambda: name(seed + 10_000, {})),
        Twins(*_kept(f"twins-{seed}", lambda: inject_and_find(seed, TWINS))),
        Twins(*_kept(f"no-twins-{seed}", lambda: inject_and_find(seed, 0))),
    )


def _kept(name: str, work: Callable[[], object]) -> Any:
    """Read the result of some work, or do it and write it."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        file.write_text(json.dumps(work(), allow_nan=False), encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


@click.command()
@click.option("--histories", default=HISTORIES, show_default=True)
@click.option("--first", default=1, show_default=True, help="Seed of the first history.")
@click.option("--guide/--no-guide", default=True, help="Write tables and picture of the guide.")
@click.option("--only", type=click.Choice(["histories", "grid"]), help="Do one of the two.")
@click.option("--workers", default=2, show_default=True, help="Processes at a time.")
def main(*, histories: int, first: int, guide: bool, only: str | None, workers: int) -> None:
    """Prove the statistics on truths that were injected; writes .local/proof/proof.json."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    if only != "grid":
        found |= _prove_histories(range(first, first + histories), workers, guide=guide)
    if only != "histories":
        found["grid"] = _prove_grid(workers, guide=guide)
    text = json.dumps(found, indent=2, allow_nan=False)
    (FOLDER / "proof.json").write_text(f"{text}\n", encoding="utf-8")
    shown = {name: found[name] for name in found if name != "strata"}
    click.echo(json.dumps(shown, indent=2, allow_nan=False))


def _prove_histories(seeds: range, workers: int, *, guide: bool) -> dict[str, Any]:
    with ProcessPoolExecutor(workers) as pool:
        parts = list(track(pool.map(prove, seeds), "histories", total=len(seeds)))
    found = report(parts)
    if guide:
        write_table(STATISTICS, COVERAGE, _coverage_rows(found))
        write_table(STATISTICS, FINDINGS, _finding_rows(found))
        PICTURE.write_text(_picture(parts), encoding="utf-8")
    return found


def _prove_grid(workers: int, *, guide: bool) -> dict[str, Any]:
    seen = visit(FOLDER, workers)
    found = summary(seen)
    if guide:
        write_table(STATISTICS, TABLE, grid_rows(found))
        drawn = picture_of_tails(
            grouped(seen),
            "How often 95 % limits miss the truth",
            f"A line for each of {len(seen):,} cells, by number of strata; worst on either side: "
            + "; ".join(
                f"{name}: {100 * one['above']:.2f} and {100 * one['below']:.2f} percent"
                for name, one in found["by_strata"].items()
            ),
        )
        PICTURE_OF_TAILS.write_text(drawn, encoding="utf-8")
    return found


def report(parts: list[Part]) -> dict[str, Any]:
    """Add the parts up."""
    covered = shares(_covered(parts))
    return {
        "periods": len(parts) * MONTHS * DRAWS,
        "coverage": [
            {**key._asdict(), **one._asdict(), "share": one.share}
            for key, one in covered.items()
            if not key.name
        ],
        "strata": {
            key.name: {**one._asdict(), "share": one.share}
            for key, one in covered.items()
            if key.name
        },
        "differences": score([one for part in parts for one in part.named], ODD)._asdict(),
        "no_differences": score(
            [one for part in parts for one in part.named_without], {}
        )._asdict(),
        "twins": added([part.twins for part in parts])._asdict(),
        "no_twins": added([part.twins_without for part in parts])._asdict(),
    }


def _coverage_rows(found: dict[str, Any]) -> Sequence[Sequence[str]]:
    """Give what the guide shows: units and groups are the same decisions here, so one does."""
    return [
        (
            QUESTIONS[one["question"]],
            one["kind"],
            one["method"],
            f"{one['intervals']:,}",
            f"{100 * one['share']:.1f} %",
        )
        for one in found["coverage"]
        if one["kind"] != "groups"
    ]


def _finding_rows(found: dict[str, Any]) -> Sequence[Sequence[str]]:
    units = [
        (
            f"units, {what}",
            f"{one['tests']:,} times ten months of reviews",
            f"{one['injected']:,}",
            f"{one['right']:,}",
            f"{one['false']:,}",
            f"{100 * one['false_share']:.1f} %",
        )
        for what, one in (
            ("two of ten err three times as often", found["differences"]),
            ("all err alike", found["no_differences"]),
        )
    ]
    pairs = [
        (
            f"twins, {what}",
            f"{one['decisions']:,} decisions",
            f"{one['injected']:,}",
            f"{one['found']:,}",
            f"{one['false']:,}",
            f"{100 * one['false'] / max(1, one['found'] + one['false']):.1f} %",
        )
        for what, one in (
            ("opposite decisions slipped in", found["twins"]),
            ("none slipped in", found["no_twins"]),
        )
    ]
    return units + pairs


def _covered(parts: list[Part]) -> Counter[tuple[Key, bool]]:
    covered: Counter[tuple[Key, bool]] = Counter()
    for part in parts:
        covered.update(part.covered)
    return covered


def _picture(parts: list[Part]) -> str:
    covered = shares(_covered(parts))
    rows: dict[str, Covered] = {}
    for key, one in covered.items():
        if key.question == VERDICT and not key.name and key.method == "stratified":
            rows[f"{key.kind}, stratified"] = one
    for key, one in covered.items():
        if key.name:
            rows[f"{key.name} ({key.method})"] = one
    return picture(
        rows,
        "Share of 95 % intervals that hold the truth",
        f"Verdicts in {len(parts) * MONTHS * DRAWS:,} seeded periods; the line through each point "
        "is the uncertainty of the simulation, the band behind them is 94 to 99 percent.",
    )


if __name__ == "__main__":
    main()
