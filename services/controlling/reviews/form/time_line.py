"""The case as a line of time: what happened when, what follows from it, and what isn't recorded."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.controlling.forms.case_file import CaseFile, Seen
from services.controlling.forms.law import Law
from shared.events.catalogue import case as catalogue
from shared.events.catalogue import paper
from shared.events.registry import Facts
from shared.events.vocabulary import Direction
from shared.law.time_limits import INACTION


class Step(StrEnum):
    """What may stand on the line, in the order in which it usually happens."""

    APPLICATION = "application"
    ACKNOWLEDGED = "acknowledged"
    DOCUMENTS_REQUESTED = "documents_requested"
    DOCUMENTS_RECEIVED = "documents_received"
    DOCUMENTS_EXTENDED = "documents_extended"
    DOCUMENTS_OVERDUE = "documents_overdue"
    HEARING = "hearing"
    HEARING_EXTENDED = "hearing_extended"
    HEARING_ANSWERED = "hearing_answered"
    PARTICIPATION = "participation"
    PARTICIPATION_DELAYED = "participation_delayed"
    PARTICIPATION_ANSWERED = "participation_answered"
    PROVISIONAL_PAPER = "provisional_paper"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    DECISION = "decision"
    DISPATCH = "dispatch"
    NOTIFICATION = "notification"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    APPEAL = "appeal"
    REMEDIED = "remedied"
    FORWARDED = "forwarded"
    APPEAL_DECIDED = "appeal_decided"
    ACTION_FILED = "action_filed"
    INACTION_FILED = "inaction_filed"
    COURT_DECIDED = "court_decided"
    PERMIT = "permit"
    CARD_READY = "card_ready"
    CARD_COLLECTED = "card_collected"
    TRANSFERRED = "transferred"
    CLOSED = "closed"


STEPS: Mapping[type[Facts], Step] = MappingProxyType({
    catalogue.ApplicationReceived: Step.APPLICATION,
    catalogue.ApplicationAcknowledged: Step.ACKNOWLEDGED,
    catalogue.DocumentsRequested: Step.DOCUMENTS_REQUESTED,
    catalogue.DocumentsReceived: Step.DOCUMENTS_RECEIVED,
    catalogue.DocumentsDeadlineExtended: Step.DOCUMENTS_EXTENDED,
    catalogue.DocumentsOverdue: Step.DOCUMENTS_OVERDUE,
    catalogue.HearingSent: Step.HEARING,
    catalogue.HearingDeadlineExtended: Step.HEARING_EXTENDED,
    catalogue.HearingAnswered: Step.HEARING_ANSWERED,
    catalogue.ParticipationRequested: Step.PARTICIPATION,
    catalogue.ParticipationDelayed: Step.PARTICIPATION_DELAYED,
    catalogue.ParticipationAnswered: Step.PARTICIPATION_ANSWERED,
    catalogue.ApplicationWithdrawn: Step.APPLICATION_WITHDRAWN,
    catalogue.DecisionMade: Step.DECISION,
    catalogue.DecisionDispatched: Step.DISPATCH,
    catalogue.DecisionNotified: Step.NOTIFICATION,
    catalogue.DecisionCorrected: Step.CORRECTED,
    catalogue.DecisionWithdrawn: Step.WITHDRAWN,
    catalogue.AppealLodged: Step.APPEAL,
    catalogue.AppealRemedied: Step.REMEDIED,
    catalogue.AppealForwarded: Step.FORWARDED,
    catalogue.AppealDecided: Step.APPEAL_DECIDED,
    catalogue.CourtActionFiled: Step.ACTION_FILED,
    catalogue.CourtInactionFiled: Step.INACTION_FILED,
    catalogue.CourtDecided: Step.COURT_DECIDED,
    paper.PermitIssued: Step.PERMIT,
    paper.ProvisionalPaperIssued: Step.PROVISIONAL_PAPER,
    paper.CardReady: Step.CARD_READY,
    paper.CardCollected: Step.CARD_COLLECTED,
    catalogue.CaseTransferred: Step.TRANSFERRED,
    catalogue.CaseClosed: Step.CLOSED,
})  # fmt: skip


class Consequence(StrEnum):
    """What follows from a step, with a date."""

    DUE = "due"
    """Until then the applicant had time."""
    DECIDE_BY = "decide_by"
    """After that day the applicant may sue for inaction."""
    NOTIFIED_ON = "notified_on"
    VALID_UNTIL = "valid_until"


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a case; without a day it is a gap: nothing of it is recorded.

    Attributes:
        step: What happened, or should have.
        day: When.
        values: What else is known of it: a body, a channel, an outcome, how many documents.
        follows: What follows from it.
        until: The day of what follows.
    """

    step: Step
    day: date | None
    values: Mapping[str, str | int | bool] = field(default_factory=lambda: MappingProxyType({}))
    follows: Consequence | None = None
    until: date | None = None


def time_line(file: CaseFile, law: Law) -> tuple[Moment, ...]:
    """Give the steps around a decision in the order of time, gaps where they usually stand."""
    around = [*file.before, file.decided, *file.after, *file.about]
    once = {(one.event.source, one.event.id): one for one in around}.values()
    seen = sorted(
        (one for one in once if type(one.data) in STEPS),
        key=lambda one: (one.event.time, one.event.sequence),
    )
    return tuple(_with_gaps([_moment(one, law) for one in seen], _expected(file)))


def _expected(file: CaseFile) -> tuple[Step, ...]:
    """Give what belongs to every decision of the kind, in its usual order."""
    adverse = file.decision.direction is Direction.ADVERSE
    before = (Step.APPLICATION, Step.HEARING) if adverse else (Step.APPLICATION,)
    return (*before, Step.DISPATCH, Step.NOTIFICATION)


def _with_gaps(moments: list[Moment], expected: Iterable[Step]) -> Iterator[Moment]:
    order = list(Step)
    there = {one.step for one in moments}
    gaps = [Moment(step, None) for step in expected if step not in there]
    for moment in moments:
        # Before the decision stands what comes before it; after it, what was done with the notice.
        while gaps and moment.step in _ENDS[gaps[0].step]:
            yield gaps.pop(0)
        yield moment
    yield from sorted(gaps, key=lambda one: order.index(one.step))


_DECIDED = frozenset({Step.DECISION})
_AFTER_NOTICE = frozenset({
    Step.NOTIFICATION, Step.APPEAL, Step.REMEDIED, Step.FORWARDED, Step.APPEAL_DECIDED,
    Step.ACTION_FILED, Step.COURT_DECIDED, Step.CLOSED,
})  # fmt: skip
_ENDS: Mapping[Step, frozenset[Step]] = MappingProxyType({
    Step.APPLICATION: frozenset(Step),
    Step.HEARING: _DECIDED,
    Step.DISPATCH: _AFTER_NOTICE,
    Step.NOTIFICATION: _AFTER_NOTICE - {Step.NOTIFICATION},
})  # fmt: skip
"""Before which steps a gap stands."""


def _moment(seen: Seen[Facts], law: Law) -> Moment:
    step = STEPS[type(seen.data)]
    follows, until = _FOLLOWS.get(type(seen.data), _nothing)(seen, law)
    return Moment(step, seen.day, MappingProxyType(dict(_values(seen.data))), follows, until)


Follows = tuple[Consequence | None, date | None]


def _nothing(_: Seen[Any], __: Law) -> Follows:
    return None, None


def _due(seen: Seen[Any], _: Law) -> Follows:
    return (None, None) if seen.data.due is None else (Consequence.DUE, seen.data.due)


def _inaction(seen: Seen[Any], law: Law) -> Follows:
    last = law.limits.last_day(INACTION, seen.day)
    return (None, None) if last is None else (Consequence.DECIDE_BY, last)


def _valid(seen: Seen[Any], _: Law) -> Follows:
    return Consequence.VALID_UNTIL, seen.data.valid_until


def _notified(seen: Seen[Any], _: Law) -> Follows:
    return Consequence.NOTIFIED_ON, seen.data.notified_on


_FOLLOWS: Mapping[type[Facts], Callable[[Seen[Any], Law], Follows]] = MappingProxyType({
    catalogue.ApplicationReceived: _inaction,
    catalogue.DocumentsRequested: _due,
    catalogue.DocumentsDeadlineExtended: _due,
    catalogue.HearingSent: _due,
    catalogue.HearingDeadlineExtended: _due,
    paper.PermitIssued: _valid,
    paper.ProvisionalPaperIssued: _valid,
    catalogue.DecisionNotified: _notified,
})  # fmt: skip

_SHOWN = ("body", "channel", "outcome", "complete", "agreed")


def _values(data: Facts) -> Iterator[tuple[str, str | int | bool]]:
    for name in _SHOWN:
        value = getattr(data, name, None)
        if value is not None and type(data) is not catalogue.ApplicationReceived:
            yield name, value
    if items := getattr(data, "items", ()):
        yield "number", len(items)
