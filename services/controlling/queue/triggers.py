"""Puts decisions into the queue of reviews for what they are and what happened to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from services.controlling.frame import Frame
from services.controlling.periods import SOURCE
from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.queue import store
from services.controlling.queue.store import Deciders, Queued
from services.controlling.sampling.triggers import (
    TRIGGERING,
    Cause,
    LawChange,
    Triggered,
    fails_check,
    in_queue,
    triggered_by,
    under_new_law,
)
from shared.events.catalogue.case import (
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    DecisionMade,
)
from shared.events.catalogue.office import LawChanged
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.law.time_limits import INACTION, TimeLimits
from shared.observe.metrics import DECISIONS_DRAWN
from shared.postgres.transaction import Transaction

_ENDS_WAITING = frozenset({DecisionMade, ApplicationWithdrawn, CaseClosed})
Made = tuple[Event, DecisionMade, date]
"""A decision's event, what it says, and the day of the decision."""
CauseOn = tuple[date, Cause]
"""What puts a decision into the queue, and the day whose policy says whether it does."""


async def enter(
    reviews: Iterable[Triggered], tx: Transaction, deciders: Deciders | None = None
) -> None:
    """Put decisions into the queue, and announce each that has a new reason."""
    now = datetime.now(UTC)
    once = list(dict.fromkeys(reviews))
    queued = await store.queue(tx.connection, once, deciders or {}, now)
    tx.publish_all(_announce(one, now) for one in queued)
    for one in queued:
        DECISIONS_DRAWN.of(one.reason).inc()


class Triggers:
    """Finds what the policy wants reviewed; takes part in the handlers' transactions."""

    def __init__(self, frame: Frame, policy_on: Callable[[date], Policy]) -> None:
        """Wire it.

        Args:
            frame: The authority's law and calendar.
            policy_on: Gives the policy in force on a day.
        """
        self._frame = frame
        self._policy_on = policy_on
        self._limits = TimeLimits.load()

    async def case_events(
        self, events: Sequence[Event], made: Sequence[Made], tx: Transaction
    ) -> None:
        """Queue what a batch triggers; `made` are its decisions, registered already."""
        waited = await self._follow(events, tx)
        changes = await store.law_changes(tx.connection) if made else []
        causes = chain(
            self._failing(made),
            self._inactive(made, waited) if waited else (),
            self._under_new_law(made, changes) if changes else (),
            self._happened(events),
        )
        reviews = [
            review
            for day, cause in dict.fromkeys(causes)
            for review in in_queue(self._policy_on(day), [cause])
        ]
        if reviews:  # most batches have none
            deciders = {one.decision_id: (one.decider, one.co_signer) for _, one, _ in made}
            await enter(reviews, tx, deciders)

    async def office_events(self, events: Sequence[Event], tx: Transaction) -> None:
        """Remember changes of law; queue what was already decided under them."""
        changes = [
            LawChange(code, event.data.valid_from)
            for event in events
            if isinstance(event.data, LawChanged)
            for code in event.data.type_codes
        ]
        if not changes:
            return
        await store.enter_law_changes(tx.connection, changes)
        reviews: list[Triggered] = []
        for change in changes:
            policy = self._policy_on(change.valid_from)
            begin = self._frame.start_of(change.valid_from)
            end = self._frame.start_of(change.valid_from + _window(policy))
            decided = await store.decided_under(tx.connection, change.type_code, begin, end)
            reviews += in_queue(policy, [(one, TriggerKind.LAW_CHANGED) for one in decided])
        await enter(reviews, tx)

    async def _follow(self, events: Sequence[Event], tx: Transaction) -> dict[str, datetime]:
        """Remember cases that begin to wait; give since when those waited that are decided."""
        since: dict[str, datetime] = {}
        waited: dict[str, datetime] = {}
        over: dict[str, None] = {}
        for event in events:
            kind = type(event.data)
            if kind is ApplicationReceived:
                since.setdefault(event.subject, event.time)
            elif kind in _ENDS_WAITING:
                over[event.subject] = None
                if event.subject in since:
                    waited.setdefault(event.subject, since.pop(event.subject))
        if over:
            waited |= await store.end_waiting(tx.connection, over)
        await store.wait(tx.connection, since)
        return waited

    def _failing(self, made: Iterable[Made]) -> Iterator[CauseOn]:
        type_of = self._frame.type_of
        for _, decision, day in made:
            if fails_check(decision, type_of(decision, day)):
                yield day, (decision.decision_id, TriggerKind.CHECK_FAILED)

    def _inactive(self, made: Iterable[Made], waited: Mapping[str, datetime]) -> Iterator[CauseOn]:
        waiting = dict(waited)
        for event, decision, day in made:
            since = waiting.pop(event.subject, None)  # the first decision ends it
            if since is not None and self._too_late(since, day):
                yield day, (decision.decision_id, TriggerKind.INACTION)

    def _under_new_law(
        self, made: Iterable[Made], changes: Sequence[LawChange]
    ) -> Iterator[CauseOn]:
        for _, decision, day in made:
            if under_new_law(changes, decision.type_code, day, _window(self._policy_on(day))):
                yield day, (decision.decision_id, TriggerKind.LAW_CHANGED)

    def _happened(self, events: Iterable[Event]) -> Iterator[CauseOn]:
        for event in events:
            if type(event.data) in TRIGGERING and (cause := triggered_by(event)):
                yield self._frame.day(event.time), cause

    def _too_late(self, since: datetime, decided: date) -> bool:
        last = self._limits.last_day(INACTION, self._frame.day(since))
        return last is not None and decided > last


def _window(policy: Policy) -> timedelta:
    trigger = policy.triggers.get(TriggerKind.LAW_CHANGED)
    return timedelta(days=0 if trigger is None else trigger.days)


def _announce(one: Queued, now: datetime) -> Event:
    facts = DecisionDrawn(
        decision_id=one.decision_id,
        case_ref=one.case_ref,
        period=one.period,
        stratum=one.stratum,
        ticket=one.ticket,
        inclusion_probability=one.inclusion_probability,
        reasons=(one.reason,),
        policy_version=one.policy_version,
    )
    return new_event(SOURCE, one.decision_id, facts, time=now)
