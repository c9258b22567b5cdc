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
_length = struct.Struct(">Q").pack
_SHORT = tuple(_length(size).decode() for size in range(128))
"""By length, the 8 bytes before a text of ASCII characters, as text."""


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
    """Give the hash after an entry, from the one before it; its parts are those of `Registered`."""
    name, kind, stratum, decided, registered, ticket = entry
    try:  # one text, which is made and turned into bytes in two thirds of the time of its parts
        text = (
            f"{_SHORT[len(name)]}{name}{_repeated(kind, stratum)}"
            f"{_SHORT[len(decided)]}{decided}{_SHORT[len(registered)]}{registered}"
            f"{_SHORT[len(ticket)]}{ticket}"
        )
        return hashlib.sha256(before + text.encode("ascii")).digest()
    except (IndexError, UnicodeEncodeError):
        parts = (name, kind, stratum, decided, registered, ticket)
        return hashlib.sha256(before + _measured(parts)).digest()


def hashes_after(before: bytes, entries: Iterable[Registered]) -> list[bytes]:
    """Give the hash after each of some entries."""
    found = []
    for entry in entries:
        before = linked(before, entry)
        found.append(before)
    return found


@lru_cache(_REMEMBERED)
def _repeated(kind: str, stratum: str) -> str:
    """Put texts that many entries share behind their lengths, once."""
    return f"{_SHORT[len(kind)]}{kind}{_SHORT[len(stratum)]}{stratum}"


def _measured(texts: Iterable[str]) -> bytes:
    """Put each text behind its length: 8 bytes, the greatest first."""
    parts: list[bytes] = []
    for text in texts:
        part = text.encode()
        parts += (_length(len(part)), part)
    return b"".join(parts)
