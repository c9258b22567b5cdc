"""Enters when somebody isn't there."""

from uuid import UUID

from services.controlling.accounts import store
from services.controlling.accounts.absence import Absence
from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change


async def enter_absence(
    change: Change, who: Actor | None, account: UUID, absence: Absence | None
) -> None:
    """Note when somebody isn't there, or that they are; the same again changes nothing.

    Args:
        change: The transaction.
        who: Says so; None: an operator, who has no account.
        account: Of whom.
        absence: When; None: not at all.
    """
    first, last = (None, None) if absence is None else (absence.first, absence.last)
    if not await store.set_absence(change.connection, account, first, last):
        return
    days = {} if absence is None else {"from": str(absence.first), "until": str(absence.last)}
    act, object_ = Act.ABSENCE_ENTERED, f"account:{account}"
    if who is None:
        change.note(Entry(None, None, act, object_, {"by": "command", **days}))
    else:
        change.note(Entry.by(who, act, object_, **days))
