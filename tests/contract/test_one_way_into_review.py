"""A decision enters the queue of reviews in one place, where it is announced and counted, too."""

import re
from pathlib import Path

import pytest

CONTROLLING = Path(__file__).resolve().parents[2] / "services" / "controlling"


@pytest.mark.parametrize(
    ("act", "files", "place"),
    [
        (r"^INSERT INTO draw\b", "**/*.sql", "queue/sql/entries.sql"),
        (r"\bDecisionDrawn\(", "**/*.py", "queue/announcing.py"),
        (r"\bDECISIONS_DRAWN\.of\(", "**/*.py", "queue/announcing.py"),
    ],
)
def test_row_event_and_count_are_made_in_one_place(act: str, files: str, place: str) -> None:
    makers = [
        path.relative_to(CONTROLLING).as_posix()
        for path in sorted(CONTROLLING.glob(files))
        if re.search(act, path.read_text(), re.MULTILINE)
    ]
    assert makers == [place]
