"""How far a review is."""

from dataclasses import dataclass
from datetime import datetime

from services.controlling.reviews.asked import Sheet


@dataclass(frozen=True, slots=True)
class Progress:
    """What stands at the foot of the page.

    Attributes:
        answered: Questions that need nothing more.
        total: All questions, both verdicts among them.
        saved_at: When something was saved last; None when nothing was.
    """

    answered: int
    total: int
    saved_at: datetime | None

    @property
    def left(self) -> int:
        """How many questions need something."""
        return self.total - self.answered


def progress(sheet: Sheet) -> Progress:
    """Look at a whole review."""
    moments = [one.saved.saved_at for one in sheet.questions if one.saved is not None]
    return Progress(sheet.answered, len(sheet.questions), max(moments, default=None))
