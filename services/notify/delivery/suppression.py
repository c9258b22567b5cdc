"""Which addresses get nothing any more, and when too much comes back. Pure: time is given.

Who goes on writing to addresses that don't exist is taken for a sender of spam, and then mail to
everybody is refused. The list is per address: a new address of the same person begins anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

MOST_SOFT = 3
"""Soft bounces within `SOFT_WINDOW` that suppress an address."""
SOFT_WINDOW = timedelta(days=30)

RATE_WINDOW = timedelta(hours=24)
WARN_FROM = 0.05
CRITICAL_FROM = 0.10
LEAST_SENT = 1_000
"""Fewer messages in the window say nothing about the whole."""


class Hardness(Enum):
    """What a bounce says about the address."""

    HARD = auto()
    """It doesn't exist or never takes messages of this kind."""

    SOFT = auto()
    """Not this time: the mailbox is full, the phone was off."""

    NONE = auto()
    """Nothing: it was about the message, or about servers on the way."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that came back from one address."""

    hardness: Hardness
    at: datetime


def is_suppressed(bounces: Iterable[Bounce], now: datetime) -> bool:
    """Whether an address with these bounces gets nothing more.

    One hard bounce is enough and never grows old. Soft ones count while they are in the window; a
    delivery in between doesn't excuse them, it is not known of most.
    """
    soft = 0
    for bounce in bounces:
        if bounce.hardness is Hardness.HARD:
            return True
        soft += bounce.hardness is Hardness.SOFT and now - bounce.at < SOFT_WINDOW
    return soft >= MOST_SOFT


class Level(StrEnum):
    """How bad a bounce rate is."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class BounceRate:
    """What came back within `RATE_WINDOW`.

    Attributes:
        sent: Messages handed over.
        hard: Hard bounces.
    """

    sent: int
    hard: int

    @property
    def rate(self) -> float:
        """The share that came back; 0 when nothing was sent."""
        return self.hard / self.sent if self.sent else 0.0

    @property
    def level(self) -> Level:
        """How bad it is."""
        if self.sent < LEAST_SENT or self.rate < WARN_FROM:
            return Level.NORMAL
        return Level.CRITICAL if self.rate >= CRITICAL_FROM else Level.WARNING
