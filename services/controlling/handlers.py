"""What controlling does with events: register decisions, queue some, keep their cases' files."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from services.controlling.case_files import store as case_files
from services.controlling.completeness import store as completeness
from services.controlling.guidance import store as guidance
from services.controlling.periods.opening import Periods
from services.controlling.register import store
from services.controlling.register.entering import Register
from services.controlling.register.frame import Frame
from services.controlling.register.registration import Made
from services.controlling.service_figures import store as service_figures
from services.controlling.triggers.following import Triggers
from shared.events.catalogue.case import DecisionCorrected, DecisionMade, DecisionWithdrawn
from shared.events.catalogue.office import DecisionsCounted, LawChanged
from shared.events.event import Event
from shared.postgres.transaction import Transaction


async def _now() -> datetime:
    return datetime.now(UTC)


class CaseEvents:
    """Handler of `case-events`."""

    def __init__(
        self,
        frame: Frame,
        periods: Periods,
        groups: Mapping[str, str] = MappingProxyType({}),
        certain: Callable[[], Awaitable[datetime]] = _now,
    ) -> None:
        """Wire it.

        Args:
            frame: The authority's law and calendar.
            periods: Gives the draw of each day.
            groups: The group of decisions of each service that is applied for, where known.
            certain: Gives the latest time that has certainly come; a service's clock tells it.
        """
        self._frame = frame
        self._register = Register(frame, periods, certain)
        self._triggers = Triggers(frame, periods.policy_on, groups)

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        """Register, draw and mark the decisions of one batch; keep what happened beside them."""
        made: Sequence[Made] = [
            (event, event.data, self._frame.day(event.time))
            for event in events
            if isinstance(event.data, DecisionMade)
        ]
        if made and (new := await self._register.enter(made, tx)) is not made:
            made, events = new, _as_registered(events, new)
        await store.mark(tx.connection, "mark_corrected", _moments(events, DecisionCorrected))
        await store.mark(tx.connection, "mark_withdrawn", _moments(events, DecisionWithdrawn))
        await self._triggers.case_events(events, made, tx)
        await case_files.keep(tx.connection, events)
        await service_figures.keep(tx.connection, events, self._frame.day)


class OfficeEvents:
    """Handler of `office-events`."""

    def __init__(self, frame: Frame, periods: Periods) -> None:
        self._frame = frame
        self._triggers = Triggers(frame, periods.policy_on, {})

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        """Follow what changes for decisions, and what others count of them."""
        await self._triggers.office_events(events, tx)
        for event in events:
            if isinstance(law := event.data, LawChanged):
                await guidance.mark_stale(tx.connection, law.legal_basis, law.valid_from)
        counts = [
            (event.source, event.data)
            for event in events
            if isinstance(event.data, DecisionsCounted)
        ]
        await completeness.enter_counts(tx.connection, counts)
        await service_figures.keep(tx.connection, events, self._frame.day)


def _as_registered(events: Sequence[Event], made: Sequence[Made]) -> Sequence[Event]:
    """Leave repeats of decisions out, and give second ones the ids that they have here."""
    registered = {(event.source, event.id): event for event, _, _ in made}
    found = (
        registered.get((one.source, one.id)) if isinstance(one.data, DecisionMade) else one
        for one in events
    )
    return [one for one in found if one is not None]


def _moments(
    events: Iterable[Event], kind: type[DecisionCorrected] | type[DecisionWithdrawn]
) -> dict[str, datetime]:
    return {event.data.decision_id: event.time for event in events if isinstance(event.data, kind)}
