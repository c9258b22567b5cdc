"""The form in which figures are kept as they were told, with what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Self

from pydantic import TypeAdapter

from services.controlling.breakdowns.breakdowns import NOT_LISTED
from services.controlling.figures.cells import Cell
from services.controlling.figures.footnotes import OF_THE_FRAME, Footnote
from services.controlling.figures.period import Asked, PeriodFigures, Row
from services.controlling.figures.reviews import VERDICTS, Answer, Review, possible
from services.controlling.figures.told import ToldAgreement, ToldConsistency
from services.controlling.figures.unanswered import Completion
from services.controlling.policy.strata import Stratum

Editions = Mapping[str, int]
"""By period, the edition that figures are of; 0 where nothing was drawn of it."""


@dataclass(frozen=True, slots=True)
class Released:
    """Figures as they are told.

    Attributes:
        editions: Which they are of.
        released_at: When the last of these was released.
    """

    figures: PeriodFigures
    editions: Editions
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the register, so that it can be asked again later.

    Attributes:
        errors: Answers that count as an error, of those that there are to this question.
        confidence: How sure intervals are, as a fraction.
        by: What else figures are broken down by.
        values: What is told apart there; all else is one group.
        units: By unit and group of a stratum, the unit that has its decisions now.
    """

    question: str
    errors: tuple[Answer, ...]
    confidence: str
    by: str | None
    values: tuple[str, ...]
    units: Mapping[str, str]

    @classmethod
    def of(cls, asked: Asked, values: Sequence[str], strata: Sequence[str]) -> Self:
        """Write down what is asked.

        Args:
            asked: By who wants figures.
            values: What may be told apart by its breakdown.
            strata: All that there are in the periods.
        """
        drawn = [Stratum.parse(key) for key in strata]
        return cls(
            asked.question,
            tuple(sorted(asked.errors & possible(asked.question))),
            str(asked.confidence),
            asked.by,
            tuple(sorted(values)),
            dict(sorted((_place(one.unit, one.group), asked.unit_now(one.unit, one.group))
                        for one in drawn)),
        )  # fmt: skip

    @property
    def asked(self) -> Asked:
        """What was asked, to be asked again."""
        return Asked(
            self.question,
            frozenset(self.errors),
            self.by,
            Fraction(self.confidence),
            lambda unit, group: self.units.get(_place(unit, group), unit),
        )

    @property
    def written(self) -> str:
        """The same as a text."""
        return _QUESTION.dump_json(self).decode()

    def without_breakdown(self) -> Self:
        """Ask for the usual breakdowns alone."""
        return replace(self, by=None, values=())

    def contradicts(self, other: Self) -> bool:
        """Whether the same answers would be told with another meaning of errors, or otherwise sure.

        Verdicts are one: that on the facts stands beside that on the file.
        """
        verdicts = {self.question, other.question} <= VERDICTS
        same = self.question == other.question or verdicts
        return same and (self.errors, self.confidence) != (other.errors, other.confidence)

    def told_apart(self, reviews: Sequence[Review]) -> list[Review]:
        """Put into one group what isn't told apart."""
        by, values = self.by, frozenset(self.values)
        if by is None:
            return list(reviews)
        return [
            one
            if not (value := one.row.cells[by]) or value in values
            else Review(one.decision, one.answers, one.put_right, one.row.holding(by, NOT_LISTED))
            for one in reviews
        ]


def read_question(written: str) -> Question:
    """Read what was asked."""
    return _QUESTION.validate_json(written)


def _place(unit: str, group: str) -> str:
    return f"{group}/{unit}"


@dataclass(frozen=True, slots=True)
class _Document:
    rows: list[tuple[Cell, Row]]
    agreement: ToldAgreement | None
    consistency: ToldConsistency | None
    footnotes: list[Footnote]
    completion: Completion


_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)
_FIGURES: TypeAdapter[_Document] = TypeAdapter(_Document)


def settled(figures: PeriodFigures) -> PeriodFigures:
    """Leave out what may still become known of the frame."""
    notes = [one for one in figures.footnotes if one.note not in OF_THE_FRAME]
    return replace(figures, footnotes=notes)


def write_figures(figures: PeriodFigures) -> str:
    """Write figures down as they are told."""
    return _FIGURES.dump_json(
        _Document(
            list(figures.rows.items()),
            figures.agreement,
            figures.consistency,
            list(figures.footnotes),
            figures.completion,
        )
    ).decode()


def read_figures(written: str) -> PeriodFigures:
    """Read figures as they were told."""
    found = _FIGURES.validate_json(written)
    return PeriodFigures(
        dict(found.rows), found.agreement, found.consistency, found.footnotes, found.completion
    )
