"""How a period's register is chained: the hash after each entry holds all entries before it.

Everything is hashed as the text that stands in a period's export, each text behind its length, so
that no two registers have the same bytes, and whoever has the file can follow the chain without
this program.
"""

import hashlib
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

HASH_BYTES = 32
_DOMAIN = "gleichfall-register-1"
_REMEMBERED = 65_536
_length = lru_cache(1_024)(struct.Struct(">Q").pack)


class Registered(NamedTuple):
    """An entry of the register, every part as text.

    Moments are in UTC, with the microseconds that the database keeps: never more or fewer digits.
    """

    decision: str
    type: str
    stratum: str
    decided: str
    registered: str
    ticket: str


def beginning(period: str) -> bytes:
    """Give the hash before the first entry of a period."""
    return hashlib.sha256(_measured((_DOMAIN, period))).digest()


def linked(before: bytes, entry: Iterable[str]) -> bytes:
    """Give the hash after an entry, from the one before it; its parts are those of `Registered`.

    Written out part by part, which takes three fifths of the time of a loop over the parts.
    """
    name, kind, stratum, decided, registered, ticket = entry
    one, then, now, lot = name.encode(), decided.encode(), registered.encode(), ticket.encode()
    parts = (
        before,
        _length(len(one)), one,
        _repeated(kind),
        _repeated(stratum),
        _length(len(then)), then,
        _length(len(now)), now,
        _length(len(lot)), lot,
    )  # fmt: skip
    return hashlib.sha256(b"".join(parts)).digest()


def hashes_after(before: bytes, entries: Iterable[Registered]) -> list[bytes]:
    """Give the hash after each of some entries."""
    found = []
    for entry in entries:
        before = linked(before, entry)
        found.append(before)
    return found


@lru_cache(_REMEMBERED)
def _repeated(text: str) -> bytes:
    """Put a text that many entries share behind its length, once."""
    return _measured((text,))


def _measured(texts: Iterable[str]) -> bytes:
    """Put each text behind its length: 8 bytes, the greatest first."""
    parts: list[bytes] = []
    for text in texts:
        part = text.encode()
        parts += (_length(len(part)), part)
    return b"".join(parts)
