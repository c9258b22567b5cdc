"""The pages that people read: README and its neighbours, and everything below docs."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name(page: Path) -> str:
    """Give a page's path in the checkout, to name a case of a test."""
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """Give the targets of a page's links and pictures, without those on the web."""
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    return [target for target in targets if "://" not in target]


def anchors(page: Path) -> set[str]:
    """Give the anchors that the page's headings have on the usual platforms."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> list[list[str]]:
    """Give the words after each `gleichfall` that is followed by a command."""
    text = page.read_text(encoding="utf-8")
    calls = re.findall(r"\bgleichfall ([a-z][^`'|\n#()…]*)", text)
    return [call.split() for call in calls]


def targets_of_make(page: Path) -> set[str]:
    """Give the targets of each `make` that stands in code."""
    text = page.read_text(encoding="utf-8")
    return set(re.findall(r"(?:^|`|\$ )make ([a-z][a-z-]*)", text, re.MULTILINE))


def names(page: Path) -> list[tuple[str, Path]]:
    """Give what a page names as being in a file: "[`Door.admit`](services/intake/door.py)"."""
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\[`([A-Za-z_][\w.]*)`\]\(([^)\s]+\.py)\)", text)
    return [
        (name, (page.parent / path).resolve()) for name, path in links if not name.endswith(".py")
    ]


def found(name: str, file: Path) -> object:
    """Give what has that name in a file.

    Raises:
        AttributeError, ImportError: nothing has.
    """
    module = import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return reduce(getattr, name.split("."), cast("object", module))
