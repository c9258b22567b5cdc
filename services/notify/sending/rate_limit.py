"""How fast a provider is fed. Pure.

A token bucket per provider and process. What counts is the parts of an SMS, because they are what a
gateway limits and charges.
"""

from dataclasses import dataclass

from shared.security.token_bucket import TokenBucket

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

    def bucket(self, now: float) -> TokenBucket:
        """Give a bucket that nothing was taken from; `now` as of `time.monotonic`."""
        return TokenBucket.full(self.per_second, self.capacity, now)
