"""What opens something for whoever holds it: shown once, and kept as a digest only. Pure."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from shared.security.secrets import KEY_BYTES

_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class NewBearer:
    """A token or key that was just made.

    Attributes:
        id: What operators call it; it opens nothing.
        text: What opens; shown once and kept nowhere.
    """

    id: str
    text: str

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return hash_of(self.text)


def new_bearer() -> NewBearer:
    """Make one that nobody guesses."""
    return NewBearer(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(KEY_BYTES))


def hash_of(text: str) -> bytes:
    """Give what is kept of one: it is random, so a plain digest gives nothing away."""
    return sha256(text.encode()).digest()
