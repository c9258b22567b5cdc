"""The folder of reference logs, cases and test vectors that may stand beside the checkout."""

from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared"

KNOWLEDGE: Path | None = _BESIDE if (_BESIDE / "cases").is_dir() else None
needs_knowledge = pytest.mark.skipif(KNOWLEDGE is None, reason="needs ../shared, which is not here")
