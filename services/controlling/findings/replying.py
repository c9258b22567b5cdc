"""What is done with a finding: the unit replies, leadership says what holds."""

from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.findings import announcing, store
from services.controlling.findings.errors import (
    DayUnfit,
    Excluded,
    FindingChanged,
    FindingUnknown,
    ReasonsMissing,
    StepUnfit,
)
from services.controlling.findings.life import ENDINGS, REPLIES, Step, after, needs_reasons, on_day
from services.controlling.findings.store import Done, Held
from shared.organisation.calendar import Calendar

_ACTS = {Step.UPHOLD: Act.FINDING_CONFIRMED, Step.WITHDRAW: Act.FINDING_WITHDRAWN}


class Head(Actor, Protocol):
    """Somebody who answers for a unit."""

    @property
    def unit(self) -> str | None:
        """Which one."""


async def reply(
    change: Change,
    who: Head,
    number: int,
    done: Done,
    *,
    based_on: int,
    now: datetime,
    calendar: Calendar,
) -> None:
    """Say for a unit what it thinks of a finding; until it is final it may say something else.

    Args:
        change: The transaction.
        who: Heads the unit.
        number: Of the finding.
        done: What is said: one of `REPLIES`.
        based_on: The version that was read; the same reply sent twice is kept once.
        now: What time it is.
        calendar: Where days begin and end.

    Raises:
        FindingUnknown, FindingChanged, StepUnfit, ReasonsMissing, DayUnfit: nothing has changed.
    """
    held = await store.hold(change.connection, number)
    decided_on, today = calendar.day_of(held.decided_at), calendar.day_of(now)
    if held.unit != who.unit:
        raise FindingUnknown(number)
    if done.step not in REPLIES:
        raise StepUnfit(done.step, held.state)
    if done.step is not Step.PUT_RIGHT:
        done = replace(done, day=None)
    elif done.day is None or not decided_on <= done.day <= today:
        raise DayUnfit
    await _do(change, who, held, done, based_on=based_on, now=now, today=today)


async def settle(
    change: Change,
    who: Actor,
    number: int,
    done: Done,
    *,
    based_on: int,
    now: datetime,
    calendar: Calendar,
) -> None:
    """Say what holds in the end: the unit has replied, or let its term pass.

    Args:
        change: The transaction.
        who: Belongs to leadership, and has nothing to do with the decision.
        number: Of the finding.
        done: What is made of it: one of `ENDINGS`.
        based_on: The version that was read.
        now: What time it is.
        calendar: Where days begin and end.

    Raises:
        FindingUnknown, Excluded, FindingChanged, StepUnfit, ReasonsMissing: nothing has changed.
    """
    held = await store.hold(change.connection, number)
    if not await store.may_settle(change.connection, held.decision_id, who.id):
        raise Excluded(number)
    if done.step not in ENDINGS:
        raise StepUnfit(done.step, held.state)
    today = calendar.day_of(now)
    await _do(change, who, held, done, based_on=based_on, now=now, today=today)


async def _do(
    change: Change, who: Actor, held: Held, done: Done, *, based_on: int, now: datetime, today: date
) -> None:
    done = replace(done, text=done.text.strip())
    if held.version == based_on + 1 and (held.last, held.by) == (done, who.id):
        return  # its acknowledgement was lost
    if held.version != based_on:
        raise FindingChanged(held.number)
    before = on_day(held.state, held.due, today)
    state = after(before, done.step)
    if needs_reasons(before, done.step) and not done.text:
        raise ReasonsMissing
    await store.note_step(change.connection, held.number, state, done, who=who, now=now)
    change.publish(announcing.stepped(held.decision_id, held.number, done.step, now))
    act = _ACTS.get(done.step, Act.FINDING_ANSWERED)
    change.note(Entry.by(who, act, announcing.key(held.number), step=done.step.value))
