"""A period that figures can be made of."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period whose decisions are all known."""

    key: str
    first_day: date
    last_day: date
