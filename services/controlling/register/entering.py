"""Decisions are entered into the frame, drawn as they come, and queued when chance draws them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from services.controlling.periods.draw import PeriodDraw
from services.controlling.periods.opening import Periods
from services.controlling.queue.announcing import enter
from services.controlling.queue.reason import Entry
from services.controlling.register import store
from services.controlling.register.candidates import Candidates, asked_of
from services.controlling.register.frame import Frame
from services.controlling.register.registration import Made, Registration
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.vocabulary import DrawReason
from shared.observe.metrics import DECISIONS_REGISTERED
from shared.observe.way import Station, Step
from shared.postgres.pool import Connection
from shared.postgres.transaction import Transaction


class Register:
    """Registers decisions; takes part in the handlers' transactions."""

    def __init__(self, frame: Frame, periods: Periods) -> None:
        """Wire it.

        Args:
            frame: The authority's law and calendar.
            periods: Gives the draw of each day.
        """
        self._frame = frame
        self._periods = periods
        self._candidates = Candidates()

    async def enter(self, made: Sequence[Made], tx: Transaction) -> None:
        """Register the decisions of a batch.

        Raises:
            DecisionKnown: an id is registered already.
        """
        days = await self._periods.draws({day for _, _, day in made}, tx)
        periods = {period.key: period for period in days.values()}
        registrations = [
            self._draw(event, decision, day, days[day]) for event, decision, day in made
        ]
        waiting = await self._waiting(registrations, periods, tx.connection)
        await store.register(tx.connection, registrations, periods)
        await store.keep_candidates(tx.connection, waiting)
        drawn = [
            _entry(one, periods[one.place.period_key]) for one in registrations if one.outcome.drawn
        ]
        await enter(drawn, tx, datetime.now(UTC))
        tx.reach(_step(event, one) for (event, _, _), one in zip(made, registrations, strict=True))
        DECISIONS_REGISTERED.inc(len(registrations))

    def _draw(
        self, event: Event, decision: DecisionMade, day: date, period: PeriodDraw
    ) -> Registration:
        place = self._frame.place(period, decision, day)
        outcome = period.draw(decision.decision_id, place.stratum)
        twice = outcome.drawn and period.reviewed_twice(decision.decision_id)
        return Registration(
            event.subject, event.time, decision, place, outcome, event.traceparent, twice
        )

    async def _waiting(
        self,
        registrations: Sequence[Registration],
        periods: Mapping[str, PeriodDraw],
        connection: Connection,
    ) -> list[Registration]:
        """Give what may be topped up when its period closes.

        Before anything is registered in this transaction: later the bounds would hold decisions
        that may be rolled back, and be too low.
        """
        waiting = self._candidates.among(registrations, periods)
        if not waiting:
            return []
        bounds = await store.tighten_candidates(connection, asked_of(waiting, periods))
        self._candidates.learn(bounds)
        return self._candidates.among(waiting, periods)


def _step(event: Event, one: Registration) -> Step:
    station = Station.DRAWN if one.outcome.drawn else Station.REGISTERED
    return Step(station, event.subject, event.id, DecisionMade.event_type)


def _entry(one: Registration, period: PeriodDraw) -> Entry:
    decision, place = one.decision, one.place
    return Entry(
        decision_id=decision.decision_id,
        case_ref=one.case_ref,
        period=place.period_key,
        stratum=place.stratum,
        ticket=one.outcome.ticket,
        chance=float(period.rule(place.stratum).rate),
        policy_version=period.policy.version,
        reason=DrawReason.RANDOM,
        priority=None,
        decider=decision.decider,
        co_signer=decision.co_signer,
        twice=one.twice,
        traceparent=one.traceparent,
    )
