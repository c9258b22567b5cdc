"""How far a review is, and about how long the rest takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.controlling.reviews.form.asked import Asked, Sheet

_OPEN = timedelta(seconds=40)
"""To read a question with its help, look into the file and choose."""
_CONFIRM = timedelta(seconds=15)
"""To look at what the events say and agree."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What stands at the foot of the page.

    Attributes:
        answered: Questions that need nothing more.
        total: All questions, both verdicts among them.
        saved_at: When something was saved last; None when nothing was.
        minutes: About how long the rest takes; 0 when nothing is missing.
    """

    answered: int
    total: int
    saved_at: datetime | None
    minutes: int


def progress(sheet: Sheet) -> Progress:
    """Look at a whole review."""
    left = sum((_takes(one) for one in sheet.questions if not one.answered), timedelta())
    moments = [one.saved.saved_at for one in sheet.questions if one.saved is not None]
    return Progress(
        answered=sheet.answered,
        total=len(sheet.questions),
        saved_at=max(moments, default=None),
        minutes=-(-left // timedelta(minutes=1)),
    )


def _takes(one: Asked) -> timedelta:
    return _OPEN if one.told is None or one.told.grade is None else _CONFIRM
