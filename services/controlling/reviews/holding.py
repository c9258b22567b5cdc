"""Reviews that rest until a day, because something is missing that their reviewer needs.

On that day's end a review goes on by itself. Its last day stays as it is. Whoever gets it next
begins without the hold.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.reviews import store
from services.controlling.reviews.errors import HoldUnfit, ReasonMissing, ReviewUnknown
from services.controlling.reviews.life import Step, after
from shared.postgres.pool import Connection

LONGEST = timedelta(days=90)
"""For how long a review may rest at once."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a review rests, and until the end of which day."""

    until: date
    reason: str

    @classmethod
    def of(cls, until: date | None, reason: str, today: date) -> "Hold":
        """Check what was asked for.

        Raises:
            HoldUnfit: the day isn't one of the next ones.
            ReasonMissing: nobody could tell why.
        """
        if until is None or not today <= until <= today + LONGEST:
            raise HoldUnfit(today + LONGEST)
        if not reason.strip():
            raise ReasonMissing
        return cls(until, reason.strip())


async def set_hold(
    change: Change, who: Actor, seen: Mapping[UUID, UUID], hold: Hold | None
) -> Collection[UUID]:
    """Let tasks rest, or go on where `hold` is None; tells which reviews changed.

    Args:
        change: The transaction.
        who: Asks for it.
        seen: The reviews, each with the holder that was seen; with another one it stays as it is.
        hold: Why and until when.
    """
    until, reason = (None, None) if hold is None else (hold.until, hold.reason)
    asked = await store.together(change.connection, seen)
    held = {one: holder for one, holder in asked.items() if holder is not None}
    changed = await store.set_hold(change.connection, held, until, reason)
    for review in changed:
        if hold is None:
            change.note(Entry.by(who, Act.RESUMED, f"review:{review}"))
        else:
            detail = {"until": hold.until.isoformat(), "reason": hold.reason}
            change.note(Entry.by(who, Act.PUT_ON_HOLD, f"review:{review}", **detail))
    return changed


async def runs_out(
    connection: Connection, seen: Mapping[UUID, UUID], hold: Hold | None
) -> date | None:
    """Give the first last day of tasks that passes while they rest; None: none does."""
    if hold is None:
        return None
    return await store.due_before(connection, await store.together(connection, seen), hold.until)


async def set_hold_of_mine(change: Change, who: Actor, review: UUID, hold: Hold | None) -> None:
    """Let a review rest that one has, or go on with it.

    Raises:
        ReviewUnknown, ActUnfit: nothing has changed.
    """
    held = (await store.hold(change.connection, review)).this
    if held.account != who.id:
        raise ReviewUnknown
    after(held.state, Step.RESUME if hold is None else Step.PUT_ON_HOLD)
    await set_hold(change, who, {review: who.id}, hold)
