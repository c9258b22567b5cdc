"""The examples of the guide to statistics give what the page shows."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner

from services.controlling.calculator.commands import stats
from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "docs" / "guide" / "statistics.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\$ gleichfall stats (.+)\n(\{.+\})$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("words", "shown"), EXAMPLES)
def test_an_example_prints_what_is_shown(words: str, shown: str) -> None:
    printed = CliRunner().invoke(stats, shlex.split(words), catch_exceptions=False).stdout
    rounded = [
        json.loads(text, parse_float=lambda n: round(float(n), 12)) for text in (printed, shown)
    ]
    assert rounded[0] == rounded[1]
