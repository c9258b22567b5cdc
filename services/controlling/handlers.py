"""What controlling does with case events: register every decision, draw some for review."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from services.controlling import store
from services.controlling.candidates import Candidates
from services.controlling.completeness import store as completeness
from services.controlling.frame import Frame
from services.controlling.periods import SOURCE, Periods
from services.controlling.queue.triggers import Triggers
from services.controlling.sampling.draw import PeriodDraw
from services.controlling.store import Registration
from shared.events.catalogue.case import DecisionCorrected, DecisionMade, DecisionWithdrawn
from shared.events.catalogue.office import DecisionsCounted
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.events.vocabulary import DrawReason
from shared.observe.metrics import DECISIONS_DRAWN, DECISIONS_REGISTERED
from shared.postgres.transaction import Transaction


class CaseEvents:
    """Handler of `case-events`."""

    def __init__(self, frame: Frame, periods: Periods) -> None:
        self._frame = frame
        self._periods = periods
        self._candidates = Candidates()
        self._triggers = Triggers(frame, periods.policy_on)

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        """Register, draw and mark the decisions of one batch."""
        made = [
            (event, event.data, self._frame.day(event.time))
            for event in events
            if isinstance(event.data, DecisionMade)
        ]
        if made:
            await self._register(made, tx)
        await store.mark(tx.connection, "mark_corrected", _moments(events, DecisionCorrected))
        await store.mark(tx.connection, "mark_withdrawn", _moments(events, DecisionWithdrawn))
        await self._triggers.case_events(events, made, tx)

    async def _register(
        self, made: Sequence[tuple[Event, DecisionMade, date]], tx: Transaction
    ) -> None:
        days = await self._periods.draws({day for _, _, day in made}, tx)
        periods = {period.key: period for period in days.values()}
        registrations = [
            self._draw(event, decision, day, days[day]) for event, decision, day in made
        ]
        drawn = [item for item in registrations if item.outcome.drawn]
        now = datetime.now(UTC)
        waiting = await self._candidates.among(tx.connection, registrations, periods)
        await store.register(tx.connection, registrations, periods)
        await store.record_draws(tx.connection, drawn, DrawReason.RANDOM, now)
        await store.keep_candidates(tx.connection, waiting)
        tx.publish_all(_announce(item, periods[item.place.period_key], now) for item in drawn)
        DECISIONS_REGISTERED.inc(len(registrations))
        DECISIONS_DRAWN.of(DrawReason.RANDOM).inc(len(drawn))

    def _draw(
        self, event: Event, decision: DecisionMade, day: date, period: PeriodDraw
    ) -> Registration:
        place = self._frame.place(period, decision, day)
        outcome = period.draw(decision.decision_id, place.stratum)
        twice = outcome.drawn and period.reviewed_twice(decision.decision_id)
        return Registration(
            event.subject, event.time, decision, place, outcome, event.traceparent, twice
        )


class OfficeEvents:
    """Handler of `office-events`."""

    def __init__(self, frame: Frame, periods: Periods) -> None:
        self._triggers = Triggers(frame, periods.policy_on)

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        """Follow what changes for decisions, and what others count of them."""
        await self._triggers.office_events(events, tx)
        counts = [
            (event.source, event.data)
            for event in events
            if isinstance(event.data, DecisionsCounted)
        ]
        await completeness.enter_counts(tx.connection, counts)


def _announce(item: Registration, period: PeriodDraw, now: datetime) -> Event:
    facts = DecisionDrawn(
        decision_id=item.decision.decision_id,
        case_ref=item.case_ref,
        period=item.place.period_key,
        stratum=item.place.stratum,
        ticket=item.outcome.ticket,
        inclusion_probability=float(period.rule(item.place.stratum).rate),
        reasons=(DrawReason.RANDOM,),
        policy_version=period.policy.version,
        double_review=item.twice,
    )
    return new_event(
        SOURCE, item.decision.decision_id, facts, time=now, traceparent=item.traceparent
    )


def _moments(
    events: Iterable[Event], kind: type[DecisionCorrected] | type[DecisionWithdrawn]
) -> dict[str, datetime]:
    return {event.data.decision_id: event.time for event in events if isinstance(event.data, kind)}
