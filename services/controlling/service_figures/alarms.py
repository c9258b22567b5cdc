"""Which alarms are due: counters that aren't open or are overbooked, clocks that run out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from services.controlling.service_figures.clocks import Clock
from services.controlling.service_figures.emergency_counter import Standing
from services.controlling.service_figures.overview import CounterDay
from shared.events.catalogue.service import ClockAlarmRaised, EmergencyWindowAlarmRaised
from shared.events.registry import Facts
from shared.events.vocabulary import CounterAlarm


class Alarm(NamedTuple):
    """What is raised once.

    Attributes:
        kind: Of a counter's alarm, or of a clock.
        about: The office or the case.
        day: The counter's day, or the clock's last.
        stage: Days that were left at most; 0 for counters.
    """

    kind: str
    about: str
    day: date
    stage: int = 0


def of_counters(days: Iterable[CounterDay]) -> Iterator[tuple[Alarm, Facts]]:
    """Give the alarms of some counters' days, each with what is told of it."""
    for one in days:
        wrong = {
            CounterAlarm.MISSING: one.standing is Standing.MISSING,
            CounterAlarm.OVERBOOKED: one.counter is not None and one.counter.overbooked > 0,
        }
        for kind, raised in wrong.items():
            if raised:
                facts = EmergencyWindowAlarmRaised(office=one.office, day=one.day, alarm=kind)
                yield Alarm(kind.value, one.office, one.day), facts


def of_clocks(clocks: Iterable[Clock], today: date) -> Mapping[Alarm, Facts]:
    """Give the alarms of clocks, each with what is told of it.

    Of a case with several applications that end on one day, one is enough.
    """
    found: dict[Alarm, Facts] = {}
    for one in clocks:
        stage, left = one.stage(today), one.days_left(today)
        if stage is None or left is None or one.last_day is None:
            continue
        facts = ClockAlarmRaised(
            case_ref=one.case_ref,
            clock=one.kind,
            last_day=one.last_day,
            days_left=left,
            unit=one.unit or None,
        )
        found.setdefault(Alarm(one.kind.value, one.case_ref, one.last_day, stage), facts)
    return found
