"""A closed period and its reviews as files, and the command that reads them."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.controlling.calculator.commands import stats
from services.controlling.policy.policy import Policy
from tests.unit.services.controlling.proof.records import record, sample, sealed

SEED = bytes(32)
ALL = Policy.model_validate({"version": "all", "default_rate": "1"}, strict=False)
NORTH, SOUTH = "work/adverse/north", "work/adverse/south"
"""Two units that decide the same kind of case."""

Review = Mapping[str, str]


def decision_id(number: int) -> str:
    """Make an id as source systems' decisions get."""
    digest = hashlib.sha256(str(number).encode()).digest()[:16]
    return "decision-" + base64.b32encode(digest).decode().lower().rstrip("=")


def frame(**sizes: int) -> dict[str, str]:
    """Make decisions: `north=3` are three of unit north."""
    strata = [f"work/adverse/{unit}" for unit, size in sizes.items() for _ in range(size)]
    return {decision_id(number): stratum for number, stratum in enumerate(strata)}


def drawn(decisions: Mapping[str, str], policy: Policy = ALL) -> list[str]:
    """Name what the draw takes, in the order of the frame."""
    taken = sample(SEED, decisions, policy)
    return [name for name in decisions if name in taken]


def written(folder: Path, decisions: Mapping[str, str], policy: Policy = ALL) -> Path:
    """Write the export of the period 2026-05."""
    file = folder / "draw.jsonl"
    file.write_bytes(b"".join(sealed(record(SEED, decisions, policy=policy))))
    return file


def reviews(folder: Path, rows: Sequence[Review]) -> Path:
    """Write the results of reviews."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    file = folder / "reviews.csv"
    file.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    return file


def period(*words: object, key: str = "2026-05") -> Any:
    """Run `gleichfall stats period` with `--json`; give its one object."""
    result = CliRunner().invoke(
        stats, ["period", key, *map(str, words), "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
