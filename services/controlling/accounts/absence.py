"""Days on which somebody isn't there and is given no reviews."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from services.controlling.accounts.errors import AbsenceUnfit

LONGEST = timedelta(days=366)
"""How long an absence may be at once: who stays away longer has no account."""


@dataclass(frozen=True, slots=True)
class Absence:
    """The first and the last day of it."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> Self:
        """Check what was asked for.

        Raises:
            AbsenceUnfit: a day is missing, they are the wrong way round, it is over already, or
                it is far too long.
        """
        if first is None or last is None or not max(first, today) <= last <= first + LONGEST:
            raise AbsenceUnfit
        return cls(first, last)
