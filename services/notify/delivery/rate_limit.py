"""How fast a provider is fed. Pure: each step gives a new bucket.

A token bucket per provider, refilled steadily. What counts is the parts of an SMS, because they
are what a gateway limits and charges.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

_SECONDS = 60
_LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What a provider takes: parts a minute, at least 1."""

    per_minute: int

    @property
    def per_second(self) -> float:
        """By how many parts a bucket is refilled in a second."""
        return self.per_minute / _SECONDS

    @property
    def capacity(self) -> int:
        """The most that may leave at once: what is taken in twenty seconds, up to 1,000."""
        return min(self.per_minute // 3 + 1, _LARGEST)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may leave now.

    Attributes:
        rate: The provider's.
        level: Parts; below zero after a message that was larger than the bucket.
        filled_at: When the level was right.
    """

    rate: Rate
    level: float
    filled_at: datetime

    @classmethod
    def full(cls, rate: Rate, now: datetime) -> "Bucket":
        """Give a bucket that nothing was taken from."""
        return cls(rate, rate.capacity, now)

    def take(self, parts: int, now: datetime) -> tuple["Bucket", timedelta]:
        """Take the parts of one message.

        A message with more parts than the bucket holds leaves when it is full, and those after it
        wait for its share: otherwise it would wait for ever.

        Returns:
            The bucket from now on, and zero; or how long to wait before asking again, with
            nothing taken.
        """
        filled = self._refilled(now)
        missing = min(parts, self.rate.capacity) - filled.level
        if missing > 0:
            # Rounded up: nobody who waits as long as told is sent away once more.
            return filled, timedelta(microseconds=ceil(missing / self.rate.per_second * 1_000_000))
        return replace(filled, level=filled.level - parts), timedelta()

    def _refilled(self, now: datetime) -> "Bucket":
        passed = max(timedelta(), now - self.filled_at).total_seconds()
        level = min(self.rate.capacity, self.level + passed * self.rate.per_second)
        return replace(self, level=level, filled_at=max(now, self.filled_at))
