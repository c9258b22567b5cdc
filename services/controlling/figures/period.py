"""All figures of one review period, from its draw and the results of its reviews."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from services.controlling.figures.cells import WHOLE, Cell, Kind, cells_of
from services.controlling.figures.footnotes import Footnote, footnotes
from services.controlling.figures.rate import Judged, Rate, rate_of
from services.controlling.figures.reviews import (
    ERRORS,
    ON_THE_FACTS,
    ON_THE_FILE,
    PUT_RIGHT,
    SECOND,
    Answer,
    Review,
    value_of,
)
from services.controlling.figures.sample import Sample
from services.controlling.figures.unanswered import Completion, Open
from services.controlling.policy.lineage import UnitNow, as_named
from services.controlling.policy.strata import Stratum
from services.controlling.statistics.agreement import Ratings
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.consistency import (
    Consistency,
    Homogeneity,
    differences,
    homogeneity,
)
from services.controlling.statistics.correction import (
    CorrectedRate,
    corrected_for_reviewers,
    plain_error,
)
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE
from services.controlling.statistics.suppression import Withheld, release


class Asked(NamedTuple):
    """What is asked of a period.

    Attributes:
        question: Column of the reviews: a verdict or a criterion.
        errors: Answers that count as an error.
        by: A column of the reviews to break the figures down by, beside the usual ones.
        confidence: How sure intervals are.
        unit_now: What became of units: figures go on under the names of today.
    """

    question: str = ON_THE_FILE
    errors: frozenset[Answer] = ERRORS
    by: str | None = None
    confidence: Fraction = CONFIDENCE
    unit_now: UnitNow = as_named


class Row(NamedTuple):
    """The released figures of one cell; what may not be shown is None.

    Attributes:
        plain: As reviewed on the file at the time, or by the question asked.
        adjusted: The same without errors that were put right before the review.
        facts: As reviewed on the facts now.
        corrected: For the reviewers' own error, where double reviews tell it.
    """

    plain: Rate | None
    adjusted: Rate | None
    facts: Rate | None
    corrected: CorrectedRate | None


HIDDEN = Row(None, None, None, None)


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """Everything that may be shown about a period.

    Attributes:
        rows: By cell.
        agreement: How far two reviewers who didn't know of each other agree.
        consistency: Whether units err alike on like cases, and which unit differs.
        footnotes: What must be known to read the figures.
        completion: How many of the drawn decisions answer what is asked.
    """

    rows: Mapping[Cell, Row]
    agreement: Ratings | None
    consistency: tuple[Homogeneity, Consistency] | None
    footnotes: Sequence[Footnote]
    completion: Completion


def period_figures(sample: Sample, reviews: Sequence[Review], asked: Asked) -> PeriodFigures:
    """Work out a period.

    The target population are all decisions of the period that were registered before its close.

    Only decisions that were drawn at random enter: reviews with another cause are left out, and
    counted in a footnote. In which order reviews come changes nothing, to the last digit.

    Raises:
        NothingReviewed: no decision of the sample was reviewed.
    """
    counted = sorted(
        (one for one in reviews if one.decision in sample.drawn),
        key=lambda one: (sample.drawn[one.decision], one.decision),
    )
    if not counted:
        raise NothingReviewed("the reviewed part of the sample")
    period = _Period(sample, counted, asked)
    plain = release(period.rates(asked.question))
    tells = any(PUT_RIGHT in one.row.cells for one in counted)
    adjusted = release(period.rates(asked.question, adjusted=True)) if tells else {}
    facts = release(period.rates(ON_THE_FACTS))
    corrected = release(period.corrections(plain))
    rows = {
        cell: Row(rate, adjusted.get(cell), facts.get(cell), corrected.get(cell))
        if rate
        else HIDDEN
        for cell, rate in plain.items()
    }
    shown = {cell for cell, row in rows.items() if row.plain}
    return PeriodFigures(
        rows,
        release(period.agreement()).get(WHOLE),
        period.consistency(shown) if WHOLE in shown else None,
        footnotes(sample, reviews, asked.question),
        period.completion(),
    )


class _Period:
    """The reviews of a period by cell."""

    def __init__(self, sample: Sample, counted: Sequence[Review], asked: Asked) -> None:
        self._sample = sample
        self._asked = asked
        self._drawn = Counter(sample.drawn.values())
        self._cells: dict[Cell, list[Review]] = {}
        self._belongs: dict[str, tuple[Cell, ...]] = {}
        self._places = {
            key: cells_of(key, unit_now=asked.unit_now)
            for key in (*sample.sizes, *sample.drawn.values())
        }
        for review in counted:
            cells = self._places[self._stratum(review)]
            chosen = [] if asked.by is None else [Cell(Kind.CHOSEN, value_of(review, asked.by))]
            self._belongs[review.decision] = (*cells, *chosen)
            for cell in self._belongs[review.decision]:
                self._cells.setdefault(cell, []).append(review)

    def rates(self, question: str, *, adjusted: bool = False) -> dict[Cell, Withheld[Rate]]:
        """Give the rate of each cell; of none when the question wasn't asked."""
        asked = {
            cell: [one for one in reviews if question in one.answers]
            for cell, reviews in self._cells.items()
        }
        reviewed = Counter(map(self._stratum, asked[WHOLE]))
        if not reviewed:
            return {}
        strata = self._sample.sizes
        found = {}
        for cell, reviews in asked.items():
            judged = [self._judge(one, question, adjusted=adjusted) for one in reviews]
            rate = rate_of(
                judged,
                {key: reviewed[key] for key in strata if self._holds(cell, key)},
                self._sample.sizes,
                self._asked.confidence,
                self._open(cell, reviewed),
            )
            found[cell] = Withheld(self._parts(reviews, judged), rate)
        return found

    def completion(self) -> Completion:
        """Tell how many drawn decisions answer what is asked."""
        answered = sum(self._asked.question in one.answers for one in self._cells[WHOLE])
        return Completion(len(self._sample.drawn), answered)

    def _open(self, cell: Cell, reviewed: Mapping[str, int]) -> Open:
        """Count what was drawn of a cell's strata, and what of it has no answer.

        Of a part that cuts across strata it may be any of what is missing.
        """
        drawn = {key: self._drawn[key] for key in self._sample.sizes if self._holds(cell, key)}
        return Open({key: count - reviewed[key] for key, count in drawn.items()}, drawn)

    def _holds(self, cell: Cell, key: str) -> bool:
        return cell.kind is Kind.CHOSEN or cell in self._places[key]

    def corrections(self, plain: Mapping[Cell, Rate | None]) -> dict[Cell, Withheld[CorrectedRate]]:
        """Give the corrected rate of each cell that shows a plain one and has double reviews."""
        if self._asked.question != ON_THE_FILE:
            return {}
        found = {}
        for cell, rate in plain.items():
            if rate is None or rate.estimate is None:
                continue
            settled = [one for one in self._cells[cell] if one.settled is not None]
            flagged = self._settled(one for one in settled if self._errs(one, ON_THE_FILE))
            passed = self._settled(one for one in settled if not self._errs(one, ON_THE_FILE))
            if flagged.sample and passed.sample:
                corrected = corrected_for_reviewers(
                    rate.estimate.rate,
                    rate.estimate.standard_error or plain_error(rate.counts),
                    flagged=flagged,
                    passed=passed,
                    confidence=self._asked.confidence,
                )
                found[cell] = Withheld({cell: (0, len(settled))}, corrected)
        return found

    def agreement(self) -> dict[Cell, Withheld[Ratings]]:
        """Give the verdicts of pairs of reviewers who didn't know of each other, if there are."""
        pairs = [
            (str(first), str(second))
            for one in self._cells[WHOLE]
            if (first := one.answer(ON_THE_FILE)) and (second := one.answer(SECOND))
        ]
        about = {WHOLE: (0, len(pairs))}
        return {WHOLE: Withheld(about, Ratings.of_answers(pairs))} if pairs else {}

    def consistency(self, shown: Collection[Cell]) -> tuple[Homogeneity, Consistency] | None:
        """Compare units that decide the same kind of case; None where none do.

        Within a kind and unit all decisions have the same chance to be drawn, so plain counts do.
        A unit that the table doesn't show isn't shown here either.
        """
        mix: dict[str, dict[str, Counts]] = {}
        for review in self._cells[WHOLE]:
            if review.answer(self._asked.question):
                stratum = Stratum.parse(self._stratum(review))
                unit = self._asked.unit_now(stratum.unit, stratum.group)
                counts = mix.setdefault(replace(stratum, unit="").key, {})
                errors, sample = counts.get(unit, (0, 0))
                wrong = self._errs(review, self._asked.question)
                counts[unit] = Counts(errors + wrong, sample + 1)
        if not any(len(counts) > 1 for counts in mix.values()):
            return None
        found = differences(mix)
        units = {
            name: unit if Cell(Kind.UNIT, name) in shown else None
            for name, unit in found.units.items()
        }
        return homogeneity(mix), found._replace(units=units)

    def _parts(
        self, reviews: Sequence[Review], judged: Sequence[Judged]
    ) -> dict[tuple[Cell, ...], Counts]:
        """Count by what belongs to the same cells: nothing of a table is about less."""
        wrong: dict[tuple[Cell, ...], list[bool]] = {}
        for review, one in zip(reviews, judged, strict=True):
            if one.answer is not None:
                wrong.setdefault(self._belongs[review.decision], []).append(one.error)
        return {part: Counts(sum(errors), len(errors)) for part, errors in wrong.items()}

    def _stratum(self, review: Review) -> str:
        return self._sample.drawn[review.decision]

    def _judge(self, review: Review, question: str, *, adjusted: bool) -> Judged:
        error = self._errs(review, question) and not (adjusted and review.put_right)
        return Judged(self._stratum(review), review.answer(question), error)

    def _errs(self, review: Review, question: str) -> bool:
        return review.answer(question) in self._asked.errors

    def _settled(self, reviews: Iterable[Review]) -> Counts:
        verdicts = [one.settled for one in reviews]
        return Counts(sum(one in self._asked.errors for one in verdicts), len(verdicts))
