"""The table of differences in the guide."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "statistics.md"
_HEAD = "| Figure | Compared with | Inputs | Largest difference |\n|---|---|---|---|\n"


class LargestDifference(NamedTuple):
    """How far one figure was from another library's, at most."""

    figure: str
    library: str
    inputs: int
    difference: float


def put_into_guide(found: Sequence[LargestDifference], guide: Path = GUIDE) -> None:
    """Replace the table of the guide."""
    text = guide.read_text(encoding="utf-8")
    before, _, rest = text.partition(_HEAD)
    if not rest:
        raise ValueError(f"{guide} has no table of differences")
    after = rest[rest.index("\n\n") :] if "\n\n" in rest else "\n"
    rows = [
        f"| {one.figure} | `{one.library}` | {one.inputs:,} | {one.difference:.0e} |"
        for one in found
    ]
    guide.write_text(before + _HEAD + "\n".join(rows) + after, encoding="utf-8")
