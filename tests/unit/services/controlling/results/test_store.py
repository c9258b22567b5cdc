"""Terms are counted once they are over."""

from datetime import UTC, datetime, timedelta

from services.controlling.results.store import Term, in_time
from services.controlling.statistics.charts import Counts

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TERMS = [
    Term(NOW - timedelta(days=30), drawn=20, kept=18),
    Term(NOW, drawn=5, kept=4),
    Term(NOW + timedelta(seconds=1), drawn=40, kept=2),
]


def test_what_is_not_due_yet_counts_neither_as_kept_nor_as_missed() -> None:
    assert in_time(TERMS, NOW) == Counts(3, 25)


def test_a_day_later_the_next_ones_are_due() -> None:
    assert in_time(TERMS, NOW + timedelta(days=1)) == Counts(41, 65)


def test_of_fewer_than_seven_nothing_is_told() -> None:
    assert in_time([Term(NOW, drawn=6, kept=6)], NOW) is None


def test_before_anything_is_due_there_is_nothing_to_tell() -> None:
    assert in_time(TERMS[2:], NOW) is None
