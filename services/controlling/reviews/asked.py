"""The questions of one review as its page shows them: what is asked, told, answered, missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.controlling.forms.criterion import AnsweredBy, Criterion
from services.controlling.forms.criterion import Consequence as Effect
from services.controlling.forms.evidence import Answer
from services.controlling.reviews.verdict import VERDICTS
from shared.events.vocabulary import FileVerdict, Grade


class Saved(Protocol):
    """What a person answered, as it was kept."""

    @property
    def version(self) -> int:
        """How often the question was answered."""

    @property
    def grade(self) -> str | None:
        """The answer; None when only a comment was written yet."""

    @property
    def comment(self) -> str:
        """Why."""

    @property
    def detail(self) -> Mapping[str, object]:
        """What an error does, and what is recommended."""

    @property
    def origin(self) -> str:
        """Whether a person answered, or the events alone."""

    @property
    def saved_at(self) -> datetime:
        """When."""

    @property
    def by_another(self) -> bool:
        """Whether somebody gave it who has the review no more; then it doesn't count."""


class Remedy(StrEnum):
    """What a reviewer recommends after an error."""

    NONE = "none"
    CORRECT_DECISION = "correct_decision"
    GUIDANCE = "guidance"
    TRAINING = "training"
    TEMPLATE = "template"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a review.

    Attributes:
        code: Under which its answers are kept.
        criterion: What is asked; None for a verdict.
        grades: What may be answered, the best first.
        told: What the case's events say.
        kept: What was kept last, whoever answered.
    """

    code: str
    criterion: Criterion | None
    grades: tuple[str, ...]
    told: Answer | None
    kept: Saved | None

    @property
    def saved(self) -> Saved | None:
        """What this reviewer answered; None when nobody has, or the events alone."""
        if self.kept is None or self.kept.by_another or self.kept.origin != _HUMAN:
            return None
        return self.kept

    @property
    def grade(self) -> str | None:
        """The answer that counts: a person's, or what the events say where that is enough."""
        if self.saved is not None:
            return self.saved.grade
        if self.told is None or self.told.grade is None or not self._told_is_enough:
            return None
        return self.told.grade.value

    @property
    def version(self) -> int:
        """What the next answer is based on; 0 when none was kept yet."""
        return 0 if self.kept is None else self.kept.version

    @property
    def by_itself(self) -> bool:
        """Whether only the events have answered."""
        return self.saved is None and self.grade is not None

    @property
    def found(self) -> Grade | None:
        """What the events say and a person is still to confirm; None: nothing is to be."""
        if self.told is None or self._told_is_enough or self.saved is not None:
            return None
        return self.told.grade

    @property
    def told_is_new(self) -> bool:
        """Whether the events say something else than what was kept of them."""
        return self.kept is None or self.kept.by_another or self.kept.grade != self.grade

    @property
    def corrects(self) -> bool:
        """Whether a person answered otherwise than the events."""
        return (
            self.saved is not None
            and self.saved.grade is not None
            and self.told is not None
            and self.told.grade is not None
            and self.saved.grade != self.told.grade
        )

    @property
    def needs_comment(self) -> bool:
        """Whether a reason belongs to the answer and isn't there."""
        if self.by_itself or self.grade is None:
            return False
        has_reason = self.saved is not None and bool(self.saved.comment.strip())
        return not has_reason and (self.grade not in GOOD or self.corrects)

    @property
    def answered(self) -> bool:
        """Whether nothing more is needed."""
        return self.grade is not None and not self.needs_comment

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What an error may do to the decision; more than one is for the reviewer to choose."""
        return () if self.criterion is None else self.criterion.consequence

    @property
    def _told_is_enough(self) -> bool:
        return self.criterion is not None and self.criterion.answered_by is AnsweredBy.AUTO


_HUMAN = "human"
GOOD = frozenset({Grade.CORRECT.value, Grade.NOT_APPLICABLE.value})
"""Answers that need no reason; `correct` is a verdict, too."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole review: its questions in their order, both verdicts last."""

    questions: tuple[Asked, ...]

    def with_kept(self, kept: Mapping[str, Saved]) -> "Sheet":
        """Give the same questions with other answers."""
        return Sheet(tuple(replace(one, kept=kept.get(one.code)) for one in self.questions))

    @property
    def answered(self) -> int:
        """How many need nothing more."""
        return sum(one.answered for one in self.questions)

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes of those that need something."""
        return tuple(one.code for one in self.questions if not one.answered)

    @property
    def complete(self) -> bool:
        """Whether it can be signed."""
        return not self.missing

    @property
    def finds(self) -> bool:
        """Whether findings follow: of errors in questions, not of verdicts."""
        return any(
            one.criterion is not None and one.grade is not None and one.grade not in GOOD
            for one in self.questions
        )

    def only(self, codes: Collection[str]) -> "Sheet":
        """Give some of the questions."""
        return Sheet(tuple(one for one in self.questions if one.code in codes))

    def find(self, code: str) -> Asked | None:
        """Give a question."""
        return next((one for one in self.questions if one.code == code), None)


def sheet(
    criteria: Sequence[Criterion],
    told: Mapping[str, Answer],
    saved: Mapping[str, Saved],
) -> Sheet:
    """Put questions, automatic answers and a person's answers together."""
    return Sheet((*_questions(criteria, told, saved), *_verdicts(saved)))


def _questions(
    criteria: Iterable[Criterion], told: Mapping[str, Answer], saved: Mapping[str, Saved]
) -> Iterator[Asked]:
    for one in criteria:
        grades = tuple(grade.value for grade in one.answers)
        yield Asked(one.code, one, grades, told.get(one.code), saved.get(one.code))


def _verdicts(saved: Mapping[str, Saved]) -> Iterator[Asked]:
    grades = (
        FileVerdict.CORRECT.value,
        FileVerdict.WRONG_LEGAL_GROUND.value,
        FileVerdict.DISPUTABLE.value,
        FileVerdict.WRONG.value,
    )
    for one in VERDICTS:
        yield Asked(one, None, grades, None, saved.get(one))
