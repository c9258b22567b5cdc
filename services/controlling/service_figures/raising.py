"""Raises each alarm once: an event for whoever listens."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from services.controlling.service_figures import store
from services.controlling.service_figures.alarms import Alarm, of_clocks, of_counters
from services.controlling.service_figures.clocks import Clock, Clocks
from services.controlling.service_figures.fact import Part
from services.controlling.service_figures.overview import CounterDay, counter_days
from services.controlling.source import SOURCE
from services.controlling.statistics.suppression import MINIMUM
from shared.events.catalogue.service import ClockAlarmRaised, EmergencyWindowAlarmRaised
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import ClockKind
from shared.held_items.holding import Holding
from shared.observe.gauges import (
    CLOCKS_OVER,
    COUNTERS_OVERBOOKED,
    COUNTERS_TODAY,
    CounterStanding,
)
from shared.observe.metrics import CLOCK_ALARMS, COUNTER_ALARMS
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction

LOOK = timedelta(minutes=1)
_YESTERDAY = timedelta(days=1)
"""What is told of a day may come on the next one; older days are history."""


class AlarmRaiser:
    """Looks at counters and clocks, and tells what is new."""

    def __init__(
        self,
        pool: Pool,
        clocks: Clocks,
        holding: Holding,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            clocks: The authority's time limits.
            holding: Sets cases and counters aside of which no alarm can be raised.
            committed: Called after each commit, e.g. to wake the relay.
        """
        self._pool = pool
        self._clocks = clocks
        self._holding = holding
        self._committed = committed

    async def look(self, now: datetime) -> bool:
        """Raise what is due and wasn't raised; there is never more left."""
        passed_over = await self._holding.look()
        today = self._clocks.calendar.day_of(now)
        async with self._pool.acquire() as connection:
            known = await store.waiting(connection)
            counters = await self._counters(connection, (today - _YESTERDAY, today), now)
        known = known.of(known.cases - passed_over)
        clocks, untold = self._clocks.running(known)
        _tell_clocks(clocks, today)
        await self._holding.each(
            sorted(known.cases - {one.case_ref for one in untold}),
            lambda cases: self._raise(of_clocks(_of(cases, clocks), today), now),
        )
        await self._holding.each(
            [one for one in counters if _named(one) not in passed_over],
            lambda some: self._raise(dict(of_counters(some)), now),
            _named,
        )
        for one in untold:  # last: too many of them end the round
            await self._holding.hold(one.case_ref, one.error)
        return False

    async def _raise(self, due: Mapping[Alarm, Facts], now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            new = await store.raise_alarms(connection, due.keys())
            transaction = Transaction(connection)
            transaction.publish_all(_told(due, new, now))
            await transaction.flush()
        if new:
            _count(due[alarm] for alarm in new)
            self._committed()

    async def _counters(
        self, connection: Connection, days: tuple[date, date], now: datetime
    ) -> list[CounterDay]:
        # What is known and not yet counted may say that they are open: first this, then figures.
        if await store.anything_uncounted(connection, Part.EMERGENCY_COUNTER, *days):
            return []
        figures = await store.figures(connection, *days)
        found = list(counter_days(figures, self._clocks.organisation, days, now))
        _tell_counters(found, days[1])
        return found


def _of(cases: Sequence[str], clocks: Iterable[Clock]) -> list[Clock]:
    wanted = frozenset(cases)
    return [one for one in clocks if one.case_ref in wanted]


def _named(counter: CounterDay) -> str:
    return f"{counter.office} {counter.day}"


def _count(raised: Iterable[Facts]) -> None:
    for facts in raised:
        match facts:
            case EmergencyWindowAlarmRaised(alarm=alarm):
                COUNTER_ALARMS.of(alarm).inc()
            case ClockAlarmRaised(clock=clock):
                CLOCK_ALARMS.of(clock).inc()


def _tell_clocks(clocks: Iterable[Clock], today: date) -> None:
    """Tell of how many cases a time limit is over; of fewer than seven nothing."""
    over = Counter(
        kind
        for kind, _ in {
            (one.kind, one.case_ref)
            for one in clocks
            if one.last_day is not None and one.last_day < today
        }
    )
    for kind in ClockKind:
        if 0 < over[kind] < MINIMUM:
            CLOCKS_OVER.forget(kind)
        else:
            CLOCKS_OVER.of(kind).set(over[kind])


def _tell_counters(counters: Iterable[CounterDay], today: date) -> None:
    of_today = [one for one in counters if one.day == today]
    standing = Counter(one.standing.value for one in of_today)
    for known in CounterStanding:
        COUNTERS_TODAY.of(known).set(standing[known.value])
    full = [one.counter for one in of_today if one.counter is not None and one.counter.overbooked]
    COUNTERS_OVERBOOKED.set(len(full))


def _told(due: Mapping[Alarm, Facts], new: set[Alarm], now: datetime) -> Iterator[Event]:
    for alarm in sorted(new):
        yield new_event(SOURCE, alarm.about, due[alarm], time=now)
