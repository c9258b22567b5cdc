"""What a check answers, and by which events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from services.controlling.forms.case_file import Seen
from services.controlling.forms.wording import Sentence
from shared.events.registry import Facts
from shared.events.vocabulary import Grade

_WORST_FIRST = (Grade.SIGNIFICANT, Grade.MINOR, None, Grade.NOT_APPLICABLE, Grade.CORRECT)
Value = str | int | date | timedelta


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event that an answer rests on."""

    event_type: str
    day: date

    @classmethod
    def of(cls, seen: Seen[Facts]) -> "Evidence":
        """Point to an event."""
        return cls(seen.event.data.event_type, seen.day)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the events say to one question; a grade of None means that they can't tell.

    What isn't among the events may still stand in the file, so its absence is never an error and
    never correct.

    Attributes:
        grade: The answer.
        sentence: Why, as a person reads it.
        values: The sentence's numbers, dates and codes.
        evidence: The events it rests on, in the order of the sentence.
    """

    grade: Grade | None
    sentence: Sentence
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    evidence: tuple[Evidence, ...] = ()


def answer(grade: Grade | None, sentence: Sentence, *seen: Seen[Facts], **values: Value) -> Answer:
    """Give an answer with the events it rests on and the values of its sentence."""
    return Answer(grade, sentence, MappingProxyType(values), tuple(map(Evidence.of, seen)))


def worst(answers: Iterable[Answer]) -> Answer:
    """Give the first error, else the first that can't be told, else the first that is correct."""
    return min(answers, key=lambda one: _WORST_FIRST.index(one.grade))
