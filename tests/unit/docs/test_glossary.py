"""Every German word of the glossary leads to a name that the code has."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "guide" / "glossary.md"
TERMS = re.findall(
    r"^\| (.+?) \| .+? \| \[`(.+?)`\]\((.+?)\.py\) \|",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_each_line_of_a_table_is_read() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "](" in line]
    assert len(TERMS) == len(lines) > 40


@pytest.mark.parametrize(("name", "path"), [pair for _, *pair in TERMS], ids=[t[0] for t in TERMS])
def test_a_name_is_in_the_module_that_it_links_to(name: str, path: str) -> None:
    module = (PAGE.parent / Path(path)).resolve().relative_to(ROOT)
    found = reduce(getattr, name.split("."), import_module(".".join(module.parts)))
    assert found is not None
