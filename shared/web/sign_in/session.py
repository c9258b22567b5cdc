"""Who is signed in: what a browser holds, and what it stands for."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response

from shared.web.pages.words import Language

_ID_BYTES = 32
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Account(Protocol):
    """What sign-in has to know of somebody; the service that keeps accounts knows more."""

    @property
    def id(self) -> UUID:
        """Who it is."""

    @property
    def name(self) -> str:
        """What people call them."""

    @property
    def role(self) -> StrEnum:
        """What they may do."""

    @property
    def unit(self) -> str | None:
        """Where they work, if that matters."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of somebody, from sign-in to sign-out.

    Attributes:
        id_hash: SHA-256 of what the browser holds: who reads the database can't take it over.
        csrf: What forms of this session carry, so that nobody else's are taken for them.
        language: In which pages are shown.
    """

    id_hash: bytes
    csrf: str
    language: Language


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in."""

    session: Session
    account: Account


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without a request, and in all."""

    idle: timedelta
    longest: timedelta


def new_id() -> str:
    """Make what a browser holds."""
    return secrets.token_urlsafe(_ID_BYTES)


def hash_of(session_id: str) -> bytes:
    """Give what is stored of it."""
    return hashlib.sha256(session_id.encode()).digest()


def new_csrf() -> bytes:
    """Make what a session's forms carry."""
    return secrets.token_bytes(_ID_BYTES)


@dataclass(frozen=True, slots=True)
class Cookies:
    """Where a browser keeps things for us.

    Over https their names begin with `__Host-`: no other host and no plain connection can set
    them. On this machine alone there may be no https.
    """

    secure: bool

    @property
    def session(self) -> str:
        """The name of the session's."""
        return self.named("session")

    def named(self, name: str) -> str:
        """Give a cookie's whole name."""
        return f"__Host-{name}" if self.secure else f"gleichfall-{name}"

    def keep(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        """Let the browser hold something; no script can read it."""
        response.set_cookie(
            self.named(name),
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Let the browser forget it."""
        response.delete_cookie(
            self.named(name), path="/", secure=self.secure, httponly=True, samesite="lax"
        )


def is_private(origin: str) -> bool:
    """Whether nobody on the way can read: https, or this machine alone."""
    found = urlsplit(origin)
    return found.scheme == "https" or found.hostname in _LOOPBACK


def address_of(request: Request) -> str:
    """Give the network address that a request came from, as far as anybody told."""
    try:
        return str(ip_address(request.client.host if request.client else ""))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - an address to count by
