"""A display on a wall: what opens its page, and which office it shows. Pure."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from shared.security.secrets import KEY_BYTES

_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Display:
    """A display that may show its page; without an office it shows all of them."""

    id: str
    office: str | None


@dataclass(frozen=True, slots=True)
class NewDisplay:
    """One that was just made; `key` is shown once and kept nowhere."""

    id: str
    key: str

    @property
    def hash(self) -> bytes:
        """What is kept of the key."""
        return hash_of(self.key)


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


def new_display() -> NewDisplay:
    """Make a key that nobody guesses."""
    return NewDisplay(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(KEY_BYTES))


def hash_of(key: str) -> bytes:
    """Give what is kept of a key: it is random, so a plain digest gives nothing away."""
    return sha256(key.encode()).digest()
