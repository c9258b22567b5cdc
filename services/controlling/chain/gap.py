"""What a chain holds of a decision that was registered and is gone before it came into it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from services.controlling.chain.linking import Registered

_UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Who notes that decisions are gone, and why; `at` is now."""

    by: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry of a chain with nothing but an id.

    Attributes:
        entry: Which, from 1.
        decision: What was registered.
        noted: When that was noted, as text: a moment in UTC with microseconds.
    """

    entry: int
    decision: str
    noted: str

    @classmethod
    def at(cls, entry: int, decision: str, moment: datetime) -> Self:
        """Make one of what is noted at a moment."""
        return cls(entry, decision, f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z")

    @property
    def registered(self) -> Registered:
        """What is hashed; no decision of the register has parts that are empty."""
        return Registered(self.decision, _UNKNOWN, _UNKNOWN, _UNKNOWN, self.noted, _UNKNOWN)

    def __str__(self) -> str:
        moment = f"{self.noted[:10]} {self.noted[11:19]} UTC"
        return f"entry {self.entry}: {self.decision} was registered and is gone; noted {moment}"
