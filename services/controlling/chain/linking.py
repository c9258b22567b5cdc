"""How a period's register is chained: the hash after each entry holds all entries before it.

Everything is hashed as the text that stands in a period's export, each text behind its length, so
that no two registers have the same bytes, and whoever has the file can follow the chain without
this program.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

HASH_BYTES = 32
_DOMAIN = "gleichfall-register-1"
_LENGTH_BYTES = 8


class Registered(NamedTuple):
    """An entry of the register, every part as text; moments as `written` writes them."""

    decision: str
    type: str
    stratum: str
    decided: str
    registered: str
    ticket: str


def written(moment: datetime) -> str:
    """Write a moment with microseconds, which is what the database keeps: never more or fewer."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def beginning(period: str) -> bytes:
    """Give the hash before the first entry of a period."""
    return hashlib.sha256(_measured((_DOMAIN, period))).digest()


def linked(before: bytes, entry: Registered) -> bytes:
    """Give the hash after an entry, from the one before it."""
    return hashlib.sha256(before + _measured(entry)).digest()


def hashes_after(before: bytes, entries: Iterable[Registered]) -> list[bytes]:
    """Give the hash after each of some entries."""
    found = []
    for entry in entries:
        before = linked(before, entry)
        found.append(before)
    return found


def _measured(texts: Iterable[str]) -> bytes:
    """Put each text behind its length: 8 bytes, the greatest first."""
    parts = []
    for text in texts:
        part = text.encode()
        parts += (len(part).to_bytes(_LENGTH_BYTES, "big"), part)
    return b"".join(parts)
