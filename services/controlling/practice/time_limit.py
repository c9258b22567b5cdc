"""Until when something is to be done, in working days, and how soon that is."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from shared.organisation.calendar import Calendar

REVIEW = 30
"""Working days for a review."""
REPLY = 15
"""Working days for a unit to reply to a finding."""
SOON = 5
"""Working days from which on something is due soon."""


class Urgency(StrEnum):
    """How soon something is due."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@lru_cache(4096)  # a list has few days, each in many lines
def days_left(today: date, last: date, calendar: Calendar) -> int:
    """Give the working days from tomorrow to the last day; negative: since it passed.

    Nobody counts further than a year.
    """
    if today <= last:
        begin, end, sign = today, last, 1
    else:
        begin, end, sign = last, today, -1
    day = timedelta(days=1)
    return sign * sum(1 for _ in islice(calendar.working_days(begin + day, end + day), 260))


def urgency(today: date, last: date, calendar: Calendar) -> Urgency:
    """Tell how soon something is due."""
    if today > last:
        return Urgency.OVERDUE
    return Urgency.SOON if days_left(today, last, calendar) <= SOON else Urgency.LATER
