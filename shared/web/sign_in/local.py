"""Passwords of our own, for a stack without an identity provider."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import PermanentError
from shared.postgres.pool import Connection
from shared.web.sign_in import store

WINDOW = timedelta(minutes=15)
PER_LOGIN = 10
"""From one address: nobody far away can lock somebody out."""
PER_ADDRESS = 50
FROM_ANYWHERE = 100
"""By one login."""
_PASSWORD_BYTES = 15
# Each takes 64 MiB: a crowd of them must not take the process's memory.
_AT_ONCE = asyncio.Semaphore(2)
_HASHER = PasswordHasher()


class TooManyAttempts(PermanentError):
    """Somebody guesses, or many do from one place.

    Attributes:
        is_first: Whether it was the first one too many: what follows tells nothing new.
    """

    def __init__(self, *, is_first: bool) -> None:
        super().__init__(f"too many attempts to sign in; wait {WINDOW} and try again")
        self.is_first = is_first


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account that signs in here, and what is stored of its password."""

    account: UUID
    password_hash: str


def new_password() -> str:
    """Make a password that nobody guesses."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def hash_password(password: str) -> str:
    """Give what is stored of a password; takes tens of milliseconds on purpose."""
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    """Give what a login that nobody has is compared with."""
    return hash_password(new_password())


async def fits(password: str, credentials: Credentials | None) -> bool:
    """Tell if a password is right; takes as long when there is no such account."""
    async with _AT_ONCE:
        nobodys = await asyncio.to_thread(_nobodys)  # whoever is asked about: all wait alike
        known = nobodys if credentials is None else credentials.password_hash
        right = await asyncio.to_thread(_verify, known, password)
    return right and credentials is not None


async def admit(connection: Connection, login: str, address: str, now: datetime) -> bytes:
    """Count an attempt, and let it be looked at unless there were too many.

    Returns:
        What its attempts are counted by.

    Raises:
        TooManyAttempts: by this login, from this address, or by this login from anywhere.
    """
    login_hash = hashlib.sha256(login.casefold().encode()).digest()
    lately = await store.note_attempt(connection, login_hash, address, now, WINDOW)
    beyond = (
        lately.of_login_there - PER_LOGIN,
        lately.of_address - PER_ADDRESS,
        lately.of_login - FROM_ANYWHERE,
    )
    if max(beyond) > 0:
        raise TooManyAttempts(is_first=max(beyond) == 1)
    return login_hash


def _verify(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
