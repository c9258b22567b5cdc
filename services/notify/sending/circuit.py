"""Whether a provider is asked at all. Pure: each step gives a new circuit.

After some failures in a row the circuit opens, and nobody waits for a provider that is down. When
its pause is over, one message tries; the next ones wait for its outcome. A pause grows with each
try that fails.

Only failures of the provider count: no connection, no answer in time, an error of its own. A
refused address is an answer, and a sign of life.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from services.notify.sending.retry import BackOff

LIMIT = 5
"""Failures in a row that open a circuit."""

PAUSES = BackOff(timedelta(seconds=10), timedelta(minutes=5))


class Position(Enum):
    """What a circuit lets through."""

    CLOSED = auto()
    """Everything: the provider is well."""

    OPEN = auto()
    """Nothing, until the pause is over."""

    HALF_OPEN = auto()
    """The next one, to try."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of one provider.

    Attributes:
        failures: In a row, while it is closed.
        openings: How often it opened since the last success; the pause grows with it.
        open_until: From then on one may try; None while it is closed.
        trying: One was let through, and its outcome isn't known yet.
    """

    failures: int = 0
    openings: int = 0
    open_until: datetime | None = None
    trying: bool = False

    def position(self, now: datetime) -> Position:
        """Tell what it lets through at `now`."""
        if self.open_until is None:
            return Position.CLOSED
        return Position.OPEN if now < self.open_until else Position.HALF_OPEN

    def ask(self, now: datetime) -> tuple["Circuit", bool]:
        """Ask to be let through; gives the circuit from now on, and whether it may be sent.

        One that tries and is never heard of again, because its process died, is followed by
        another after one more pause.
        """
        position = self.position(now)
        if position is not Position.HALF_OPEN:
            return self, position is Position.CLOSED
        pause = PAUSES.ceiling(self.openings)
        return replace(self, open_until=now + pause, trying=True), True

    def succeeded(self) -> "Circuit":
        """Give the circuit after the provider answered."""
        return Circuit()

    def failed(self, now: datetime) -> "Circuit":
        """Give the circuit after the provider failed.

        Failures of messages that were under way when it opened change nothing any more.
        """
        if self.trying:
            return self._opened(now)
        if self.open_until is not None:
            return self
        if self.failures + 1 < LIMIT:
            return replace(self, failures=self.failures + 1)
        return self._opened(now)

    def _opened(self, now: datetime) -> "Circuit":
        openings = self.openings + 1
        return Circuit(openings=openings, open_until=now + PAUSES.ceiling(openings))
