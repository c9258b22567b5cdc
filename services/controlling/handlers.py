"""What controlling does with case events: register every decision, draw some for review."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.controlling import store
from services.controlling.periods import SOURCE, Periods
from services.controlling.sampling.draw import Sampler
from services.controlling.sampling.periods import Period, period_of
from services.controlling.sampling.policy import Policy
from services.controlling.sampling.strata import Stratum
from services.controlling.store import Registration
from shared.events.catalogue.case import DecisionCorrected, DecisionMade, DecisionWithdrawn
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.events.vocabulary import DrawReason
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import DECISIONS_DRAWN, DECISIONS_REGISTERED
from shared.postgres.transaction import Transaction


class CaseEvents:
    """Handler of `case-events`."""

    def __init__(
        self, policy: Policy, decision_types: DecisionTypes, zone: ZoneInfo, periods: Periods
    ) -> None:
        """Wire the handler with the authority's policy, law and calendar."""
        self._policy = policy
        self._decision_types = decision_types
        self._zone = zone
        self._periods = periods

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        """Register, draw and mark the decisions of one batch."""
        made = [
            (event, event.data, period_of(event.time, self._zone))
            for event in events
            if isinstance(event.data, DecisionMade)
        ]
        if made:
            await self._register(made, tx)
        await store.mark(tx.connection, "mark_corrected", _moments(events, DecisionCorrected))
        await store.mark(tx.connection, "mark_withdrawn", _moments(events, DecisionWithdrawn))

    async def _register(
        self, made: Sequence[tuple[Event, DecisionMade, Period]], tx: Transaction
    ) -> None:
        samplers = await self._periods.samplers((period for _, _, period in made), tx)
        registrations = [
            self._draw(event, decision, period, samplers[period.key])
            for event, decision, period in made
        ]
        drawn = [item for item in registrations if item.outcome.drawn]
        now = datetime.now(UTC)
        await store.register(tx.connection, registrations, self._policy.version)
        await store.record_draws(tx.connection, drawn, DrawReason.RANDOM, now)
        tx.publish_all(self._announce(item, now) for item in drawn)
        DECISIONS_REGISTERED.inc(len(registrations))
        DECISIONS_DRAWN.of(DrawReason.RANDOM).inc(len(drawn))

    def _draw(
        self, event: Event, decision: DecisionMade, period: Period, sampler: Sampler
    ) -> Registration:
        day = event.time.astimezone(self._zone).date()
        group = self._decision_types.group_of(decision.type_code, day)
        stratum = Stratum(group, decision.direction, decision.unit)
        rate = self._policy.rate_of(stratum)
        return Registration(
            case_ref=event.subject,
            decided_at=event.time,
            decision=decision,
            period=period.key,
            stratum=stratum.key,
            rate=rate,
            outcome=sampler.draw(decision.decision_id, rate),
        )

    def _announce(self, item: Registration, now: datetime) -> Event:
        facts = DecisionDrawn(
            decision_id=item.decision.decision_id,
            case_ref=item.case_ref,
            period=item.period,
            stratum=item.stratum,
            ticket=item.outcome.ticket,
            inclusion_probability=float(item.rate),
            reasons=(DrawReason.RANDOM,),
            policy_version=self._policy.version,
        )
        return new_event(SOURCE, item.decision.decision_id, facts, time=now)


def _moments(
    events: Iterable[Event], kind: type[DecisionCorrected] | type[DecisionWithdrawn]
) -> dict[str, datetime]:
    return {event.data.decision_id: event.time for event in events if isinstance(event.data, kind)}
