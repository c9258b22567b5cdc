"""Puts decisions into the queue of reviews for what they are and what happened to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.queue.announcing import enter_wanted
from services.controlling.queue.reason import Wanted
from services.controlling.register.frame import Frame
from services.controlling.register.registration import Made
from services.controlling.triggers import store
from services.controlling.triggers.causes import (
    TRIGGERING,
    Cause,
    LawChange,
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
from shared.events.event import Event
from shared.law.time_limits import INACTION, TimeLimits
from shared.postgres.transaction import Transaction

_ENDS_WAITING = frozenset({DecisionMade, ApplicationWithdrawn, CaseClosed})
CauseOn = tuple[date, Cause]
"""What puts a decision into the queue, and the day whose policy says whether it does."""


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
            await enter_wanted(_with_deciders(reviews, made), tx, datetime.now(UTC))

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
        reviews: list[Wanted] = []
        for change in changes:
            policy = self._policy_on(change.valid_from)
            begin = self._frame.start_of(change.valid_from)
            end = self._frame.start_of(change.valid_from + _window(policy))
            decided = await store.decided_under(tx.connection, change.type_code, begin, end)
            reviews += in_queue(policy, [(one, TriggerKind.LAW_CHANGED) for one in decided])
        await enter_wanted(reviews, tx, datetime.now(UTC))

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


def _with_deciders(reviews: Iterable[Wanted], made: Iterable[Made]) -> Iterator[Wanted]:
    """Add who decided, where this batch tells."""
    known = {one.decision_id: one for _, one, _ in made}
    for review in reviews:
        one = known.get(review.decision_id)
        yield (
            review if one is None else review._replace(decider=one.decider, co_signer=one.co_signer)
        )


def _window(policy: Policy) -> timedelta:
    trigger = policy.triggers.get(TriggerKind.LAW_CHANGED)
    return timedelta(days=0 if trigger is None else trigger.days)
