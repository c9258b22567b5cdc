"""What is promised before a period begins, so that nothing of it can be chosen afterwards."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

_DOMAIN = b"gleichfall-commitment-2"
_LENGTH_BYTES = 8

TO_SEED: Final = 1
TO_ALL: Final = 2
"""The forms of commitments: to the seed alone, and to all by which a period draws."""


@dataclass(frozen=True, slots=True)
class Promised:
    """All by which a period draws; `policy` and `catalogue` are the JSON that is kept with it."""

    seed: bytes
    policy: str
    catalogue: str
    first_day: date
    last_day: date

    @property
    def commitment(self) -> str:
        """SHA-256, hexadecimal, over a name of its own and every part, each behind its length.

        The length, 8 bytes with the greatest first, leaves no two ways to cut the same bytes. Of
        the documents their digests are taken, so that a page can show all that is needed to check.
        """
        documents = (bytes.fromhex(digest(one)) for one in (self.policy, self.catalogue))
        days = (one.isoformat().encode() for one in (self.first_day, self.last_day))
        parts = (_DOMAIN, self.seed, *documents, *days)
        return hashlib.sha256(b"".join(measured(parts))).hexdigest()


def digest(document: str) -> str:
    """Give SHA-256 of a document that is kept with a period, hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


def commitment_to_seed(seed: bytes) -> str:
    """Give the form of before: SHA-256 over the seed's 32 bytes, hexadecimal."""
    return hashlib.sha256(seed).hexdigest()


def measured(parts: Iterable[bytes]) -> Iterable[bytes]:
    """Put each part behind its length, so that no two lists of parts give the same bytes."""
    for part in parts:
        yield len(part).to_bytes(_LENGTH_BYTES, "big")
        yield part
