"""Whether one rate is lower than another, and by how much.

Sources: R. G. Newcombe, "Interval estimation for the difference between independent proportions:
comparison of eleven methods", Statistics in Medicine 17 (1998), method 10; G. Y. Zou, A. Donner,
"Construction of confidence limits about effect measures: a general approach", Statistics in
Medicine 27 (2008).
"""

from math import hypot

from services.controlling.statistics.intervals import Interval


def difference(first: float, before: Interval, second: float, after: Interval) -> Interval:
    """Give the limits of `second - first` from the limits of two independent rates.

    Each limit of the difference lies as far from it as the two limits that pull that way (MOVER).
    Unlike the question whether the two intervals overlap, which is far too cautious, it keeps the
    confidence of the intervals that it is given: of Wilson's it is Newcombe's, of Clopper-Pearson's
    a little wider. Of weighted rates it says as much as their own intervals do.
    """
    found = second - first
    return Interval(
        max(-1.0, found - hypot(second - after.lower, before.upper - first)),
        min(1.0, found + hypot(after.upper - second, first - before.lower)),
    )
