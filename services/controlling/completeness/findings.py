"""What is wrong in the frame until somebody settles it by name: two stories of one thing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Settlement:
    """Who said what became of a finding."""

    by: str
    because: str
    at: datetime


class Second(NamedTuple):
    """A decision that came under the id of another one, and is kept under one of its own."""

    decision_id: str
    claimed_id: str
    found_on: date

    @property
    def said(self) -> str:
        """What was found."""
        return f"came under the id of {self.claimed_id} on {self.found_on}; both are kept"


Settlements = Mapping[tuple[str, str], Settlement]
"""By what a finding is called and what it said when it was settled: what changes is found anew."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them.

    Attributes:
        name: What it is settled by.
        said: What was found.
        settlement: None while it stands.
    """

    name: str
    said: str
    settlement: Settlement | None

    @classmethod
    def of(cls, name: str, said: str, settlements: Settlements) -> "Finding":
        """Make one, with what was said about it."""
        return cls(name, said, settlements.get((name, said)))

    @property
    def footnote(self) -> str:
        """What stands beneath every figure that it concerns; who settled it doesn't."""
        return f"{self.name}: {self.said}{'; settled' if self.settlement else ''}"


def second_decisions(seconds: Iterable[Second], settlements: Settlements) -> list[Finding]:
    """Give a finding for each second decision."""
    return [Finding.of(one.decision_id, one.said, settlements) for one in seconds]
