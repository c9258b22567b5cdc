"""How fast each source system may send.

A token bucket per system, in the memory of this process: with several processes a system gets the
rate once from each. It protects the others from one system's flood, it doesn't bill anybody.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class TokenBucket:
    """Refills steadily up to one second's worth, or `least`, whichever is more."""

    rate: float
    least: float
    level: float
    filled_at: float

    @property
    def capacity(self) -> float:
        """The most that can be taken at once."""
        return max(self.rate, self.least)

    def take(self, amount: int, now: float) -> timedelta:
        """Take `amount`; zero when it was there, else how long to wait before asking again."""
        self.level = min(self.capacity, self.level + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if amount <= self.level:
            self.level -= amount
            return timedelta()
        return timedelta(seconds=(amount - self.level) / self.rate)


class RateLimit:
    """One bucket per source system.

    Args:
        rate: Events per second.
        least: The largest single request, which must always be possible.
        clock: Gives seconds that never go back.
    """

    def __init__(
        self, rate: int, *, least: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._least = least
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, system: str, amount: int) -> timedelta:
        """Let `system` send `amount`; zero when it may, else how long it should wait."""
        now = self._clock()
        bucket = self._buckets.get(system)
        if bucket is None:
            full = max(self._rate, self._least)
            bucket = TokenBucket(self._rate, self._least, full, now)
            self._buckets[system] = bucket
        return bucket.take(amount, now)
