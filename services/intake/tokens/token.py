"""A token of a source system: what is shown of it, and when it can be used. Pure."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A token that there is or was.

    Attributes:
        id: What operators call it; it opens nothing.
        system: Whose.
        begins_at: From when on it can be used.
        ends_at: Until when; None for one without end.
        revoked_at: When it was ended before its end.
        last_used: The last day on which it was used.
    """

    id: str
    system: str
    begins_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    last_used: date | None

    def state(self, now: datetime) -> str:
        """Say in a word whether it can be used."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ends_at is not None and self.ends_at <= now:
            return "ended"
        return "usable" if self.begins_at <= now else "not yet"


@dataclass(frozen=True, slots=True)
class Usable:
    """A token that can be used between two moments."""

    id: str
    system: str
    hash: bytes
    begins_at: datetime
    ends_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it can be used now."""
        return self.begins_at <= now and (self.ends_at is None or now < self.ends_at)
