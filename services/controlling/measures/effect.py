"""Whether a measure has helped: an error rate before it was agreed, and after it was done.

Only decisions that chance drew count, by the answers that counted in the end. Both rates are of the
same mix of decisions: a stratum weighs in both what it weighs in both times together, and counts
only if it was reviewed in both (direct standardisation; as `figures.rate` else). So a quarter with
more of what is hard to decide doesn't look like a measure that failed.

The decisions are taken for a sample of what the same practice would go on to give: that all of a
month were reviewed says what happened, not what the next month brings. So no interval is shortened
by the share of decisions that was seen.

"Better" and "worse" are said when the interval of the difference leaves no change out
(`statistics.change`). The tests of hypotheses that others publish answer yes or no; this one also
tells leadership how much better it may be, holds for weighted rates, and is drawn of the very
intervals that stand beside it. The question is asked once: who looks again and again finds a
difference some day, whether there is one or not.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.controlling.figures.rate import Judged, Rate, rate_of
from services.controlling.statistics.change import difference
from services.controlling.statistics.intervals import CONFIDENCE, Interval
from services.controlling.statistics.suppression import Withheld, release

SPAN = timedelta(days=365)
"""How far before the agreement, and behind what was done, decisions are looked at."""
_ENDLESS = 1_000_000


class Outcome(StrEnum):
    """What can be said of a measure's effect."""

    BETTER = "better"
    NO_DIFFERENCE = "no_difference"
    """None is shown, which doesn't say that there is none."""
    WORSE = "worse"
    TOO_FEW = "too_few"
    """Too few decisions were reviewed to say anything; nothing is shown of them."""


@dataclass(frozen=True, slots=True)
class Side:
    """An error rate with its interval, of decisions on one side of the measure.

    Attributes:
        reviewed: Decisions to which the question applies.
    """

    reviewed: int
    rate: float
    limits: Interval


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of the error rate.

    Attributes:
        outcome: In a word.
        before: None, as all else, when there were too few.
        change: The interval of the difference, after less before.
        covered: Share of all decisions of both times whose strata were reviewed in both.
    """

    outcome: Outcome
    before: Side | None = None
    after: Side | None = None
    change: Interval | None = None
    covered: float | None = None


TOO_FEW = Effect(Outcome.TOO_FEW)


def effect(before: Sequence[Judged], after: Sequence[Judged], sizes: Mapping[str, int]) -> Effect:
    """Compare.

    Args:
        before: What was reviewed of the decisions before, wherever the question was asked.
        after: Likewise of those after.
        sizes: By stratum, all decisions of both times.
    """
    strata = {one.stratum for one in before} & {one.stratum for one in after}
    rates = {
        part: Withheld({part: rate.counts}, rate)
        for part, rate in enumerate(_rate(part, strata, sizes) for part in (before, after))
    }
    first, second = (_side(rate) for rate in release(rates).values())
    if first is None or second is None:
        return TOO_FEW
    change = difference(first.rate, first.limits, second.rate, second.limits)
    covered = sum(sizes[key] for key in strata) / sum(sizes.values())
    return Effect(_outcome(change), first, second, change, covered)


def _rate(judged: Sequence[Judged], strata: Collection[str], sizes: Mapping[str, int]) -> Rate:
    reviewed = Counter(one.stratum for one in judged if one.stratum in strata)
    weights = {key: sizes[key] * _ENDLESS for key in reviewed} if len(reviewed) > 1 else None
    return rate_of([one for one in judged if one.stratum in strata], reviewed, weights, CONFIDENCE)


def _side(rate: Rate | None) -> Side | None:
    if rate is None or rate.estimate is None:
        return None
    return Side(rate.counts.sample, rate.estimate.rate, rate.estimate.limits)


def _outcome(change: Interval) -> Outcome:
    if change.upper < 0:
        return Outcome.BETTER
    return Outcome.WORSE if change.lower > 0 else Outcome.NO_DIFFERENCE
