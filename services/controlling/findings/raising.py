"""Raises findings where the answers to a decision become final."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.findings import announcing, store
from services.controlling.findings.found import Answer, changes, found_in
from services.controlling.findings.life import Step, after
from services.controlling.findings.store import Done
from services.controlling.forms.criterion import Criterion
from services.controlling.practice.time_limit import REPLY
from shared.organisation.calendar import Calendar


async def raise_for(
    change: Change,
    who: Actor,
    decision_id: str,
    answers: Mapping[str, Answer],
    questions: Collection[Criterion],
    *,
    now: datetime,
    calendar: Calendar,
) -> None:
    """Make the findings of a decision those of the answers that count now.

    Whatever is found again stands as it is, with its reply and its history; what isn't is
    withdrawn, and what is new is raised. So signing again, or twice, changes nothing.

    Args:
        change: The transaction in which the answers become final.
        who: Whose signature makes them so.
        decision_id: What was reviewed.
        answers: The answers that count, by question.
        questions: What the form asks, whoever answered.
        now: What time it is.
        calendar: The authority's working days, in which the unit's term runs.
    """
    standing = await store.standing(change.connection, decision_id)
    new = changes(standing, list(found_in(answers, questions)))
    states = {one.number: one.state for one in standing}
    for number in new.retracted:
        state = after(states[number], Step.RETRACT)
        done = Done(Step.RETRACT)
        await store.note_step(change.connection, number, state, done, who=who, now=now)
        change.publish(announcing.stepped(decision_id, number, Step.RETRACT, now))
        change.note(Entry.by(who, Act.FINDING_WITHDRAWN, announcing.key(number), why="review"))
    for number, text in new.reworded.items():
        state = after(states[number], Step.REWORD)
        done = Done(Step.REWORD, text)
        await store.note_step(change.connection, number, state, done, who=who, now=now)
        change.note(Entry.by(who, Act.FINDING_RAISED, announcing.key(number), why="reworded"))
    due = calendar.add_working_days(calendar.day_of(now), REPLY)
    numbers = await store.raise_findings(
        change.connection, decision_id, new.raised, due=due, now=now
    )
    for found in new.raised:
        number = numbers[found.question]
        change.publish(announcing.raised(decision_id, number, found.question, found.severity, now))
        change.note(
            Entry.by(who, Act.FINDING_RAISED, announcing.key(number), question=found.question)
        )
