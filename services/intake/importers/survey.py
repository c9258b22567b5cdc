"""Looks through a log that nobody has described: its columns, activities and timestamps."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from services.intake.importers.errors import LogUnusable
from services.intake.importers.log_event import LogEvent
from services.intake.importers.mapping import Layout
from services.intake.importers.rules import name_of

MOST_ACTIVITIES = 1_000
"""More different activities than this are counted, but not by name."""

_CASE = ("case:concept:name", r"(case|trace).*(id|name|number|nr)?", r"aktenzeichen|vorgang|akte")
_ACTIVITY = ("concept:name", r"activity|aktivität|tätigkeit|schritt", r"event|task|step|action")
_TIME = ("time:timestamp", r"timestamp|zeitstempel", r".*(time|date|zeit|datum).*")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look through the whole log has found.

    Attributes:
        layout: Where case, activity and time seem to be.
        events: How many events there are.
        activities: Events by activity, of the first `MOST_ACTIVITIES` activities.
        filled: Events by attribute that have a value for it.
    """

    layout: Layout
    events: int
    activities: Mapping[str, int]
    filled: Mapping[str, int]


def survey(name: str, events: Iterable[LogEvent]) -> Survey:
    """Read a log from start to end; memory doesn't grow with its length.

    Raises:
        LogUnusable: There is no event in it.
    """
    remaining = iter(events)
    first = next(remaining, None)
    if first is None:
        raise LogUnusable(f"{name} holds no events, so there is nothing to propose")
    layout = _layout(first.values)
    number = 0
    activities: Counter[str] = Counter()
    filled: Counter[str] = Counter()
    for number, event in enumerate(chain([first], remaining), start=1):  # noqa: B007 - the count
        filled.update(name for name, text in event.values.items() if text)
        activity = event.values.get(layout.activity)
        if activity and (activity in activities or len(activities) < MOST_ACTIVITIES):
            activities[activity] += 1
    return Survey(layout, number, activities, filled)


def _layout(values: Mapping[str, str]) -> Layout:
    usual = Layout()
    case = _first(_CASE, values, usual.case)
    time = _first(_TIME, values, name_of(usual.time))
    others = {name: text for name, text in values.items() if name not in (case, time)}
    activity = _first(_ACTIVITY, others, usual.activity)
    return Layout(case=case, activity=activity, time=time)


def _first(patterns: Iterable[str], values: Mapping[str, str], otherwise: str) -> str:
    """Give the attribute that fits the best of the patterns."""
    for pattern in patterns:
        for name in values:
            if re.fullmatch(pattern, name, re.IGNORECASE):
                return name
    return otherwise
