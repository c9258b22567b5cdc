"""Until when a review is to be done, in working days, and how soon that is."""

from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from shared.organisation.calendar import Calendar

WORKING_DAYS = 30
SOON = 5
"""Working days from which on a review is due soon."""


class Urgency(StrEnum):
    """How soon a review is due."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def due(drawn: date, calendar: Calendar) -> date:
    """Give the last day for a decision that was drawn on a day."""
    return calendar.add_working_days(drawn, WORKING_DAYS)


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
    """Tell how soon a review is due."""
    if today > last:
        return Urgency.OVERDUE
    return Urgency.SOON if days_left(today, last, calendar) <= SOON else Urgency.LATER
