"""What a rate could be at worst and at best, whatever drawn decisions would have shown.

A decision that was drawn and has no answer is missing: its review isn't done or was declined, or
the question came later. Nobody knows that what is missing is like what was reviewed: what is hard
to judge is reviewed last. So each rate has two bounds beside it: were all that is missing right,
and were all of it wrong (the worst case of C. F. Manski, "Partial identification of probability
distributions", 2003). A stratum of which nothing was drawn is missing as a whole.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from services.controlling.statistics.intervals import Interval

WANTED_IN_TIME, WANTED_AT_LAST = 0.95, 0.98
"""Shares of drawn decisions that US Labor's Benefit Accuracy Measurement wants reviewed within 90
days, and in the end (ET Handbook 395)."""


class Answered(NamedTuple):
    """What a cell's reviews say, counted by stratum.

    Attributes:
        applicable: Decisions that answer the question, and to which it applies.
        errors: Those that are in error.
    """

    applicable: Counter[str]
    errors: Counter[str]


class Open(NamedTuple):
    """What a cell's reviews don't say, counted by stratum.

    Attributes:
        missing: Decisions that were drawn, have no answer, and belong to the cell or may.
        drawn: All that chance drew of a stratum that may have decisions in the cell.
    """

    missing: Mapping[str, int]
    drawn: Mapping[str, int]


class Unanswered(NamedTuple):
    """What is missing of a cell.

    Attributes:
        missing: Decisions that were drawn and have no answer; of a part that cuts across strata
            those that may belong to it.
        bounds: The rate if all of it were right, and if all were wrong; None where strata can't be
            weighed. What is missing counts as if the question applied to it.
    """

    missing: int
    bounds: Interval | None


class Completion(NamedTuple):
    """How much of what was drawn has an answer."""

    drawn: int
    answered: int

    @property
    def share(self) -> float:
        """Share of the drawn decisions."""
        return self.answered / self.drawn

    @property
    def suffices(self) -> bool:
        """Whether that is as much as is wanted in the end."""
        return self.share >= WANTED_AT_LAST


def unanswered(found: Answered, left: Open, sizes: Mapping[str, int]) -> Unanswered:
    """Work the bounds out.

    They hold for a part that cuts across strata, too: its rate is lowest if all that may belong to
    it does and is right, and highest if all of it does and is wrong.

    Args:
        found: What was answered.
        left: What wasn't.
        sizes: By stratum, decisions there are.
    """
    total = sum(left.missing.values())
    errors = applicable = open_ = 0.0
    for key, count in left.drawn.items():
        if not count:
            open_ += sizes[key]
            continue
        weight = sizes[key] / count
        errors += weight * found.errors[key]
        applicable += weight * found.applicable[key]
        open_ += weight * left.missing.get(key, 0)
    if not applicable + open_:
        return Unanswered(total, None)
    everything = applicable + open_
    return Unanswered(total, Interval(errors / everything, (errors + open_) / everything))
