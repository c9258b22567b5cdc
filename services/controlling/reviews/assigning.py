"""Who gets which review: the next one, many at once, from one to another, and back.

What is given, moved or handed back is a task: with a review goes what of its task the same person
has, or waits as it does. Who may not do all of it gets what they may.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.reviews import store
from services.controlling.reviews.announcing import assigned
from services.controlling.reviews.assignment import Obstacle, Reviewer, spread
from services.controlling.reviews.errors import (
    NothingWaits,
    ReasonMissing,
    ReviewerUnfit,
    ReviewUnknown,
)
from services.controlling.reviews.life import Step, after
from services.controlling.reviews.store import Given

AT_ONCE = 200
"""Reviews that are spread or assigned at once at most."""


async def take_next(change: Change, who: Actor, now: datetime, today: date) -> Given:
    """Give somebody the next task; however often they ask, one that they haven't begun.

    Raises:
        ReviewerUnfit: they can't be given reviews now.
        NothingWaits: nothing waits that they may do.
    """
    reviewer = await _able(change, who.id, today)
    given = await store.take_next(change.connection, reviewer, now, today)
    if given is None:
        raise NothingWaits
    beside = await store.together(change.connection, {given.id: None})
    others = await store.assign(change.connection, reviewer, beside, now)
    _tell(change, who, [given, *others], now)
    return given


async def assign(
    change: Change,
    who: Actor,
    account: UUID,
    seen: Mapping[UUID, UUID | None],
    *,
    now: datetime,
    today: date,
) -> list[Given]:
    """Give somebody reviews that wait, or that another one has.

    Args:
        change: The transaction.
        who: Assigns.
        account: Gets them.
        seen: The reviews, each with the holder that was seen; None for one that waits. One that
            has another holder by now stays with them.
        now: What time it is.
        today: What day that is where the authority is.

    Returns:
        Who has each of them now and what goes with them, whether that is new or not.

    Raises:
        ReviewerUnfit: the account can't be given reviews now.
    """
    reviewer = await _able(change, account, today)
    asked = await store.together(change.connection, seen)
    given = await store.assign(change.connection, reviewer, asked, now)
    _tell(change, who, given, now)
    return given


async def spread_waiting(change: Change, who: Actor, now: datetime, today: date) -> int:
    """Spread what waits over everybody by what they have to do; tells how much was assigned."""
    waiting = await store.waiting(change.connection, AT_ONCE)
    people = [one.reviewer for one in await store.loads(change.connection, today)]
    done = 0
    for account, reviews in sorted(spread(waiting, people, today).items()):
        given = await assign(change, who, account, dict.fromkeys(reviews), now=now, today=today)
        done += sum(one.changed for one in given)
    return done


async def hand_back(change: Change, who: Actor, review: UUID, reason: str) -> None:
    """Let a task wait for others; its holder may get it again.

    Raises:
        ReviewUnknown, ActUnfit, ReasonMissing: nothing has changed.
    """
    for one in await store.together(change.connection, {review: who.id}) or [review]:
        await _let_go(change, who, one, Step.HAND_BACK, reason)


async def decline(change: Change, who: Actor, review: UUID, reason: str) -> None:
    """Declare a conflict (§§ 20, 21 VwVfG): the review waits for others, and never for its holder.

    What else is of the same task stays: a conflict is about one case.

    Raises:
        ReviewUnknown, ActUnfit, ReasonMissing: nothing has changed.
    """
    decision_id = await _let_go(change, who, review, Step.DECLINE, reason)
    await store.declare_conflict(change.connection, decision_id, who.id)


async def _let_go(change: Change, who: Actor, review: UUID, step: Step, reason: str) -> str:
    held = (await store.hold(change.connection, review)).this
    if held.account != who.id:
        raise ReviewUnknown
    after(held.state, step)
    if not reason.strip():
        raise ReasonMissing
    await store.let_go(change.connection, review, reason.strip())
    act = Act.CONFLICT_DECLARED if step is Step.DECLINE else Act.HANDED_BACK
    change.note(Entry.by(who, act, f"review:{review}", reason=reason.strip()))
    return held.decision_id


async def _able(change: Change, account: UUID, today: date) -> Reviewer:
    reviewer = await store.hold_reviewer(change.connection, account)
    obstacle = Obstacle.OTHER_ROLE if reviewer is None else reviewer.obstacle(today)
    if reviewer is None or obstacle is not None:
        raise ReviewerUnfit(str(obstacle))
    return reviewer


def _tell(change: Change, who: Actor, given: list[Given], now: datetime) -> None:
    for one in given:
        if one.changed:
            change.publish(assigned(one.decision_id, one.due, now))
            to = str(one.account)
            change.note(Entry.by(who, Act.ASSIGNED, f"review:{one.id}", to=to))
