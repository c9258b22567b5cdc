"""Cases that wait longer for a decision than the law gives the authority. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.controlling.triggers.waiting import Wait
from shared.law.time_limits import INACTION, TimeLimits


class Overdue(NamedTuple):
    """What waits too long.

    Attributes:
        since: The day of the application, or of the court's ruling.
        last_day: The last day on which a decision was in time (§ 75 VwGO).
        service: What was applied for; empty if that isn't known.
        ruled: Whether the applicant has won a suit for inaction.
    """

    case_ref: str
    since: date
    last_day: date
    service: str
    ruled: bool


def overdue_cases(
    waits: Iterable[tuple[str, Wait]], now: datetime, zone: ZoneInfo
) -> list[Overdue]:
    """Find them among what cases wait for. A court's order is overdue from its day on."""
    limits, today = TimeLimits.load(), now.astimezone(zone).date()
    found = []
    for case, wait in waits:
        since = wait.since.astimezone(zone).date()
        last = since if wait.ruled else limits.last_day(INACTION, since)
        if last is not None and (wait.ruled or last < today):
            found.append(Overdue(case, since, last, wait.service, wait.ruled))
    return found
