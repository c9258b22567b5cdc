"""The list of decisions says of each number what it is, also of those that are none."""

import re

from tests.unit.docs.pages import ROOT


def test_numbers_without_a_decision_are_named() -> None:
    given = {int(file.name[:4]) for file in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    page = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    named = re.search(r"Numbers ([\d, and]+) stand for none", page)

    assert named
    assert {int(one) for one in re.findall(r"\d+", named[1])} == {*range(1, max(given))} - given
