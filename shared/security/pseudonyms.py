"""Keyed pseudonyms: the only names that people and cases have on topics, in logs and in pages."""

import hmac
from base64 import b32encode
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import lru_cache

_MINIMUM_KEY = 32
_BYTES = 16
_CHARACTERS = 26


class PseudonymKind(StrEnum):
    """What a pseudonym stands for; the kind is its prefix."""

    CASE = "case"
    CONTACT = "contact"
    DECIDER = "decider"
    DECISION = "decision"
    APPOINTMENT = "appointment"
    SUBMISSION = "submission"


class Pseudonymiser:
    """Turns identifiers of source systems into pseudonyms.

    A pseudonym is `<kind>-` and 26 characters of lower-case base32: HMAC-SHA-256 over kind and
    value, truncated to 128 bits. The same key, kind and value always give the same pseudonym;
    nobody without the key can compute one or link two kinds.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) < _MINIMUM_KEY:
            raise ValueError(f"a pseudonym key has at least {_MINIMUM_KEY} bytes, not {len(key)}")
        self._key = key

    def of(self, kind: PseudonymKind, value: str) -> str:
        """Give the lasting pseudonym of `value`.

        Raises:
            ValueError: for a decider, who has none that lasts; see `decider`.
        """
        if kind is PseudonymKind.DECIDER:
            raise ValueError("a decider has no lasting pseudonym; use Pseudonymiser.decider")
        return _pseudonym(self._key, kind, value)

    def decider(self, value: str, at: datetime, zone: tzinfo) -> str:
        """Give the pseudonym that the decider `value` has in the quarter of `at`.

        It changes every quarter, so that nobody can follow one officer over time (staff
        protection, § 75(4) Nr. 11 LPVG BW).

        Args:
            value: The officer's identifier in the source system.
            at: The moment of the decision, with its time zone.
            zone: The authority's time zone, in which its quarters begin.

        Raises:
            ValueError: `at` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError(f"the moment of a decision needs a time zone: {at.isoformat()}")
        local = at.astimezone(zone)
        quarter = (local.month - 1) // 3 + 1
        key = _quarter_key(self._key, local.year, quarter)
        return _pseudonym(key, PseudonymKind.DECIDER, value)


def _pseudonym(key: bytes, kind: PseudonymKind, value: str) -> str:
    digest = hmac.digest(key, f"{kind.value}\0{value}".encode(), "sha256")
    text = b32encode(digest[:_BYTES]).decode("ascii")
    return f"{kind.value}-{text[:_CHARACTERS].lower()}"


@lru_cache(maxsize=64)
def _quarter_key(key: bytes, year: int, quarter: int) -> bytes:
    return hmac.digest(key, f"quarter\0{year:04}-{quarter}".encode(), "sha256")
