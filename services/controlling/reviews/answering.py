"""What a reviewer does with a review: declare, answer, sign, reopen."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.findings.raising import raise_for
from services.controlling.forms import store as catalogues
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.questions import form_for
from services.controlling.practice import time_limit
from services.controlling.practice.practice import Practice
from services.controlling.reviews import store
from services.controlling.reviews.announcing import completed, reopened
from services.controlling.reviews.errors import (
    AnswerStale,
    BothSigned,
    ReasonMissing,
    ReviewUnknown,
)
from services.controlling.reviews.life import OPEN, THIRD, Step, after
from services.controlling.reviews.store import Begun, NewAnswer, Rounds, SavedAnswer
from services.controlling.reviews.verdict import (
    VERDICTS,
    Answer,
    Answers,
    check_complete,
    differences,
    final,
)
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Connection

_LONGEST = 3600
"""Seconds between two answers that count as work; longer, somebody was away."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of a signature.

    Attributes:
        differs: The questions that a third person settles now.
    """

    differs: tuple[str, ...] = ()


async def begin(
    change: Change, who: Actor, review: UUID, practice: Practice, now: datetime
) -> None:
    """Take a task with the questions of today, which each of its reviews keeps.

    Raises:
        ReviewUnknown, ActUnfit: nothing has changed.
    """
    await catalogues.keep(change.connection, practice.criteria)
    for one in await store.about(change.connection, review, who.id):
        form = form_for(
            practice.criteria,
            practice.law.types,
            type_code=one.type_code,
            direction=one.direction,
            on=practice.law.calendar.day_of(one.decided_at),
        )
        begun = Begun(form.version, form.digest, len(form.questions) + len(VERDICTS))
        await take(change, who, one.id, begun, now)


async def take(change: Change, who: Actor, review: UUID, form: Begun, now: datetime) -> None:
    """Declare that there is no reason not to review: from now on the case can be read.

    Who has done so already keeps the form with which they began. Who settles answers only where
    two differ.

    Raises:
        ReviewUnknown, ActUnfit: nothing has changed.
    """
    held = (await _mine(change, who, review)).this
    state = after(held.state, Step.TAKE)
    if state is held.state:
        return
    if held.round == THIRD:
        differs = await to_settle(change.connection, held.decision_id)
        form = replace(form, questions=len(differs))
    await store.take(change.connection, review, state, form, now)
    change.note(Entry.by(who, Act.TAKEN, f"review:{review}", form=form.version))


async def save(
    change: Change, who: Actor, review: UUID, new: NewAnswer, now: datetime, *, seconds: int = 0
) -> SavedAnswer:
    """Keep an answer; the same one again, because its acknowledgement was lost, is kept once.

    Args:
        change: The transaction.
        who: Answers.
        review: Whose question it is.
        new: The answer, with the version that it was based on.
        now: What time it is.
        seconds: How long they were at it since the last time.

    Raises:
        AnswerStale: another answer was saved since that version; `store.saved_answers` has it.
        ReviewUnknown, ActUnfit: nothing has changed.
    """
    held = (await _mine(change, who, review)).this
    state = after(held.state, Step.ANSWER)
    saved = await store.save_answer(change.connection, review, new, now)
    if saved is None:
        return await _same(change, review, new)
    await store.go_on(change.connection, review, state, max(0, min(seconds, _LONGEST)))
    # What they answered is for reviewers; the log, which others read, says that they did.
    detail: dict[str, str | int | None] = {"question": new.question, "version": saved.version}
    change.note(Entry.by(who, Act.ANSWERED, f"review:{review}", **detail))
    return saved


async def sign(
    change: Change,
    who: Actor,
    review: UUID,
    *,
    questions: Collection[Criterion],
    now: datetime,
    calendar: Calendar,
) -> Signed:
    """Sign a review, all of whose questions are answered.

    Where two have signed and differ, a third person is to settle it; what a third has settled is
    closed. When the verdicts are final they are published, and what was found is raised.

    Args:
        change: The transaction.
        who: Signs.
        review: What.
        questions: What its form asks, whoever answers; the verdicts are always wanted. Who settles
            where two differ is asked that alone.
        now: What time it is.
        calendar: The authority's working days.

    Raises:
        AnswersMissing, ReviewUnknown, ActUnfit: nothing has changed.
    """
    rounds = await _mine(change, who, review)
    state = after(rounds.this.state, Step.SIGN)
    if state is rounds.this.state:
        return Signed()
    saved = await store.saved_answers(change.connection, review)
    wanted = [*(one.code for one in questions), *VERDICTS]
    if rounds.this.round == THIRD:
        wanted = list(await to_settle(change.connection, rounds.this.decision_id))
    check_complete(_counting(saved.values()), wanted)
    await store.sign(change.connection, review, now)
    act = Act.ADJUDICATED if rounds.this.round == THIRD else Act.SIGNED
    change.note(Entry.by(who, act, f"review:{review}"))
    return await _conclude(change, who, rounds, questions, now=now, calendar=calendar)


async def reopen(change: Change, who: Actor, review: UUID, reason: str, now: datetime) -> None:
    """Take a signature back, for a reason; the answers stay as they were until they are changed.

    Whoever was told of the verdicts is told that they aren't final any more. One of two may go back
    as long as the other hasn't signed: afterwards it would be no judgement of their own.

    Raises:
        BothSigned: two have reviewed it, and the other has signed, too.
        ReasonMissing, ReviewUnknown, ActUnfit: nothing has changed.
    """
    rounds = await _mine(change, who, review)
    after(rounds.this.state, Step.REOPEN)
    if not reason.strip():
        raise ReasonMissing
    others = [one for one in rounds.every if one.round not in (rounds.this.round, THIRD)]
    if rounds.this.round != THIRD and any(one.state not in OPEN for one in others):
        raise BothSigned
    if not any(one.state in OPEN for one in rounds.every):
        change.publish(reopened(rounds.this.decision_id, now))
    await store.reopen(change.connection, review, reason.strip())
    change.note(Entry.by(who, Act.REOPENED, f"review:{review}", reason=reason.strip()))


async def to_settle(
    connection: Connection, decision_id: str
) -> dict[str, tuple[Answer | None, Answer | None]]:
    """Give both answers to each question on which the signed reviews of a decision differ."""
    signed = await store.signed_answers(connection, decision_id)
    first, second = signed[1], signed[2]
    return {code: (first.get(code), second.get(code)) for code in differences(first, second)}


async def _mine(change: Change, who: Actor, review: UUID) -> Rounds:
    rounds = await store.hold(change.connection, review)
    if rounds.this.account != who.id:
        raise ReviewUnknown
    return rounds


async def _same(change: Change, review: UUID, new: NewAnswer) -> SavedAnswer:
    """Give the answer that was saved already, if it is the same."""
    last = (await store.saved_answers(change.connection, review)).get(new.question)
    if last is None:
        raise AnswerStale(new.question, 0)
    said = (last.version, last.grade, last.comment, dict(last.detail), last.origin)
    if said != (new.based_on + 1, new.grade, new.comment, dict(new.detail), new.origin):
        raise AnswerStale(new.question, last.version)
    return last


async def _conclude(
    change: Change,
    who: Actor,
    rounds: Rounds,
    questions: Collection[Criterion],
    *,
    now: datetime,
    calendar: Calendar,
) -> Signed:
    """Let follow from a signature what is to follow."""
    decision_id = rounds.this.decision_id
    others = [one for one in rounds.every if one.id != rounds.this.id and one.round != THIRD]
    if any(one.state in OPEN for one in others):
        return Signed()
    signed = await store.signed_answers(change.connection, decision_id)
    counts = final(signed[1], signed.get(2), signed.get(THIRD))
    if counts is not None:
        if rounds.this.round == THIRD:
            await store.close_rounds(change.connection, decision_id, now)
        change.publish(completed(decision_id, counts, now))
        await raise_for(change, who, decision_id, counts, questions, now=now, calendar=calendar)
        return Signed()
    due = calendar.add_working_days(calendar.day_of(now), time_limit.REVIEW)
    await store.open_third(change.connection, decision_id, due, now)
    return Signed(tuple(differences(signed[1], signed[2])))


def _counting(saved: Collection[SavedAnswer]) -> Answers:
    """Give what counts; what the events tell has its reason in the sentence that says so."""
    return {
        one.question: Answer(one.grade, one.comment or one.detail.get("sentence", ""))
        for one in saved
        if one.grade is not None and not one.by_another
    }
