"""How finely a share is told: in steps, and by the step that it lies in.

Each step is a multiple of the ones before it, so whoever knows the finer one knows the coarser one:
to tell a share less finely never tells more.
"""

from math import floor

from services.controlling.statistics.intervals import Interval

STEPS = (1, 5, 10, 50, 100, 200)
"""In thousandths."""
_ALL = 1_000
_CLOSE = 1e-9  # thousandths; floats can't tell what is nearer to an edge


def step_above(share: float) -> int | None:
    """Give the finest step that is longer than a share; None where only everything is."""
    return next((step for step in STEPS if step > share * _ALL + _CLOSE), None)


def coarser(step: int) -> int | None:
    """Give the next step."""
    return next((one for one in STEPS if one > step), None)


def within(share: float, step: int) -> Interval:
    """Give the step that a share lies in; everything lies in the last one, which ends at 1."""
    begins = min(floor(share * _ALL / step + _CLOSE), _ALL // step - 1) * step
    return Interval(begins / _ALL, (begins + step) / _ALL)


def around(limits: Interval, step: int) -> Interval:
    """Widen limits to the ends of the steps that they lie in.

    A limit on the edge of a step is widened, too: that it lies there would say that nothing, or
    everything, is in error.
    """
    return Interval(within(limits.lower, step).lower, within(limits.upper, step).upper)
