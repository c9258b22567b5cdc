"""Terms that are counted in months."""

from calendar import monthrange
from datetime import date


def add_months(day: date, count: int) -> date:
    """Give the day that many months later; a day the month lacks becomes its last (§ 188 BGB)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
