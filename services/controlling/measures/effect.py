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
intervals that stand beside it. Where drawn decisions have no answer, it is said only if it would
stay even if all of them were against it. The question is asked once: who looks again and again
finds a difference some day, whether there is one or not.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from services.controlling.figures.rate import Judged, Rate, answered, rate_of
from services.controlling.figures.unanswered import Open, unanswered
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
        missing: Drawn ones that have no answer.
        bounds: The rate if all of these were right, and if all were wrong; None where nobody
            looked, as long ago.
    """

    reviewed: int
    rate: float
    limits: Interval
    missing: int = 0
    bounds: Interval | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of the error rate.

    Attributes:
        outcome: In a word.
        before: None, as all else, when there were too few.
        change: The interval of the difference, after less before.
        covered: Share of all decisions of both times whose strata were reviewed in both.
        overturned: Whether the interval showed a difference that what has no answer could turn.
    """

    outcome: Outcome
    before: Side | None = None
    after: Side | None = None
    change: Interval | None = None
    covered: float | None = None
    overturned: bool = False


TOO_FEW = Effect(Outcome.TOO_FEW)


class Drawn(NamedTuple):
    """What chance drew on one side of a measure.

    Attributes:
        judged: What was reviewed of it, wherever the question was asked.
        by_stratum: All that was drawn.
    """

    judged: Sequence[Judged]
    by_stratum: Mapping[str, int]


def effect(before: Drawn, after: Drawn, sizes: Mapping[str, int]) -> Effect:
    """Compare.

    Args:
        before: Of the decisions before.
        after: Of those after.
        sizes: By stratum, all decisions of both times.
    """
    strata = {one.stratum for one in before.judged} & {one.stratum for one in after.judged}
    rates = {
        part: Withheld({part: rate.counts}, rate)
        for part, rate in enumerate(_rate(part, strata, sizes) for part in (before, after))
    }
    first, second = (_side(rate) for rate in release(rates).values())
    if first is None or second is None:
        return TOO_FEW
    change = difference(first.rate, first.limits, second.rate, second.limits)
    covered = sum(sizes[key] for key in strata) / sum(sizes.values())
    shown = _outcome(change)
    if _could_turn(shown, first, second):
        return Effect(Outcome.NO_DIFFERENCE, first, second, change, covered, overturned=True)
    return Effect(shown, first, second, change, covered)


def _rate(side: Drawn, strata: Collection[str], sizes: Mapping[str, int]) -> Rate:
    judged = [one for one in side.judged if one.stratum in strata]
    reviewed = Counter(one.stratum for one in judged)
    weights = {key: sizes[key] * _ENDLESS for key in reviewed} if len(reviewed) > 1 else None
    rate = rate_of(judged, reviewed, weights, CONFIDENCE)
    drawn = {key: side.by_stratum.get(key, reviewed[key]) for key in reviewed}
    missing = {key: count - reviewed[key] for key, count in drawn.items()}
    return replace(rate, unanswered=unanswered(answered(judged), Open(missing, drawn), sizes))


def _side(rate: Rate | None) -> Side | None:
    if rate is None or rate.estimate is None or rate.unanswered is None:
        return None
    missing, bounds = rate.unanswered
    return Side(rate.counts.sample, rate.estimate.rate, rate.estimate.limits, missing, bounds)


def _outcome(change: Interval) -> Outcome:
    if change.upper < 0:
        return Outcome.BETTER
    return Outcome.WORSE if change.lower > 0 else Outcome.NO_DIFFERENCE


def _could_turn(shown: Outcome, before: Side, after: Side) -> bool:
    """Whether the difference would be gone if all that is missing were against it."""
    if before.bounds is None or after.bounds is None:
        return False
    match shown:
        case Outcome.BETTER:
            return after.bounds.upper >= before.bounds.lower
        case Outcome.WORSE:
            return after.bounds.lower <= before.bounds.upper
    return False
