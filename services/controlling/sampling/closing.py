"""When a period closes and what its sample then lacks."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.policy.policy import Rule


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


def shortfall(rule: Rule, size: int, drawn: int) -> int:
    """Tell how many decisions a stratum's sample lacks.

    They are drawn by the next smallest tickets. Every drawn ticket is below the rate and every
    other one isn't, so the sample is always the smallest tickets of its stratum; as tickets are
    independent and uniform, it is, given its size, a simple random sample of the stratum.
    """
    return max(0, min(rule.minimum, size) - drawn)
