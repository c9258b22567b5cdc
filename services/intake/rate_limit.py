"""How fast each source system may send.

A token bucket per system, in the memory of this process: with several processes a system gets the
rate once from each. It protects the others from one system's flood, it doesn't bill anybody.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from shared.security.token_bucket import TokenBucket


class RateLimit:
    """One bucket per source system.

    Args:
        rate: Events per second, or bytes.
        least: The largest single request, which must always be possible.
        clock: Gives seconds that never go back.
    """

    def __init__(
        self, rate: int, *, least: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._capacity = max(rate, least)
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, system: str, amount: int) -> timedelta:
        """Let `system` send `amount` of them; zero when it may, else how long it should wait."""
        now = self._clock()
        bucket = self._buckets.get(system) or TokenBucket.full(self._rate, self._capacity, now)
        self._buckets[system], wait = bucket.take(amount, now)
        return wait
