"""How decisions came about: how long each step took, what was done twice, what came late. Pure.

A day's figures are about the decisions of that day, whenever their cases began. Only what is known
of a case counts: what nobody told of took no time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from services.controlling.service_figures.clocks import Clocks
from services.controlling.triggers.waiting import BEGINNING, ENDING, Wait, follow
from shared.events.catalogue.case import (
    AppealRemedied,
    ApplicationAcknowledged,
    DecisionCorrected,
    DecisionDispatched,
    DecisionMade,
    DecisionNotified,
    DecisionWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingSent,
    ParticipationAnswered,
    ParticipationRequested,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.law.time_limits import INACTION


class Step(StrEnum):
    """A part of the way to a decision, in the order in which they are shown."""

    ACKNOWLEDGEMENT = "acknowledgement"
    """From the application until its receipt was confirmed."""
    DOCUMENTS = "documents"
    """While documents were missing."""
    PARTICIPATION = "participation"
    """While other authorities were asked."""
    HEARING = "hearing"
    """While the applicant was asked to comment."""
    DECISION = "decision"
    """From the application until the decision: the whole way."""
    DISPATCH = "dispatch"
    """From the decision until the notice left."""
    NOTIFICATION = "notification"
    """From the decision until it counts as notified."""


TELLING: frozenset[type[Facts]] = frozenset({
    *BEGINNING,
    *ENDING,
    ApplicationAcknowledged,
    DocumentsRequested,
    DocumentsReceived,
    HearingSent,
    HearingAnswered,
    ParticipationRequested,
    ParticipationAnswered,
    DecisionDispatched,
    DecisionNotified,
    DecisionCorrected,
    DecisionWithdrawn,
    AppealRemedied,
})  # fmt: skip
"""The types of events that change what is told of a decision."""
_MENDING = (DecisionCorrected, DecisionWithdrawn, AppealRemedied)
Way = tuple[Step, ...]


class Story(NamedTuple):
    """How one decision came about.

    Attributes:
        service: What was applied for; empty where nobody applied, or nobody knows.
        days: How long each step took; none that didn't happen.
        way: What was waited for, in its order.
        late: Whether it came later than the law allows (§ 75 VwGO).
        asked_again: Whether documents were asked for more than once.
        mended: Whether it was corrected, taken back or remedied afterwards.
    """

    service: str
    days: Mapping[Step, int]
    way: Way
    late: bool
    asked_again: bool
    mended: bool


@dataclass(frozen=True, slots=True)
class Cases:
    """What is counted of decisions.

    Attributes:
        decided: How many they are.
        late: How many came later than the law allows.
        asked_again: For how many documents were asked for more than once.
        mended: How many were corrected, taken back or remedied.
        reworked: For how many at least one of both holds.
        days: Of each step the days that it took, ascending.
        ways: How many went which way.
    """

    decided: int = 0
    late: int = 0
    asked_again: int = 0
    mended: int = 0
    reworked: int = 0
    days: tuple[tuple[Step, tuple[int, ...]], ...] = ()
    ways: tuple[tuple[Way, int], ...] = ()


def count_cases(events: Iterable[Event], law: Clocks) -> Mapping[tuple[date, str], Cases]:
    """Count decisions by day and service, in whatever order the events are given.

    Args:
        events: All that is known of some cases.
        law: Their time limits, and whose day it is.
    """
    by_case: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_case[event.subject].append(event)
    stories: dict[tuple[date, str], list[Story]] = defaultdict(list)
    for happened in by_case.values():
        ordered = sorted(happened, key=lambda one: (one.time, one.sequence, one.id))
        for day, story in _stories(ordered, law):
            stories[day, story.service].append(story)
    return {place: _count(told) for place, told in stories.items()}


def together_cases(cases: Sequence[Cases]) -> Cases:
    """Put days or services together."""
    days: dict[Step, list[int]] = defaultdict(list)
    ways = Counter[Way]()
    for one in cases:
        for step, found in one.days:
            days[step] += found
        ways.update(dict(one.ways))
    return Cases(
        sum(one.decided for one in cases),
        sum(one.late for one in cases),
        sum(one.asked_again for one in cases),
        sum(one.mended for one in cases),
        sum(one.reworked for one in cases),
        tuple((step, tuple(sorted(days[step]))) for step in Step if step in days),
        tuple(sorted(ways.items())),
    )


def _count(stories: Sequence[Story]) -> Cases:
    return together_cases(
        [
            Cases(
                1,
                int(one.late),
                int(one.asked_again),
                int(one.mended),
                int(one.asked_again or one.mended),
                tuple((step, (days,)) for step, days in one.days.items()),
                ((one.way, 1),),
            )
            for one in stories
        ]
    )


def _stories(events: Sequence[Event], law: Clocks) -> Iterator[tuple[date, Story]]:
    """Give the story of each decision of a case, with its day."""
    made = [(one, one.data) for one in events if isinstance(one.data, DecisionMade)]
    day_of = law.calendar.day_of
    groups = {
        facts.decision_id: law.types.group_of(facts.type_code, day_of(event.time))
        for event, facts in made
    }
    ended = follow((), events, law.organisation.groups_of_services, groups).ended
    for event, facts in made:
        waits = [one for one in ended.get(facts.decision_id, ()) if not one.ruled]
        yield day_of(event.time), _story(event, facts, waits[0] if waits else None, events, law)


def _story(
    made: Event, facts: DecisionMade, wait: Wait | None, events: Sequence[Event], law: Clocks
) -> Story:
    day_of = law.calendar.day_of
    decided = day_of(made.time)
    before = [
        one for one in events if one.time <= made.time and (wait is None or one.time >= wait.since)
    ]
    after = [one for one in events if getattr(one.data, "decision_id", None) == facts.decision_id]
    days, way = _waited(before, decided, law)
    if wait is not None:
        began = day_of(wait.since)
        days[Step.DECISION] = (decided - began).days
        told = [one for one in before if isinstance(one.data, ApplicationAcknowledged)]
        if told:
            days[Step.ACKNOWLEDGEMENT] = (day_of(told[0].time) - began).days
    for one in after:
        match one.data:
            case DecisionDispatched():
                days.setdefault(Step.DISPATCH, max(0, (day_of(one.time) - decided).days))
            case DecisionNotified(notified_on=on):
                days.setdefault(Step.NOTIFICATION, max(0, (on - decided).days))
    return Story(
        "" if wait is None else wait.service,
        days,
        way,
        late=wait is not None and law.limits.is_over(INACTION, day_of(wait.since), decided),
        asked_again=sum(isinstance(one.data, DocumentsRequested) for one in before) > 1,
        mended=any(isinstance(one.data, _MENDING) for one in after),
    )


def _waited(events: Iterable[Event], decided: date, law: Clocks) -> tuple[dict[Step, int], Way]:
    """Give how long each of the things took that are waited for, and their order.

    Who is asked while another answer of the same kind is awaited begins no wait of its own.
    """
    days: dict[Step, int] = {}
    way: list[Step] = []
    open_since: dict[Step, date] = {}
    awaited: dict[Step, set[str]] = defaultdict(set)
    for event in events:
        day = law.calendar.day_of(event.time)
        if (asked := _asks(event.data)) is not None:
            step, of = asked
            if not awaited[step]:
                open_since[step] = day
                way.append(step)
            awaited[step].add(of)
        elif (answered := _answers(event.data)) is not None:
            step, of = answered
            if awaited[step] == {of}:
                days[step] = days.get(step, 0) + (day - open_since[step]).days
            awaited[step].discard(of)
    for step in (one for one, left in awaited.items() if left):
        days[step] = days.get(step, 0) + (decided - open_since[step]).days
    return days, tuple(way)


def _asks(facts: Facts) -> tuple[Step, str] | None:
    match facts:
        case DocumentsRequested():
            return Step.DOCUMENTS, ""
        case ParticipationRequested(body=body):
            return Step.PARTICIPATION, body
        case HearingSent():
            return Step.HEARING, ""
    return None


def _answers(facts: Facts) -> tuple[Step, str] | None:
    match facts:
        case DocumentsReceived(complete=complete) if complete is not False:
            return Step.DOCUMENTS, ""
        case ParticipationAnswered(body=body):
            return Step.PARTICIPATION, body
        case HearingAnswered():
            return Step.HEARING, ""
    return None
