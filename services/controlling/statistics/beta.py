"""The beta distribution's quantiles, from which the limits of a rate are read.

`scipy.special` has them too, and takes several times what the whole command takes; tests hold
these against it.
"""

import sys
from itertools import count
from math import exp, inf, lgamma, log, log1p

_SMALLEST = sys.float_info.min
_CLOSE = sys.float_info.epsilon


def quantile(a: float, b: float, chance: float) -> float:
    """Find where the distribution with shapes `a` and `b` has reached `chance`.

    Newton's steps, held within limits that close in from both sides: a step out of them is
    replaced by halving.
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    while True:
        excess = distribution(a, b, x) - chance
        low, high = (low, x) if excess > 0 else (x, high)
        slope = _front(a, b, x) / x / (1 - x)
        following = x - excess / slope if 0 < slope < inf else low
        if not low < following < high:
            following = low + (high - low) / 2
        if abs(following - x) <= 2 * _CLOSE * following or not low < following < high:
            return following
        x = following


def distribution(a: float, b: float, x: float) -> float:
    """Give the regularised incomplete beta function I_x(a, b).

    By its continued fraction (NIST, Digital Library of Mathematical Functions, 8.17.22) from the
    side on which that converges fast, evaluated as Lentz and Thompson do.
    """
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - distribution(b, a, 1 - x)
    return _front(a, b, x) / a / _continued_fraction(a, b, x)


def _front(a: float, b: float, x: float) -> float:
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    return exp(scale + a * log(x) + b * log1p(-x))


def _continued_fraction(a: float, b: float, x: float) -> float:
    value, above, below = 1.0, 1.0, 0.0
    for step in count(1):
        half = step // 2
        if step % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        below = 1 / _off_zero(1 + term * below)
        above = _off_zero(1 + term / above)
        value *= above * below
        if abs(above * below - 1) <= _CLOSE:
            break
    return value


def _off_zero(number: float) -> float:
    return number if abs(number) > _SMALLEST else _SMALLEST
