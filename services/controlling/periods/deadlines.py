"""When a period is over, and when it closes."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day begins where the authority is."""
    return datetime.combine(day, time(), zone)


def end_of(last_day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which the last day of a period is over where the authority is."""
    return start_of(last_day + timedelta(days=1), zone)


def due_at(last_day: date, opened_at: datetime, grace: timedelta, zone: ZoneInfo) -> datetime:
    """Give the moment from which a period is closed unasked.

    The grace is counted from the period's end, or from its opening when that was later: an
    imported log of past years gets as long to arrive as the mail of yesterday.
    """
    return max(end_of(last_day, zone), opened_at) + grace
