"""What is told is told in the same characters when it is read again from where it is kept."""

from services.controlling.figures.told import tell_beyond_chance
from services.controlling.statistics.intervals import CONFIDENCE


def test_what_is_a_little_below_nothing_is_nothing_which_a_database_keeps_without_a_sign() -> None:
    pairs = [("correct", "correct")] * 2 + [("correct", "wrong"), ("wrong", "correct")] * 3
    told = tell_beyond_chance(pairs, CONFIDENCE)
    assert told.alpha is not None
    assert str(told.alpha.upper) == "0.0"
