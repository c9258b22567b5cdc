"""What the answers to a review come to: findings, and what changes when it is signed again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.controlling.findings.life import State
from services.controlling.forms.criterion import Consequence, Criterion, Texts
from shared.events.vocabulary import Grade, Severity

_SEVERITIES = {Grade.MINOR: Severity.MINOR, Grade.SIGNIFICANT: Severity.SIGNIFICANT}


class Answer(Protocol):
    """The answer to a question that counts."""

    @property
    def grade(self) -> str:
        """A grade, or a verdict: a verdict is no finding."""

    @property
    def comment(self) -> str:
        """Why."""

    @property
    def detail(self) -> Mapping[str, str]:
        """What the error does, and until when it can be healed."""


@dataclass(frozen=True, slots=True)
class Found:
    """An error that a review found.

    Attributes:
        question: The criterion's code.
        norm: Which one it violates.
        asked: The question, in the words in which it was asked.
        effect: What it does to the decision; None when the reviewer left that open.
        until: Until when it can be healed, where that was said.
        text: What was found, in the reviewer's words.
    """

    question: str
    norm: str
    asked: Texts
    severity: Severity
    effect: Consequence | None
    until: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding that was raised of a decision before, and not withdrawn."""

    number: int
    state: State
    question: str
    severity: Severity
    effect: Consequence | None
    until: date | None
    text: str

    def is_met_by(self, found: Found) -> bool:
        """Whether the same was found again, in whatever words."""
        return (self.question, self.severity, self.effect, self.until) == (
            found.question,
            found.severity,
            found.effect,
            found.until,
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What a signature changes in the findings of a decision.

    Attributes:
        retracted: Numbers of those that aren't found any more, or not so.
        reworded: What is found again, with its new words, by number.
        raised: What is new.
    """

    retracted: tuple[int, ...]
    reworded: Mapping[int, str]
    raised: tuple[Found, ...]


def found_in(answers: Mapping[str, Answer], questions: Iterable[Criterion]) -> Iterator[Found]:
    """Give the errors among the answers that count, in the order of the form."""
    for one in questions:
        answer = answers.get(one.code)
        if answer is None or (severity := _SEVERITIES.get(Grade(answer.grade))) is None:
            continue
        effect = _effect(one, answer)
        until = answer.detail.get("until") if effect is Consequence.HEALABLE else None
        yield Found(
            question=one.code,
            norm=one.citation,
            asked=one.question,
            severity=severity,
            effect=effect,
            until=date.fromisoformat(until) if until else None,
            text=answer.comment,
        )


def changes(standing: Collection[Standing], found: Collection[Found]) -> Changes:
    """Tell what is to be raised, said anew and retracted; the same again changes nothing."""
    by_question = {one.question: one for one in found}
    met = {
        one.question: one
        for one in standing
        if one.question in by_question and one.is_met_by(by_question[one.question])
    }
    return Changes(
        retracted=tuple(one.number for one in standing if one.question not in met),
        reworded={
            one.number: by_question[one.question].text
            for one in met.values()
            if one.text != by_question[one.question].text
        },
        raised=tuple(one for one in found if one.question not in met),
    )


def _effect(criterion: Criterion, answer: Answer) -> Consequence | None:
    chosen = answer.detail.get("effect")
    if chosen:
        return Consequence(chosen)
    return criterion.consequence[0] if len(criterion.consequence) == 1 else None
