"""What was found about a period's decisions, by part, and the rate of each cell made of it.

Rates can be made of other findings, too: so it is seen whether a reader could tell these apart.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from services.controlling.figures.cells import Cell
from services.controlling.figures.rate import Judged, Rate, limits_between, rate_of
from services.controlling.figures.reviews import Answer
from services.controlling.figures.sample import Sample
from services.controlling.figures.told import ToldEstimate, ToldRate, tell, tell_estimate
from services.controlling.figures.unanswered import Open
from services.controlling.policy.lineage import UnitNow
from services.controlling.policy.strata import Stratum
from services.controlling.statistics import suppression
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.intervals import Interval
from services.controlling.statistics.rounding import STEPS, around, within


class Key(NamedTuple):
    """What tells a part: the stratum it was drawn in, and all cells that it belongs to."""

    stratum: str
    cells: tuple[Cell, ...]


Errors = Mapping[Key, int]
"""By part."""


@dataclass(frozen=True, slots=True)
class Part:
    """Reviews that no figure tells apart, counted.

    Attributes:
        reviewed: Also where the question doesn't apply.
        put_right: Errors that were put right before the review.
    """

    stratum: str
    reviewed: int = 0
    applicable: int = 0
    errors: int = 0
    put_right: int = 0

    def judged(self, errors: int) -> Iterator[Judged]:
        """Give its reviews as if so many had found an error; what they answered, no rate asks."""
        for number in range(self.reviewed):
            answer = Answer.CORRECT if number < self.applicable else None
            yield Judged(self.stratum, answer, number < errors)


class Table:
    """The parts of a period, and its cells."""

    def __init__(
        self,
        sample: Sample,
        cells: Mapping[Cell, Sequence[str]],
        parts: Mapping[Key, Part],
        confidence: Fraction,
    ) -> None:
        """Lay it out.

        Args:
            sample: What the reviews stand for.
            cells: What there are figures of, also those that nothing was found in, each with the
                strata that may have decisions in it.
            parts: What was found.
            confidence: How sure intervals are.
        """
        self._sample, self._confidence = sample, confidence
        self.parts = parts
        self.cells = {cell: [key for key in parts if cell in key.cells] for cell in cells}
        self._reviewed: Counter[str] = Counter()
        for part in parts.values():
            self._reviewed[part.stratum] += part.reviewed
        drawn = Counter(sample.drawn.values())
        self._strata = {cell: {key: drawn[key] for key in strata} for cell, strata in cells.items()}
        self._errors = {key: part.errors for key, part in parts.items()}
        self._rates: dict[Cell, Rate] = {}
        self._steps: dict[tuple[Cell, Interval], ToldEstimate] = {}
        self.weights = {cell: self._weights_of(cell) for cell in cells}

    def told(self, cell: Cell, errors: Errors, step: int) -> ToldRate:
        """Tell the rate of a cell as if these were the errors, at a step in thousandths.

        A rate in longer steps has the limits of its step: those of what was found would tell more.
        """
        rate = self._rate(cell, errors if step == STEPS[0] else self._errors)
        bounds = self._bounds(cell, errors)
        if rate.estimate is None:
            estimate = None
        elif step == STEPS[0]:
            estimate = tell_estimate(rate.estimate, step)
        else:
            share = sum(weight * errors[key] for key, weight in self.weights[cell].items())
            estimate = self._in_step(cell, rate.estimate.method, within(share, step), step)
        return tell(rate, estimate, bounds and around(bounds, step))

    def _rate(self, cell: Cell, errors: Errors) -> Rate:
        if errors is self._errors and cell in self._rates:
            return self._rates[cell]
        strata = self._strata[cell]
        rate = rate_of(
            [one for key in self.cells[cell] for one in self.parts[key].judged(errors[key])],
            {key: self._reviewed[key] for key in strata},
            self._sample.sizes,
            self._confidence,
            Open({key: drawn - self._reviewed[key] for key, drawn in strata.items()}, strata),
        )
        if errors is self._errors:
            self._rates[cell] = rate
        return rate

    def _bounds(self, cell: Cell, errors: Errors) -> Interval | None:
        """Give the bounds, which are the rate where nothing is missing; None: then they are."""
        found = self._rate(cell, self._errors).unanswered
        if found is None or found.bounds is None:
            return None
        drawn, sizes = self._strata[cell], self._sample.sizes
        changed = sum(
            (errors[key] - self._errors[key]) * sizes[stratum] / drawn[stratum]
            for key in self.cells[cell]
            if errors[key] != self._errors[key] and drawn[stratum := self.parts[key].stratum]
        )
        moved = changed / self._everything(cell)
        return Interval(found.bounds.lower + moved, found.bounds.upper + moved)

    def _everything(self, cell: Cell) -> float:
        """Give how many decisions the bounds are about, weighed."""
        drawn, sizes = self._strata[cell], self._sample.sizes
        applicable = Counter[str]()
        for key in self.cells[cell]:
            applicable[key.stratum] += self.parts[key].applicable
        return sum(
            sizes[key] / count * (applicable[key] + count - self._reviewed[key])
            if count
            else sizes[key]
            for key, count in drawn.items()
        )

    def _in_step(self, cell: Cell, method: str, rate: Interval, step: int) -> ToldEstimate:
        known = self._steps.get((cell, rate))
        if known is None:
            applicable = Counter[str]()
            for key in self.cells[cell]:
                applicable[self.parts[key].stratum] += self.parts[key].applicable
            limits = limits_between(
                rate,
                applicable,
                sum(self.parts[key].reviewed for key in self.cells[cell]),
                {key: self._reviewed[key] for key in self._strata[cell]},
                self._sample.sizes,
                confidence=self._confidence,
            )
            known = ToldEstimate(rate, around(limits, STEPS[0]), method, step / 1_000)
            self._steps[cell, rate] = known
        return known

    def _weights_of(self, cell: Cell) -> Mapping[Key, float]:
        """Tell by how much an error more in each of its parts moves the rate of a cell."""
        shares = {
            key: self._sample.sizes[self.parts[key].stratum]
            / self._reviewed[self.parts[key].stratum]
            for key in self.cells[cell]
        }
        total = sum(share * self.parts[key].applicable for key, share in shares.items())
        return {key: share / total if total else 0.0 for key, share in shares.items()}

    def found(self) -> dict[Key, suppression.Part]:
        """Give what was found in the form in which it is released."""
        return {
            key: suppression.Part(part.errors, part.applicable) for key, part in self.parts.items()
        }

    def not_put_right(self, errors: Errors) -> Errors:
        """Leave out the errors that were put right before the review."""
        return {key: max(0, errors[key] - part.put_right) for key, part in self.parts.items()}

    def mix(self, errors: Errors, unit_now: UnitNow) -> dict[str, dict[str, Counts]]:
        """Count errors by kind of case and unit, where the question applies.

        Within a kind and unit all decisions have the same chance to be drawn, so plain counts do.
        """
        mix: dict[str, dict[str, Counts]] = {}
        for key, part in self.parts.items():
            if part.applicable:
                stratum = Stratum.parse(part.stratum)
                units = mix.setdefault(replace(stratum, unit="").key, {})
                unit = unit_now(stratum.unit, stratum.group)
                wrong, sample = units.get(unit, (0, 0))
                units[unit] = Counts(wrong + errors[key], sample + part.applicable)
        return mix
