"""Ranks among measured values. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from services.controlling.statistics.suppression import MINIMUM


def at_most(ascending: Sequence[int], share: float) -> int | None:
    """Give the smallest of the values that at least a share of them doesn't exceed (nearest rank).

    Args:
        ascending: The values, in their order.
        share: From 0 to 1: 0.5 for the median, 0.9 for what nine of ten don't exceed.

    Returns:
        One of the values, so nothing that nobody met; None without any.
    """
    if not ascending:
        return None
    return ascending[max(0, ceil(round(share * len(ascending), 9)) - 1)]


def seconds_of(duration: timedelta | None) -> int | None:
    """Give whole seconds, as files and programs read them."""
    return None if duration is None else int(duration.total_seconds())


def wait_of(ascending: Sequence[int], share: float) -> timedelta | None:
    """Give how long at most a share of people waited; None where that is about fewer than seven.

    Args:
        ascending: Seconds that each waited, in their order.
        share: From 0 to 1.
    """
    seconds = at_most(ascending, share)
    return None if seconds is None or len(ascending) < MINIMUM else timedelta(seconds=seconds)
