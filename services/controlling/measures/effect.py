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

Both rates are told in steps, as the figures of a period are, so that nobody works out what was
found in fewer than seven; the change is made of what is told, and says nothing more.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from services.controlling.figures.rate import Judged, answered, limits_between, rate_of
from services.controlling.figures.reviews import Answer
from services.controlling.figures.unanswered import Open, unanswered
from services.controlling.statistics.change import difference
from services.controlling.statistics.intervals import CONFIDENCE, Interval
from services.controlling.statistics.rounding import STEPS, around, within
from services.controlling.statistics.suppression import Part, Telling, release_told

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
        rate: The step that it lies in.
        step: How long that is, as a share.
        missing: Drawn ones that have no answer.
        bounds: The rate if all of these were right, and if all were wrong; None where nobody
            looked, as long ago.
    """

    reviewed: int
    rate: Interval
    limits: Interval
    step: float
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
    sides = {name: _Counted(one, strata, sizes) for name, one in ((0, before), (1, after))}
    if not strata:
        return TOO_FEW
    told = release_told(
        {(name, key): part for name, one in sides.items() for key, part in one.parts.items()},
        {name: one.telling(name) for name, one in sides.items()},
    )
    first, second = told[0], told[1]
    if first is None or second is None:
        return TOO_FEW
    change = _change(first, second)
    covered = sum(sizes[key] for key in strata) / sum(sizes.values())
    shown = _outcome(change)
    if _could_turn(shown, first, second):
        return Effect(Outcome.NO_DIFFERENCE, first, second, change, covered, overturned=True)
    return Effect(shown, first, second, change, covered)


class _Counted:
    """One side, counted by stratum."""

    def __init__(self, side: Drawn, strata: Collection[str], sizes: Mapping[str, int]) -> None:
        judged = [one for one in side.judged if one.stratum in strata]
        self._reviewed = Counter(one.stratum for one in judged)
        self._sizes = sizes
        self._drawn = {
            key: side.by_stratum.get(key, count) for key, count in self._reviewed.items()
        }
        applicable = Counter(one.stratum for one in judged if one.answer is not None)
        errors = Counter(one.stratum for one in judged if one.error)
        self.parts = {key: Part(errors[key], applicable[key]) for key in self._reviewed}

    def telling(self, name: int) -> Telling[Side | None]:
        """Give how it is told."""
        shares = {key: self._sizes[key] / count for key, count in self._reviewed.items()}
        total = sum(share * self.parts[key].size for key, share in shares.items())
        weights = {(name, key): share / total if total else 0.0 for key, share in shares.items()}

        def told(errors: Mapping[tuple[int, str], int], step: int) -> Side | None:
            return self._told({key: errors[name, key] for key in self.parts}, step)

        return Telling(weights, told)

    def _told(self, errors: Mapping[str, int], step: int) -> Side | None:
        judged = [one for key in self.parts for one in self._judged(key, errors[key])]
        many = {key: self._sizes[key] * _ENDLESS for key in self._reviewed}
        weights = many if len(many) > 1 else None
        rate = rate_of(judged, self._reviewed, weights, CONFIDENCE)
        if rate.estimate is None:
            return None
        within_step = within(rate.estimate.rate, step)
        limits = rate.estimate.limits if step == STEPS[0] else self._limits(within_step, many)
        missing = {key: count - self._reviewed[key] for key, count in self._drawn.items()}
        open_ = unanswered(answered(judged), Open(missing, self._drawn), self._sizes)
        return Side(
            rate.counts.sample,
            within_step,
            around(limits, STEPS[0]),
            step / 1_000,
            open_.missing,
            open_.bounds and around(open_.bounds, step),
        )

    def _limits(self, shares: Interval, many: Mapping[str, int]) -> Interval:
        """Give limits of which no more is known than between which shares the rate lies."""
        applicable = {key: part.size for key, part in self.parts.items()}
        return limits_between(
            shares, applicable, _ENDLESS, self._reviewed, many, confidence=CONFIDENCE
        )

    def _judged(self, key: str, errors: int) -> Iterator[Judged]:
        part = self.parts[key]
        for number in range(self._reviewed[key]):
            answer = Answer.CORRECT if number < part.size else None
            yield Judged(key, answer, number < errors)


def _change(before: Side, after: Side) -> Interval:
    """Give the limits of the difference, wherever in their steps both rates lie."""
    return Interval(
        difference(before.rate.upper, before.limits, after.rate.lower, after.limits).lower,
        difference(before.rate.lower, before.limits, after.rate.upper, after.limits).upper,
    )


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
