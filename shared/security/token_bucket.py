"""How fast something may go: a bucket of tokens that is refilled steadily. Pure.

Time is seconds of a clock that counts from any moment, e.g. `time.monotonic`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """What may go now.

    Attributes:
        rate: Tokens by which it is refilled in a second.
        capacity: The most that it holds.
        level: Tokens; below zero after more was taken than it holds.
        filled_at: When the level was right.
    """

    rate: float
    capacity: float
    level: float
    filled_at: float

    @classmethod
    def full(cls, rate: float, capacity: float, now: float) -> "TokenBucket":
        """Give a bucket that nothing was taken from."""
        return cls(rate, capacity, capacity, now)

    def take(self, amount: int, now: float) -> tuple["TokenBucket", timedelta]:
        """Take tokens.

        Who wants more than the bucket holds gets them when it is full, and those who come after
        wait for its share: otherwise it would wait for ever.

        Returns:
            The bucket from now on, and zero; or how long to wait before asking again, with
            nothing taken.
        """
        filled = self._refilled(now)
        missing = min(amount, self.capacity) - filled.level
        if missing > self.rate / _MICRO:  # less is what rounding leaves
            # Rounded up: nobody who waits as long as told is sent away once more.
            return filled, timedelta(microseconds=ceil(missing / self.rate * _MICRO))
        return replace(filled, level=filled.level - amount), timedelta()

    def _refilled(self, now: float) -> "TokenBucket":
        passed = max(0.0, now - self.filled_at)
        level = min(self.capacity, self.level + passed * self.rate)
        return replace(self, level=level, filled_at=max(now, self.filled_at))
