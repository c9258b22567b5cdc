"""All figures of one review period, from its draw and the results of its reviews."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, Self

from services.controlling.figures.beside import AsTold, Finding, Output, release_beside
from services.controlling.figures.cells import WHOLE, Cell, Kind, cells_of
from services.controlling.figures.footnotes import Footnote, footnotes
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
from services.controlling.figures.table import Errors, Key, Part, Table
from services.controlling.figures.told import (
    ToldAgreement,
    ToldConsistency,
    ToldEstimate,
    ToldRate,
    tell_agreement,
    tell_beyond_chance,
    tell_consistency,
    tell_corrected,
)
from services.controlling.figures.unanswered import Completion
from services.controlling.policy.lineage import UnitNow, as_named
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.consistency import differences, homogeneity
from services.controlling.statistics.correction import CorrectedRate, corrected_for_reviewers
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE
from services.controlling.statistics.rounding import STEPS
from services.controlling.statistics.suppression import MINIMUM, Telling


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
        adjusted: The same without errors that were put right before the review; told only in the
            finest step: else what of few was put right could be worked out.
        facts: As reviewed on the facts now.
        corrected: For the reviewers' own error, where double reviews tell it; of a file only.
    """

    plain: ToldRate | None
    adjusted: ToldRate | None
    facts: ToldRate | None
    corrected: ToldEstimate | None


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
    agreement: ToldAgreement | None
    consistency: ToldConsistency | None
    footnotes: Sequence[Footnote]
    completion: Completion


@dataclass(frozen=True, slots=True)
class Told:
    """Figures that were told, and what they are of."""

    sample: Sample
    reviews: Sequence[Review]
    asked: Asked
    figures: PeriodFigures


def period_figures(
    sample: Sample,
    reviews: Sequence[Review],
    asked: Asked,
    before: Sequence[Told] = (),
    *,
    of_file: bool = False,
) -> PeriodFigures:
    """Work out a period.

    The target population are all decisions of the period that were registered before its close.

    Only decisions that were drawn at random enter: reviews with another cause are left out, and
    counted in a footnote. In which order reviews come changes nothing, to the last digit.

    Args:
        sample: What was drawn.
        reviews: What was found.
        asked: What is asked.
        before: What was told of some of these decisions before; their errors are the same answers.
        of_file: Whether who reads them has each answer. Then rates are corrected by double reviews,
            too, and agreement is told beyond chance. A few double reviews are enough for either,
            and what they found would follow.

    Raises:
        NothingReviewed: no decision of the sample was reviewed.
    """
    counted = _counted(sample, reviews)
    if not counted:
        raise NothingReviewed("the reviewed part of the sample")
    period = _Period(sample, counted, asked, of_file=of_file)
    rows, consistency = period.released([(_Period.of(one), one.figures) for one in before])
    return PeriodFigures(
        rows,
        period.agreement([(_Period.of(one), one.figures) for one in before]),
        consistency,
        footnotes(sample, reviews, asked.question),
        period.completion(),
    )


def _counted(sample: Sample, reviews: Sequence[Review]) -> list[Review]:
    return sorted(
        (one for one in reviews if one.decision in sample.drawn),
        key=lambda one: (sample.drawn[one.decision], one.decision),
    )


_CONSISTENCY = "consistency"
"""The comparison of units, among the cells that are released with it."""
_LEAST = STEPS[-1]
"""At which step that is told which has no rate."""


class _Period:
    """The reviews of a period by cell."""

    def __init__(
        self, sample: Sample, counted: Sequence[Review], asked: Asked, *, of_file: bool = False
    ) -> None:
        self._sample = sample
        self._asked = asked
        self._of_file = of_file
        self._tells = any(PUT_RIGHT in one.row.cells for one in counted)
        self._cells: dict[Cell, list[Review]] = {}
        self._belongs: dict[str, Key] = {}
        self._places = {
            key: cells_of(key, unit_now=asked.unit_now)
            for key in (*sample.sizes, *sample.drawn.values())
        }
        for review in counted:
            stratum = self._stratum(review)
            chosen = [] if asked.by is None else [Cell(Kind.CHOSEN, value_of(review, asked.by))]
            key = Key(stratum, (*self._places[stratum], *chosen))
            self._belongs[review.decision] = key
            for cell in key.cells:
                self._cells.setdefault(cell, []).append(review)

    @classmethod
    def of(cls, told: Told) -> Self:
        """Take figures that were told for what they are of."""
        return cls(told.sample, _counted(told.sample, told.reviews), told.asked)

    def released(
        self, before: Sequence["_Before"]
    ) -> tuple[dict[Cell, Row], ToldConsistency | None]:
        """Release what was found, and the comparison of units with it, as one table.

        What was found on the facts is released as another one: nothing of the one follows from the
        other.
        """
        question = self._asked.question
        told = release_beside(self.output(question, None), _outputs(before, question))
        rows = {
            cell: row if isinstance(row, Row) else HIDDEN
            for cell, row in told.items()
            if isinstance(cell, Cell)
        }
        if question == ON_THE_FILE:
            facts = release_beside(self.output(ON_THE_FACTS, None), _outputs(before, ON_THE_FACTS))
            rows = {
                cell: row._replace(facts=one.plain)
                if row.plain and isinstance(one := facts.get(cell), Row)
                else row
                for cell, row in rows.items()
            }
        return rows, _of_shown_units(told.get(_CONSISTENCY), rows)

    def output(self, question: str, figures: PeriodFigures | None) -> Output[Row | ToldConsistency]:
        """Give what is told of a question; with `figures` as it was told."""
        table = self._table(question)
        own = question == self._asked.question
        tellings: dict[Any, Telling[Any]] = {
            cell: Telling(table.weights[cell], self._row(table, cell, question))
            for cell in table.cells
        }
        if own:
            tellings |= _comparison(table, self._asked.unit_now)
        findings = {
            Finding(one.decision, one.answer(question), self._errs(one, question)): self._belongs[
                one.decision
            ]
            for one in self._cells[WHOLE]
            if question in one.answers
        }
        if not table.parts:
            tellings = {}
        told = (
            {}
            if figures is None
            else {cell: _as_told(figures, cell, beside=not own) for cell in tellings}
        )
        return Output(findings, tellings, told)

    def tells(self, question: str) -> bool:
        """Whether something is told of a question."""
        asked = self._asked.question
        return question == asked or (asked == ON_THE_FILE and question == ON_THE_FACTS)

    def _table(self, question: str) -> Table:
        parts: dict[Key, Part] = {}
        for review in self._cells[WHOLE]:
            if question in review.answers:
                key = self._belongs[review.decision]
                one = parts.get(key, Part(key.stratum))
                wrong = self._errs(review, question)
                parts[key] = Part(
                    key.stratum,
                    one.reviewed + 1,
                    one.applicable + (review.answer(question) is not None),
                    one.errors + wrong,
                    one.put_right + (wrong and review.put_right),
                )
        where = {cell: self._strata_of(cell) for cell in self._cells}
        return Table(self._sample, where, parts, self._asked.confidence)

    def _strata_of(self, cell: Cell) -> list[str]:
        """Name the strata that may have decisions in a cell."""
        return [
            key
            for key in self._sample.sizes
            if cell.kind is Kind.CHOSEN or cell in self._places[key]
        ]

    def _row(self, table: Table, cell: Cell, question: str) -> Callable[[Errors, int], Row]:
        own = question == self._asked.question
        corrects = self._of_file and question == ON_THE_FILE
        correct = self._correction(cell) if corrects else None

        def told(errors: Errors, step: int) -> Row:
            plain = table.told(cell, errors, step)
            left = None
            if self._tells and own and step == STEPS[0]:
                left = table.told(cell, table.not_put_right(errors), step)
            corrected = correct and plain.estimate and tell_corrected(plain.estimate, correct, step)
            return Row(plain, left, None, corrected)

        return told

    def _correction(self, cell: Cell) -> Callable[[float, float], CorrectedRate] | None:
        """Give what corrects a cell's rate; None where too few were reviewed twice."""
        settled = [one for one in self._cells[cell] if one.settled is not None]
        flagged = self._settled(one for one in settled if self._errs(one, ON_THE_FILE))
        passed = self._settled(one for one in settled if not self._errs(one, ON_THE_FILE))
        if len(settled) < MINIMUM or not flagged.sample or not passed.sample:
            return None
        return partial(
            corrected_for_reviewers,
            flagged=flagged,
            passed=passed,
            confidence=self._asked.confidence,
        )

    def completion(self) -> Completion:
        """Tell how many drawn decisions answer what is asked."""
        answered = sum(self._asked.question in one.answers for one in self._cells[WHOLE])
        return Completion(len(self._sample.drawn), answered)

    def agreement(self, before: Sequence["_Before"]) -> ToldAgreement | None:
        """Tell how far pairs of reviewers who didn't know of each other agree, if there are any."""
        told = release_beside(self.pairs(None), [one.pairs(figures) for one, figures in before])
        return told.get(WHOLE)

    def pairs(self, figures: PeriodFigures | None) -> Output[ToldAgreement]:
        """Give how far reviewers agree; with `figures` as it was told."""
        pairs = {
            one.decision: (str(first), str(second))
            for one in self._cells[WHOLE]
            if (first := one.answer(ON_THE_FILE)) and (second := one.answer(SECOND))
        }
        if not pairs or self._asked.question != ON_THE_FILE:
            return Output({}, {}, {})
        every = list(pairs.values())
        found = (
            tell_beyond_chance(every, self._asked.confidence)
            if self._of_file
            else tell_agreement(every)
        )

        def told(differing: Mapping[Any, int], _: int) -> ToldAgreement:
            return replace(found, same=found.n - differing[WHOLE])

        findings = {
            Finding(decision, " and ".join(pair), error=pair[0] != pair[1]): WHOLE
            for decision, pair in pairs.items()
        }
        how = (
            {}
            if figures is None
            else {WHOLE: AsTold(_LEAST if figures.agreement else None, figures.agreement)}
        )
        return Output(findings, {WHOLE: Telling({WHOLE: 0.0}, told)}, how)

    def _stratum(self, review: Review) -> str:
        return self._sample.drawn[review.decision]

    def _errs(self, review: Review, question: str) -> bool:
        return review.answer(question) in self._asked.errors

    def _settled(self, reviews: Iterable[Review]) -> Counts:
        verdicts = [one.settled for one in reviews]
        return Counts(sum(one in self._asked.errors for one in verdicts), len(verdicts))


_Before = tuple[_Period, PeriodFigures]


def _outputs(before: Sequence[_Before], question: str) -> list[Output[Any]]:
    """Give what was told of a question before: as what was asked, or on the facts beside it."""
    return [one.output(question, figures) for one, figures in before if one.tells(question)]


def _as_told(figures: PeriodFigures, cell: object, *, beside: bool) -> AsTold:
    if not isinstance(cell, Cell):
        return AsTold(_LEAST if figures.consistency else None, figures.consistency)
    row = figures.rows.get(cell, HIDDEN)
    if beside:
        row = HIDDEN._replace(plain=row.facts)
    if row.plain is None:
        return AsTold(None, HIDDEN)
    found = row.plain.estimate
    return AsTold(round(1_000 * found.step) if found else _LEAST, row._replace(facts=None))


def _comparison(table: Table, unit_now: UnitNow) -> dict[str, Telling[ToldConsistency]]:
    """Compare units that decide the same kind of case; nothing where none do."""
    mix = table.mix({key: part.errors for key, part in table.parts.items()}, unit_now)
    if not any(len(units) > 1 for units in mix.values()):
        return {}

    def told(errors: Errors, _: int) -> ToldConsistency:
        mix = table.mix(errors, unit_now)
        return tell_consistency(homogeneity(mix), differences(mix))

    return {_CONSISTENCY: Telling(dict.fromkeys(table.parts, 0.0), told)}


def _of_shown_units(found: object, rows: Mapping[Cell, Row]) -> ToldConsistency | None:
    """Leave out of the comparison what it says of units that the table doesn't show."""
    if not isinstance(found, ToldConsistency):
        return None
    shown = {cell.name for cell, row in rows.items() if row.plain and cell.kind is Kind.UNIT}
    units = {name: one if name in shown else None for name, one in found.units.items()}
    return replace(found, units=units)
