"""For how long records wait in a partition, seen from outside of them; pure."""

from collections import deque

MOST = 1_000
"""Ends that are remembered; of what comes behind them it is known later that it came."""


class LagAge:
    """Remembers when the end of a partition was seen to move."""

    def __init__(self) -> None:
        self._ends: deque[tuple[float, int]] = deque()

    def look(self, reached: int, lag: int, now: float) -> float:
        """Give for how many seconds the oldest record that waits has been seen; 0 without any.

        Args:
            reached: The offset of the next record to apply.
            lag: How many records wait from there on.
            now: Seconds of a clock that nobody sets.
        """
        end = reached + lag
        if (not self._ends or self._ends[-1][1] < end) and len(self._ends) < MOST:
            self._ends.append((now, end))
        while self._ends and self._ends[0][1] <= reached:
            self._ends.popleft()
        return now - self._ends[0][0] if self._ends else 0.0
