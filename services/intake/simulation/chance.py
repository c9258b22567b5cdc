"""Chance that can be repeated: every choice follows from a key."""

import hashlib
import random
from base64 import b32encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from shared.security.pseudonyms import PseudonymKind

Choice = TypeVar("Choice")

_PSEUDONYM_BYTES = 16


class Chance:
    """Random choices of one case or one day, the same for the same key.

    Each case has its own key, so it lives the same life however many weeks are generated.
    """

    __slots__ = ("_random",)

    def __init__(self, *key: object) -> None:
        self._random = random.Random("/".join(map(str, key)))  # noqa: S311 - must be repeatable

    def happens(self, probability: float) -> bool:
        """Whether something with this probability happens."""
        return self._random.random() < probability

    def pick(self, weights: Mapping[Choice, float]) -> Choice:
        """Choose one key; its weight is relative to the others'."""
        return self._random.choices(tuple(weights), tuple(weights.values()))[0]

    def sample(self, weights: Mapping[Choice, float], count: int) -> tuple[Choice, ...]:
        """Choose up to `count` different keys."""
        chosen = {self.pick(weights): None for _ in range(count)}
        return tuple(chosen)

    def between(self, low: int, high: int) -> int:
        """Give a whole number, both bounds included."""
        return self._random.randint(low, high)

    def factor(self, low: float, high: float) -> float:
        """Give a number between two bounds."""
        return self._random.uniform(low, high)

    def within(self, longest: timedelta) -> timedelta:
        """Give a duration in whole seconds up to `longest`, short ones being likelier."""
        share = self._random.random() ** 2
        return timedelta(seconds=int(longest.total_seconds() * share))

    def moment(self, start: datetime, end: datetime) -> datetime:
        """Give a moment in whole seconds from `start` to before `end`."""
        return start + timedelta(seconds=int((end - start).total_seconds() * self._random.random()))

    def long_tailed(self, typical: float, longest: int) -> int:
        """Give a number with median `typical` and a long tail (log-normal) cut at `longest`."""
        return min(round(typical * self._random.lognormvariate(0, 0.8)), longest)

    def count(self, mean: float) -> int:
        """Give how many of many rare things happen (Poisson): gaps are summed up to the mean."""
        found, passed = 0, self._random.expovariate(1)
        while passed < mean:
            found += 1
            passed += self._random.expovariate(1)
        return found

    def event_id(self, at: datetime) -> str:
        """Make a UUIDv7 (RFC 9562 § 5.7) of the moment and chance."""
        milliseconds = int(at.timestamp() * 1000)
        version, variant = 0x7 << 76, 0x2 << 62
        tail = self._random.getrandbits(12) << 64 | self._random.getrandbits(62)
        return str(UUID(int=milliseconds << 80 | version | variant | tail))

    def pseudonym(self, kind: PseudonymKind) -> str:
        """Make a pseudonym nobody had before."""
        return _pseudonym(kind, self._random.randbytes(_PSEUDONYM_BYTES))


def lasting_pseudonym(kind: PseudonymKind, *key: object) -> str:
    """Make the pseudonym that always belongs to this key."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return _pseudonym(kind, digest[:_PSEUDONYM_BYTES])


def _pseudonym(kind: PseudonymKind, content: bytes) -> str:
    return f"{kind.value}-{b32encode(content).decode().rstrip('=').lower()}"
