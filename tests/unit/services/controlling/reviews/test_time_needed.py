"""About how long a review still takes."""

from datetime import timedelta

from services.controlling.reviews.time_needed import DEFAULT, Durations


def minutes(questions: int, seconds: float | None = None) -> float:
    known = Durations.read({} if seconds is None else {"work": seconds})
    return known.of("work", questions) / timedelta(minutes=1)


def test_what_is_measured_counts_before_what_is_assumed() -> None:
    assert minutes(5, 60) == 5
    assert minutes(5) == 5 * DEFAULT / timedelta(minutes=1)
    assert Durations.read({"work": 60}).of("family", 2) == 2 * DEFAULT


def test_it_is_told_as_exactly_as_it_can_be_meant() -> None:
    assert minutes(1, 61) == 2
    assert minutes(12, 61) == 15
    assert minutes(12, 610) == 150


def test_nothing_open_takes_no_time() -> None:
    assert minutes(0) == 0
