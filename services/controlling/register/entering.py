"""Decisions are entered into the frame, drawn as they come, and queued when chance draws them."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from services.controlling.completeness.comparison import Cell, week_of
from services.controlling.completeness.store import enter_repeats
from services.controlling.periods.draw import PeriodDraw
from services.controlling.periods.opening import Periods
from services.controlling.queue.announcing import enter
from services.controlling.queue.reason import Entry
from services.controlling.register import store
from services.controlling.register.candidates import Candidates, asked_of
from services.controlling.register.frame import Frame
from services.controlling.register.identity import content_of, second_id
from services.controlling.register.registration import Made, Registration
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.vocabulary import DrawReason
from shared.observe.metrics import DECISIONS_REGISTERED, SECOND_DECISIONS
from shared.observe.way import Station, Step
from shared.postgres.pool import Connection
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)


class Register:
    """Registers decisions; takes part in the handlers' transactions."""

    def __init__(
        self, frame: Frame, periods: Periods, certain: Callable[[], Awaitable[datetime]]
    ) -> None:
        """Wire it.

        Args:
            frame: The authority's law and calendar.
            periods: Gives the draw of each day.
            certain: Gives the latest time that has certainly come.
        """
        self._frame = frame
        self._periods = periods
        self._certain = certain
        self._candidates = Candidates()

    async def enter(self, made: Sequence[Made], tx: Transaction) -> Sequence[Made]:
        """Register the decisions of a batch; gives those that are new.

        What says again what is registered changes nothing. A second decision under the id of
        another one is kept beside it, under an id of its own, by which it is drawn: a finding.
        """
        first = _once(made)
        entered = await self._register(first, tx)
        if len(entered) == len(made):
            return made
        new = set(map(id, entered))
        left = [one for one in made if id(one) not in new]
        return [*entered, *await self._second(left, tx)]

    async def _second(self, left: Sequence[Made], tx: Transaction) -> Sequence[Made]:
        """Register what isn't a repeat of the decision that has its id.

        The id of its own is no secret, and may be taken by yet another decision: then it goes on
        from that id the same way, until nobody has it, or the same decision.
        """
        entered: list[Made] = []
        found: dict[str, str] = {}
        claims = [(one[1].decision_id, one) for one in left]
        while claims:
            seconds = await self._others(claims, tx)
            own = [_under(own, one) for own, one in seconds.items()]
            new = await self._register(own, tx, begun=True) if own else ()
            entered += new
            ids = {one.decision_id for _, one, _ in new}
            found |= {own: seconds[own][1].decision_id for own in ids}
            claims = [(own, one) for own, one in seconds.items() if own not in ids]
        if found:
            await store.note_second(tx.connection, found)
            logger.warning("a second decision came under an id", extra={"decisions": found})
            SECOND_DECISIONS.inc(len(found))
        if repeats := _repeats(left, entered):
            await enter_repeats(tx.connection, repeats)
        return entered

    async def _others(
        self, claims: Sequence[tuple[str, Made]], tx: Transaction
    ) -> Mapping[str, Made]:
        """Give what says something else than who has the id it claims, by ids of their own."""
        known = await store.contents(tx.connection, {one for one, _ in claims}, self._frame.zone)
        seconds: dict[str, Made] = {}
        for claimed, one in claims:
            content = content_of(one)
            if not content.is_that_of(known[claimed]):
                seconds.setdefault(second_id(claimed, content), one)
        return seconds

    async def _register(
        self, made: Sequence[Made], tx: Transaction, *, begun: bool = False
    ) -> Sequence[Made]:
        """Register decisions, no two of one id; gives those whose ids weren't there.

        `begun` says that others were registered in this transaction, so that no bound is learned.
        """
        days = await self._periods.draws({day for _, _, day in made}, tx)
        closed = any(period.closed for period in days.values())
        open_now = await self._open_now(tx) if closed else None
        periods = {one.key: one for one in (*days.values(), *([open_now] if open_now else []))}
        registrations = [self._draw(one, days[one[2]], open_now) for one in made]
        waiting = self._candidates.among(registrations, periods)
        if waiting and not begun:
            waiting = await self._tightened(waiting, periods, tx.connection)
        ids = await store.register(tx.connection, registrations, periods)
        if len(ids) < len(made):
            made = [one for one in made if one[1].decision_id in ids]
            registrations = [one for one in registrations if one.decision.decision_id in ids]
            waiting = [one for one in waiting if one.decision.decision_id in ids]
        if not ids:
            return made
        await store.note_new(tx.connection, registrations, _arrivals(made, registrations))
        await store.keep_candidates(tx.connection, waiting)
        drawn = [
            _entry(one, periods[one.place.period_key]) for one in registrations if one.outcome.drawn
        ]
        await enter(drawn, tx, datetime.now(UTC))
        tx.reach(_step(event, one) for (event, _, _), one in zip(made, registrations, strict=True))
        DECISIONS_REGISTERED.inc(len(registrations))
        return made

    async def _open_now(self, tx: Transaction) -> PeriodDraw:
        """Give the period of today: what comes when its own is closed is drawn by its seed.

        Of the day that has certainly come: by a clock that is behind it would be a closed period,
        whose seed everybody knows, by one that is ahead a period that hasn't begun.
        """
        today = self._frame.day(await self._certain())
        return (await self._periods.draws({today}, tx))[today]

    def _draw(self, made: Made, period: PeriodDraw, open_now: PeriodDraw | None) -> Registration:
        event, decision, day = made
        if period.closed and open_now is not None:
            period = open_now
            place = self._frame.late_place(period, decision, day)
        else:
            place = self._frame.place(period, decision, day)
        outcome = period.draw(decision.decision_id, place.stratum)
        twice = outcome.drawn and period.reviewed_twice(decision.decision_id)
        return Registration(
            event.subject, event.time, decision, place, outcome, event.traceparent, twice
        )

    async def _tightened(
        self,
        waiting: Sequence[Registration],
        periods: Mapping[str, PeriodDraw],
        connection: Connection,
    ) -> list[Registration]:
        """Give what may be topped up when its period closes, of what may be by what is known.

        Before anything is registered in this transaction: later the bounds would hold decisions
        that may be rolled back, and be too low.
        """
        bounds = await store.tighten_candidates(connection, asked_of(waiting, periods))
        self._candidates.learn(bounds)
        return self._candidates.among(waiting, periods)


def _arrivals(
    made: Sequence[Made], registrations: Sequence[Registration]
) -> Mapping[tuple[str, str], int]:
    """Count decisions by period and by the source that sent them."""
    periods = [one.place.period_key for one in registrations]
    return Counter(zip(periods, [event.source for event, _, _ in made], strict=True))


def _once(made: Sequence[Made]) -> Sequence[Made]:
    """Give the first of each id."""
    if len({decision.decision_id for _, decision, _ in made}) == len(made):
        return made
    first: dict[str, Made] = {}
    for one in made:
        first.setdefault(one[1].decision_id, one)
    return list(first.values())


def _repeats(left: Sequence[Made], entered: Sequence[Made]) -> Sequence[Cell]:
    """Give the cells of what came again: of all that was left, what wasn't entered after all."""
    new = {(event.source, event.id) for event, _, _ in entered}
    return [
        Cell(week_of(day), decision.unit)
        for event, decision, day in left
        if (event.source, event.id) not in new
    ]


def _under(decision_id: str, made: Made) -> Made:
    """Give the decision of an event under another id."""
    event, decision, day = made
    renamed = decision.model_copy(update={"decision_id": decision_id})
    return event._replace(data=renamed), renamed, day


def _step(event: Event, one: Registration) -> Step:
    station = Station.DRAWN if one.outcome.drawn else Station.REGISTERED
    return Step(station, event.subject, event.id, DecisionMade.event_type, event.traceparent)


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
        reason=DrawReason.RANDOM if place.late_group is None else DrawReason.LATE,
        priority=None,
        decider=decision.decider,
        co_signer=decision.co_signer,
        twice=one.twice,
        traceparent=one.traceparent,
    )
