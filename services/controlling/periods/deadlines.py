"""When a period is over and closes, and what its promise proves by its time."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_EARLIEST_ZONE = timedelta(hours=14)


class Promise(StrEnum):
    """What is known of the time at which a period's seed was promised."""

    PROVED = "proved"
    TOLD = "told"
    LATE = "late"
    SIMULATED = "simulated"


class Stage(StrEnum):
    """How far a period has come."""

    AHEAD = "ahead"
    RUNNING = "running"
    ENDED = "ended"
    CLOSED = "closed"


def is_before(at: datetime, day: date) -> bool:
    """Whether a moment was before a day began anywhere on earth (UTC+14).

    So whoever checks needs to know no time zone, and nobody can argue about one.
    """
    return at < first_begin(day)


def first_begin(day: date) -> datetime:
    """Give the moment at which a day begins where it does so first on earth."""
    return datetime.combine(day, time(), UTC) - _EARLIEST_ZONE


def promise_of(
    first_day: date,
    opened_at: datetime | None,
    stamped_at: datetime | None,
    *,
    simulated: bool,
) -> Promise:
    """Tell whether a period was promised before its first day, and who says so.

    `PROVED`: a third party's stamp; `TOLD`: the authority alone; `LATE`: it wasn't, or nobody says;
    `SIMULATED`: an invented clock, which proves nothing.
    """
    if simulated:
        return Promise.SIMULATED
    if stamped_at is not None and is_before(stamped_at, first_day):
        return Promise.PROVED
    told = opened_at is not None and is_before(opened_at, first_day)
    return Promise.TOLD if told else Promise.LATE


def awaits_witness(
    first_day: date, witnessed_at: datetime | None, now: datetime
) -> datetime | None:
    """Give until when a period still wants its witness; None: it has one, or never will."""
    if witnessed_at is not None or not is_before(now, first_day):
        return None
    return first_begin(first_day)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day begins where the authority is."""
    return datetime.combine(day, time(), zone)


def end_of(last_day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which the last day of a period is over where the authority is."""
    return start_of(last_day + timedelta(days=1), zone)


def stage_of(
    first_day: date, last_day: date, closed_at: datetime | None, now: datetime, zone: ZoneInfo
) -> Stage:
    """Tell how far a period has come by the days of the authority; `ENDED`: its close is due."""
    if closed_at is not None:
        return Stage.CLOSED
    if now < start_of(first_day, zone):
        return Stage.AHEAD
    return Stage.RUNNING if now < end_of(last_day, zone) else Stage.ENDED


def due_at(last_day: date, opened_at: datetime, grace: timedelta, zone: ZoneInfo) -> datetime:
    """Give the moment from which a period is closed unasked.

    The grace is counted from the period's end, or from its opening when that was later: an
    imported log of past years gets as long to arrive as the mail of yesterday.
    """
    return max(end_of(last_day, zone), opened_at) + grace


def closed_early(
    closed_at: datetime, last_day: date, opened_at: datetime, grace: timedelta, zone: ZoneInfo
) -> bool:
    """Whether a period was closed by hand before its days of grace were over."""
    return closed_at < due_at(last_day, opened_at, grace, zone)
