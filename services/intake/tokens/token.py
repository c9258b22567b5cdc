"""A token of a source system: what is shown of it, and when it can be used. Pure."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from shared.security.secrets import KEY_BYTES

_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; `text` is shown once and kept nowhere."""

    id: str
    text: str

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return hash_of(self.text)


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


def new_token() -> NewToken:
    """Make a token that nobody guesses."""
    return NewToken(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(KEY_BYTES))


def hash_of(text: str) -> bytes:
    """Give what is kept of a token: it is random, so a plain digest gives nothing away."""
    return sha256(text.encode()).digest()
