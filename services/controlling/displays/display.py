"""A display on a wall: what opens its page, and which office it shows. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Display:
    """A display that may show its page; without an office it shows all of them."""

    id: str
    office: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A display that there is or was.

    Attributes:
        id: What operators call it; it opens nothing.
        place: Where it hangs, in words.
        office: Which one it shows; None for all.
        revoked_at: Since when its key opens nothing.
        last_used: When its page was last asked for.
        uses: How often it was.
    """

    id: str
    place: str
    office: str | None
    created_at: datetime
    revoked_at: datetime | None
    last_used: datetime | None
    uses: int
