"""Which addresses get nothing any more. Pure: time is given.

Who goes on writing to addresses that don't exist is taken for a sender of spam, and then mail to
everybody is refused. The list is per address: a new address of the same person begins anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

MOST_SOFT = 3
"""Soft bounces within `SOFT_WINDOW` that suppress an address."""
SOFT_WINDOW = timedelta(days=30)


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
