"""Reads how controlling stands: reviews, periods, the frame, the books, the audit log."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product
from math import nan

from services.controlling.audit.chain import Head
from services.controlling.audit.store import verify
from services.controlling.completeness.dilution import Limits
from services.controlling.completeness.store import check_frame, second_findings
from services.controlling.gauges import store
from services.controlling.gauges.store import Drawing, OpenPeriod
from services.controlling.periods.deadlines import Promise, awaits_witness, end_of, first_begin
from services.controlling.settings import Settings
from services.controlling.statistics.suppression import MINIMUM
from shared.events.vocabulary import ClockKind, CounterAlarm, DrawReason
from shared.observe.gauges import (
    AUDIT_BREAKS,
    FRAME_FAULTS,
    PERIOD_DECISIONS,
    PERIOD_DRAWN,
    PERIOD_EXPECTED,
    PROMISED_UNTIL,
    RECONCILE_DIFFERENCES,
    RECONCILED_AT,
    REVIEW_AGE,
    REVIEWS,
    REVIEWS_OVERDUE,
    SECOND_DECISIONS_UNSETTLED,
    UNSTAMPED_HEADS,
    UNSTAMPED_PROMISES,
    UNWITNESSED_PROMISES,
    CertificateUse,
    ReviewState,
    WhichPeriod,
)
from shared.observe.metrics import CLOCK_ALARMS, COUNTER_ALARMS, DECISIONS_DRAWN
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from shared.service.looking import OFTEN, SELDOM, Look, tell_certificates

PERIODS = timedelta(minutes=10)
AUDIT = timedelta(hours=6)
STAMPED_BY = timedelta(days=3)
"""So long before its first day a promise without a stamp is told: then somebody can still act."""
WITNESSED_BY = timedelta(days=7)
"""And so long one without a witness: people have to meet."""
_A_DAY = timedelta(days=1)
FRAME = timedelta(days=366)
"""The part of the frame that is held against what others counted."""


def looks(pool: Pool, calendar: Calendar, settings: Settings) -> list[Look]:
    """Give what controlling reads beside what every service does."""
    DECISIONS_DRAWN.expect(product(DrawReason))
    COUNTER_ALARMS.expect(product(CounterAlarm))
    CLOCK_ALARMS.expect(product(ClockKind))
    wanted = settings.time_stamp_url is not None
    trusted = {CertificateUse.TIME_STAMP_TRUSTED: settings.time_stamp_certificate}
    return [
        Look(OFTEN, partial(tell_reviews, pool, calendar)),
        Look(OFTEN, partial(tell_reconciled, pool)),
        Look(PERIODS, partial(tell_periods, pool, calendar, stamps_wanted=wanted)),
        Look(SELDOM, partial(tell_frame, pool, calendar)),
        Look(AUDIT, AuditChain(pool).look),
        Look(SELDOM, tell_certificates(trusted)),
    ]


async def tell_reviews(pool: Pool, calendar: Calendar) -> None:
    """Tell how many reviews aren't signed; of the oldest not whose it is, nor where it stands."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection:
        reviews = await store.open_reviews(connection, calendar.day_of(now))
    found = {one.state: one for one in reviews}
    for state in ReviewState:
        REVIEWS.of(state).set(found[state].amount if state in found else 0)
    REVIEWS_OVERDUE.set(sum(one.overdue for one in found.values()))
    since = min((one.since for one in found.values()), default=now)
    REVIEW_AGE.set(max(0, (now - since).total_seconds()))


async def tell_reconciled(pool: Pool) -> None:
    """Tell of the last `gleichfall reconcile`; what it found is unknown while there was none."""
    async with pool.acquire() as connection:
        found = await store.books(connection)
    RECONCILED_AT.set(found.reconciled_at.timestamp())
    RECONCILE_DIFFERENCES.set(nan if found.differences is None else found.differences)


async def tell_periods(pool: Pool, calendar: Calendar, *, stamps_wanted: bool) -> None:
    """Tell until when draws are promised, what promises lack, and how the draw goes."""
    now = datetime.now(UTC)
    today = calendar.day_of(now)
    async with pool.acquire() as connection:
        periods = await store.open_periods(connection)
        running = next((one for one in periods if one.first_day <= today <= one.last_day), None)
        keys = {
            WhichPeriod.RUNNING: running and running.key,
            WhichPeriod.CLOSED: await store.last_closed(connection),
        }
        drawings = {
            which: await store.drawing(connection, key) for which, key in keys.items() if key
        }
        heads = await store.unstamped_heads(connection, today - _A_DAY)
    for which in WhichPeriod:
        _tell_drawing(which, drawings.get(which))
    last_day = max((one.last_day for one in periods), default=date(1970, 1, 1))
    PROMISED_UNTIL.set(end_of(last_day, calendar.zone).timestamp())
    unstamped = [one for one in periods if stamps_wanted and _lacks_stamp(one, now)]
    UNSTAMPED_PROMISES.set(len(unstamped))
    UNSTAMPED_HEADS.set(heads if stamps_wanted else 0)
    UNWITNESSED_PROMISES.set(sum(_lacks_witness(one, now) for one in periods))


def _tell_drawing(which: WhichPeriod, found: Drawing | None) -> None:
    """Tell of a period's draw; of fewer than seven decisions nothing."""
    if found is None or found.decisions < MINIMUM:
        for family in (PERIOD_DECISIONS, PERIOD_DRAWN, PERIOD_EXPECTED):
            family.forget(which)
        return
    PERIOD_DECISIONS.of(which).set(found.decisions)
    PERIOD_DRAWN.of(which).set(found.drawn)
    PERIOD_EXPECTED.of(which).set(found.expected)


def _lacks_stamp(period: OpenPeriod, now: datetime) -> bool:
    """Whether a period begins soon, wants its stamp and can still get it."""
    left = first_begin(period.first_day) - now
    wants = period.promise not in (Promise.PROVED, Promise.SIMULATED)
    return wants and timedelta() < left < STAMPED_BY


def _lacks_witness(period: OpenPeriod, now: datetime) -> bool:
    """Whether a period begins soon and can still be witnessed."""
    until = awaits_witness(period.first_day, period.witnessed_at, now)
    return until is not None and until - now < WITNESSED_BY


async def tell_frame(pool: Pool, calendar: Calendar) -> None:
    """Tell where the frame and what others counted differ, as `gleichfall frame check` does."""
    today = calendar.day_of(datetime.now(UTC))
    days = (today - FRAME, today)
    async with pool.acquire() as connection:
        found = await check_frame(connection, *days, calendar.zone, Limits())
        seconds = await second_findings(connection, *days, calendar.zone)
    unsettled = sum(one.settlement is None for one in seconds)
    SECOND_DECISIONS_UNSETTLED.set(unsettled)
    FRAME_FAULTS.set(found.faults - unsettled)


class AuditChain:
    """Follows the chain of the audit log, and remembers until where it held."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._held: Head | None = None

    async def look(self) -> None:
        """Follow it from its first entry; what held once must still be there."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await verify(connection, self._held)
        AUDIT_BREAKS.set(len(found.breaks))
        if not found.breaks:
            self._held = found.head
