"""`make oracle`: the same 1,000 random inputs to us and to others, and the largest differences.

The others come by uv into environments of their own, so that nothing of the product depends on
them: irrCAC pins an old scipy, and krippendorff is under the GPL.
"""

import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import click

from services.controlling.statistics.agreement import (
    Coefficient,
    Level,
    Ratings,
    ac1,
    alpha,
    cohen,
    fleiss,
)
from services.controlling.statistics.stratified import (
    DomainStratum,
    Estimate,
    Stratum,
    estimate_domain,
    estimate_mean,
    estimate_rate,
)
from tests.written_tables import STATISTICS, write_table

ROOT = Path(__file__).parents[2]
UV = ROOT / ".local" / "uv" / "bin" / "uv"
FOLDER = ROOT / ".local" / "proof"
INPUTS = 1_000
COLUMNS = ("Figure", "Compared with", "Inputs", "Largest difference")

Figures = dict[str, list[float | None]]


class Peer(NamedTuple):
    """Other people's code: a script beside this one and what it needs."""

    script: str
    packages: tuple[str, ...]


class LargestDifference(NamedTuple):
    """How far one figure was from another library's, at most."""

    figure: str
    library: str
    inputs: int
    difference: float


SVY = Peer("peer_svy.py", ("svy==0.35.0",))
IRRCAC = Peer("peer_irrcac.py", ("irrCAC==0.4.4", "krippendorff==0.9.0"))
NAMES = {
    "mean": ("stratified mean: estimate, standard error, limits", "svy"),
    "rate": ("stratified rate: estimate, standard error, logit limits", "svy"),
    "domain": ("domain estimate, standard error", "svy"),
    "cohen": ("Cohen's kappa and limits", "irrCAC"),
    "fleiss": ("Fleiss' kappa and limits, answers missing", "irrCAC"),
    "ac1": ("Gwet's AC1 and limits, answers missing", "irrCAC"),
    "ac1_of_two": ("Gwet's AC1 and limits, two reviewers", "irrCAC"),
    "alpha": ("Krippendorff's alpha and limits, answers missing", "irrCAC"),
    "graded": ("Krippendorff's alpha, ordinal", "krippendorff"),
}


@click.command()
@click.option("--inputs", default=INPUTS, show_default=True)
def main(inputs: int) -> None:
    """Compare ours with svy, irrCAC and krippendorff; writes the table of the guide."""
    chance = random.Random(20260105)
    strata = [_strata(chance) for _ in range(inputs)]
    ratings = [_ratings(chance) for _ in range(inputs)]
    found = [
        *_differences([_of_strata(one) for one in strata], _ask(SVY, strata)),
        *_differences([_of_ratings(one) for one in ratings], _ask(IRRCAC, ratings)),
    ]
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = json.dumps([one._asdict() for one in found], indent=2)
    (FOLDER / "oracle.json").write_text(written + "\n", encoding="utf-8")
    rows = [
        (one.figure, f"`{one.library}`", f"{one.inputs:,}", f"{one.difference:.0e}")
        for one in found
    ]
    write_table(STATISTICS, COLUMNS, rows)
    click.echo(written)


def _strata(chance: random.Random) -> list[dict[str, int]]:
    """Make two to six strata; at least one error and one correct decision, so that all is defined.

    Every stratum holds more than what was drawn, since a rate has no interval otherwise.
    """
    while True:
        strata = []
        for _ in range(chance.randint(2, 6)):
            sample = chance.randint(2, 40)
            members = chance.randint(1, sample)
            strata.append(
                {
                    "population": sample + chance.randint(1, 400),
                    "sample": sample,
                    "members": members,
                    "errors": chance.randint(0, members),
                }
            )
        errors, members, sample = (
            sum(one[name] for one in strata) for name in ("errors", "members", "sample")
        )
        spread = any(0 < one["errors"] < one["sample"] for one in strata)
        if 0 < errors < members < sample and spread:
            return strata


def _ratings(chance: random.Random) -> dict[str, Any]:
    """Make answers of three or four reviewers with gaps, and a table of two."""
    categories = list(range(1, chance.randint(2, 4) + 1))
    decisions: list[list[int | None]] = []
    reviewers = chance.randint(3, 4)
    for _ in range(chance.randint(8, 40)):
        usual = chance.choice(categories)
        given = [
            usual if chance.random() < 0.7 else chance.choice(categories) for _ in range(reviewers)
        ]
        decisions.append([answer if chance.random() < 0.85 else None for answer in given])
    decisions.append([categories[0]] * reviewers)
    decisions.append([categories[-1]] * reviewers)
    present = sorted({answer for row in decisions for answer in row if answer is not None})
    table = [
        [chance.randint(5, 40) if row == column else chance.randint(0, 9) for column in present]
        for row in present
    ]
    return {
        "decisions": [row for row in decisions if any(row)],
        "categories": present,
        "table": table,
    }


def _of_strata(strata: Sequence[dict[str, int]]) -> Figures:
    rated = [
        Stratum.of_errors(
            str(n), population=one["population"], errors=one["errors"], sample=one["sample"]
        )
        for n, one in enumerate(strata)
    ]
    members = [
        DomainStratum(str(n), one["population"], one["sample"], one["members"], one["errors"])
        for n, one in enumerate(strata)
    ]
    return {
        "mean": _estimated(estimate_mean(rated)),
        "rate": _estimated(estimate_rate(rated)),
        "domain": _estimated(estimate_domain(members))[:2],
    }


def _of_ratings(one: dict[str, Any]) -> Figures:
    answers = [[str(answer or "") for answer in row] for row in one["decisions"]]
    several = Ratings.of_answers(answers, Level.ORDINAL)
    two = Ratings.of_table(list(map(str, one["categories"])), one["table"])
    return {
        "fleiss": _coefficient(fleiss(several)),
        "ac1": _coefficient(ac1(several)),
        "alpha": _coefficient(alpha(several)),
        "graded": _coefficient(alpha(several, Level.ORDINAL))[:1],
        "cohen": _coefficient(cohen(two)),
        "ac1_of_two": _coefficient(ac1(two)),
    }


def _estimated(found: Estimate) -> list[float | None]:
    return [found.estimate, found.standard_error, found.interval.lower, found.interval.upper]


def _coefficient(found: Coefficient) -> list[float | None]:
    return list(asdict(found).values())


def _ask(peer: Peer, inputs: Sequence[object]) -> list[Figures]:
    """Run the other code in an environment that uv makes for it alone."""
    packages = [word for package in peer.packages for word in ("--with", package)]
    script = Path(__file__).with_name(peer.script)
    answer = subprocess.run(
        [UV, "run", "--quiet", "--isolated", "--no-project", *packages, "python", script],
        input=json.dumps(inputs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: list[Figures] = json.loads(answer.stdout)
    return found


def _differences(ours: Sequence[Figures], theirs: Sequence[Figures]) -> list[LargestDifference]:
    return [
        LargestDifference(
            *NAMES[name],
            len(ours),
            max(
                _apart(one, other)
                for mine, peer in zip(ours, theirs, strict=True)
                for one, other in zip(mine[name], peer[name], strict=True)
            ),
        )
        for name in NAMES
        if name in ours[0]
    ]


def _apart(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else float("inf")
    return abs(one - other)


if __name__ == "__main__":
    main()
