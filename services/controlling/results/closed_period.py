"""A period that figures can be made of."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period whose decisions are all known.

    Attributes:
        decisions: How many those are; a month may have none.
    """

    key: str
    first_day: date
    last_day: date
    decisions: int
