"""What follows from findings: a measure is agreed, carried out, dropped, and its effect checked."""

from collections import Counter
from datetime import datetime, time, timedelta

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.forms.law import Law
from services.controlling.measures import announcing, store
from services.controlling.measures.effect import SPAN, Effect, Outcome, effect
from services.controlling.measures.errors import ReasonMissing
from services.controlling.measures.measure import Measure, Plan, Step, after
from services.controlling.measures.store import Days, Place
from services.controlling.periods.deadlines import Promise
from shared.postgres.pool import Connection


async def agree(change: Change, who: Actor, plan: Plan, now: datetime) -> int:
    """Agree a measure on findings; gives its number. The same one sent twice is one.

    Raises:
        FindingsUnfit: nothing has changed.
    """
    number, is_new = await store.agree(change.connection, plan, now)
    if is_new:
        change.publish(announcing.agreed(number, plan.kind, plan.due, now))
        findings = ", ".join(map(str, sorted(plan.findings)))
        change.note(
            _entry(who, Act.MEASURE_AGREED, number, kind=plan.kind.value, findings=findings)
        )
    return number


async def carry_out(
    change: Change, who: Actor, number: int, now: datetime, *, within: str | None = None
) -> None:
    """Say that a measure is done.

    Args:
        change: The transaction.
        who: Says so.
        number: Of the measure.
        now: What time it is.
        within: The unit of somebody who may say so of its measures only.

    Raises:
        MeasureUnknown, ActUnfit: nothing has changed.
    """
    held = await store.hold(change.connection, number, within)
    state = after(held.state, Step.CARRY_OUT)
    if state is held.state:
        return
    await store.carry_out(change.connection, number, state, now)
    change.publish(announcing.done(number, now))
    change.note(_entry(who, Act.MEASURE_DONE, number))


async def drop(change: Change, who: Actor, number: int, reason: str, now: datetime) -> None:
    """Give a measure up, for a reason.

    Raises:
        MeasureUnknown, ActUnfit, ReasonMissing: nothing has changed.
    """
    held = await store.hold(change.connection, number, None)
    state = after(held.state, Step.DROP)
    if not reason.strip():
        raise ReasonMissing
    if state is held.state:
        return
    await store.drop(change.connection, number, state, reason.strip())
    change.publish(announcing.dropped(number, now))
    change.note(_entry(who, Act.MEASURE_DROPPED, number))


async def check(change: Change, who: Actor, number: int, now: datetime, law: Law) -> Outcome:
    """Look whether a measure has helped; what is found stays, unless too few were reviewed.

    Args:
        change: The transaction.
        who: Looks.
        number: Of the measure.
        now: What time it is.
        law: Where days begin and end, and what became of former units.

    Raises:
        MeasureUnknown, ActUnfit: nothing has changed.
    """
    held = await store.hold(change.connection, number, None)
    state = after(held.state, Step.CHECK)
    if state is held.state:
        assert held.effect is not None
        return held.effect.outcome
    found = await _effect(change.connection, held, now, law)
    if found.outcome is Outcome.TOO_FEW:
        state = held.state
    else:
        change.publish(announcing.checked(number, found.outcome, now))
    await store.keep_effect(change.connection, number, state, found, now)
    change.note(_entry(who, Act.MEASURE_CHECKED, number, outcome=found.outcome.value))
    return found.outcome


async def _effect(connection: Connection, held: Measure, now: datetime, law: Law) -> Effect:
    place, sides = Place(held.unit, law.organisation), _sides(held, now, law)
    sizes = Counter[str]()
    for days in sides:
        sizes += await store.sizes(connection, days, place)
    before, behind = [await store.drawn(connection, held.question, days, place) for days in sides]
    return effect(before, behind, sizes)


async def fault_of(connection: Connection, held: Measure, law: Law) -> Promise | None:
    """Give what was done wrong with a draw that the effect of a measure rests on; None: nothing."""
    if held.done_at is None or held.checked_at is None:
        return None
    found = set[Promise]()
    for days in _sides(held, held.checked_at, law):
        first, last = (law.calendar.day_of(at) for at in days)
        found |= await store.promises(connection, first, last)
    return next((one for one in (Promise.SIMULATED, Promise.LATE) if one in found), None)


def _sides(held: Measure, now: datetime, law: Law) -> tuple[Days, Days]:
    """Give the days before a measure was agreed, and those since it was done."""
    assert held.done_at is not None
    calendar = law.calendar
    agreed, done = (calendar.day_of(at) for at in (held.agreed_at, held.done_at))
    next_day = done + timedelta(days=1)
    begin, end, anew = (calendar.moment(day, time()) for day in (agreed - SPAN, agreed, next_day))
    return Days(begin, end), Days(anew, min(now, anew + SPAN))


def _entry(who: Actor, act: Act, number: int, **detail: str) -> Entry:
    return Entry.by(who, act, announcing.key(number), **detail)
