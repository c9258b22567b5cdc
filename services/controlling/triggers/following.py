"""Puts decisions into the queue of reviews for what they are and what happened to them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from services.controlling.case_files.store import events_of_case
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
from services.controlling.triggers.waiting import BEGINNING, ENDING, Wait, begins, follow
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.office import LawChanged
from shared.events.event import Event
from shared.law.time_limits import INACTION, TimeLimits
from shared.postgres.pool import Connection
from shared.postgres.transaction import Transaction

CauseOn = tuple[date, Cause]
"""What puts a decision into the queue, and the day whose policy says whether it does."""


class Triggers:
    """Finds what the policy wants reviewed; takes part in the handlers' transactions."""

    def __init__(
        self, frame: Frame, policy_on: Callable[[date], Policy], groups: Mapping[str, str]
    ) -> None:
        """Wire it.

        Args:
            frame: The authority's law and calendar.
            policy_on: Gives the policy in force on a day.
            groups: The group of decisions of each service that is applied for.
        """
        self._frame = frame
        self._policy_on = policy_on
        self._groups = groups
        self._limits = TimeLimits.load()

    async def case_events(
        self, events: Sequence[Event], made: Sequence[Made], tx: Transaction
    ) -> None:
        """Queue what a batch triggers; `made` are its decisions, registered already."""
        inactive = await self._follow(events, made, tx)
        happened = [*self._happened(events)]
        await store.note_early(tx.connection, happened)
        ids = [one.decision_id for _, one, _ in made]
        early = await store.take_early(tx.connection, ids) if made else []
        changes = await store.law_changes(tx.connection) if made else []
        causes = chain(
            self._failing(made),
            inactive,
            self._under_new_law(made, changes) if changes else (),
            happened,
            early,
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

    async def _follow(
        self, events: Sequence[Event], made: Sequence[Made], tx: Transaction
    ) -> list[CauseOn]:
        """Follow what cases wait for; give the decisions that came too late, or by a court."""
        since = _begun(events)
        touched = since | {one.subject: one.time for one in events if type(one.data) in ENDING}
        if not touched:
            return []
        ids = [one.decision_id for _, one, _ in made]
        decided = await store.decided_since(tx.connection, since, ids) if since else {}
        waits = await store.take_waits(tx.connection, touched)
        happened: dict[str, list[Event]] = {case: [] for case in (*waits, *since)}
        for event in events if happened else ():
            if event.subject in happened:
                happened[event.subject].append(event)
        left: list[tuple[str, Wait]] = []
        late: list[CauseOn] = []
        for case, known in happened.items():
            waiting, found = waits.get(case, []), known
            if case in decided:  # what begins a wait came after what has ended it
                waiting, found = [], await self._history(tx.connection, decided[case], known)
            came = follow(waiting, found, self._groups, self._group_of(found))
            left += [(case, wait) for wait in came.left]
            late += self._too_late(found, came.ended)
        await store.wait(tx.connection, left)
        return late

    async def _history(
        self, connection: Connection, decision_id: str, happened: Collection[Event]
    ) -> list[Event]:
        """Give all that is known of a case, with what is new; its decisions are registered."""
        new = [one for one in happened if not isinstance(one.data, DecisionMade)]
        return [*await events_of_case(connection, decision_id), *new]

    def _group_of(self, events: Iterable[Event]) -> dict[str, str]:
        return {
            one.data.decision_id: self._frame.group_of(one.data, self._frame.day(one.time))
            for one in events
            if isinstance(one.data, DecisionMade)
        }

    def _too_late(
        self, events: Iterable[Event], ended: Mapping[str, Sequence[Wait]]
    ) -> Iterator[CauseOn]:
        for event in events:
            if not isinstance(event.data, DecisionMade):
                continue
            decision, day = event.data.decision_id, self._frame.day(event.time)
            if any(one.ruled for one in ended[decision]):
                yield day, (decision, TriggerKind.COURT_OVERTURNED)
            elif any(self._is_over(one, day) for one in ended[decision]):
                yield day, (decision, TriggerKind.INACTION)

    def _is_over(self, wait: Wait, decided: date) -> bool:
        return self._limits.is_over(INACTION, self._frame.day(wait.since), decided)

    def _failing(self, made: Iterable[Made]) -> Iterator[CauseOn]:
        type_of = self._frame.type_of
        for _, decision, day in made:
            if fails_check(decision, type_of(decision, day)):
                yield day, (decision.decision_id, TriggerKind.CHECK_FAILED)

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


def _begun(events: Iterable[Event]) -> dict[str, datetime]:
    """Give since when cases wait that begin to, the earliest moment of each."""
    since: dict[str, datetime] = {}
    for event in events:
        if type(event.data) in BEGINNING and (wait := begins(event)):
            since[event.subject] = min(wait.since, since.get(event.subject, wait.since))
    return since


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
