"""Periods that draw everything at one rate."""

from decimal import Decimal

from services.controlling.periods.draw import PeriodDraw
from services.controlling.policy.policy import Policy

STRATUM = "work/adverse/unit-a"


def period(seed: bytes, rate: Decimal) -> PeriodDraw:
    """Open a period as the service does."""
    policy = Policy(version="test-1", default_rate=rate)
    return PeriodDraw("2026-05", seed, policy, closed=False)
