"""Opening hours as people write them, in each language's words."""

from datetime import time

import pytest

from services.notify.messages.opening_hours import hours_in_words
from services.notify.messages.rendering import locale_of
from shared.organisation.model import Span, Weekday

MORNING, LATE = Span(time(8, 30), time(12, 30)), Span(time(14), time(17))
HOURS = {
    Weekday.FRIDAY: (MORNING,),
    Weekday.MONDAY: (MORNING,),
    Weekday.TUESDAY: (MORNING,),
    Weekday.WEDNESDAY: (),
    Weekday.THURSDAY: (MORNING, LATE),
}


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("de", ["Mo.\u2013Di., Fr. 08:30\u201312:30", "Do. 08:30\u201312:30, 14:00\u201317:00"]),
        ("en", ["Mon\u2013Tue, Fri 08:30\u201312:30", "Thu 08:30\u201312:30, 14:00\u201317:00"]),
        ("tr", ["Pzt\u2013Sal, Cum 08:30\u201312:30", "Per 08:30\u201312:30, 14:00\u201317:00"]),
    ],
)
def test_days_of_equal_hours_stand_together_and_shut_ones_are_left_out(
    language: str, lines: list[str]
) -> None:
    assert hours_in_words(HOURS, locale_of(language)) == lines
