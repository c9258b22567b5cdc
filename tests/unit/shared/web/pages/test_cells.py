"""Cells in the reader's words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from shared.web.pages.cells import in_words, said


def test_cells_are_written_in_words_and_by_the_clock_that_hangs_there() -> None:
    words = {"a": "Ja", "b": "Nein"}
    moment = datetime(2026, 7, 1, 22, 30, 5, 7, tzinfo=UTC)
    row = in_words(
        [said("a", "b"), moment, date(2026, 7, 1), 7, "a", None],
        words.__getitem__,
        ZoneInfo("Europe/Berlin"),
    )
    assert row == ["Ja, Nein", "2026-07-02T00:30:05+02:00", date(2026, 7, 1), 7, "a", None]
