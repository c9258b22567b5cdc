"""Runs `gleichfall stats`, and the published vectors it must reproduce."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.controlling.calculator.commands import stats as command
from tests.knowledge import KNOWLEDGE

_FOLDER = os.environ.get("GLEICHFALL_VECTORS")
VECTORS = Path(_FOLDER) if _FOLDER else KNOWLEDGE and KNOWLEDGE / "vectors"
needs_vectors = pytest.mark.skipif(
    VECTORS is None or not VECTORS.is_dir(), reason="needs ../shared/vectors, which is not here"
)


@cache
def published(kind: str, file: str = "statistics.json") -> Any:
    """Give the vectors of a kind."""
    assert VECTORS is not None
    return json.loads((VECTORS / file).read_text(encoding="utf-8"))[kind]


def stats(*words: object) -> Any:
    """Run a command with `--json`; give its one object."""
    result = CliRunner().invoke(command, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
