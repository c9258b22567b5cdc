"""The form: which questions are asked of a decision."""

from dataclasses import dataclass
from datetime import date

from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.criterion import Criterion
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes


@dataclass(frozen=True, slots=True)
class Form:
    """The questions of one kind of decision, and the catalogue they stand in.

    A review keeps the form with which it began: version and digest find its catalogue again,
    however often that changes.
    """

    version: str
    digest: str
    type_code: str
    direction: Direction
    on: date
    questions: tuple[Criterion, ...]


def form_for(
    criteria: Criteria, types: DecisionTypes, *, type_code: str, direction: Direction, on: date
) -> Form:
    """Give the form for a decision of a type and direction that was made on a day.

    Of a type that isn't listed, or wasn't in force that day, everything is asked that doesn't name
    types: that a decision rests on no law in force must not spare it questions.
    """
    kind = types.find(type_code, on)

    def asked(one: Criterion) -> bool:
        if kind is None:
            return any(scope.covers_unlisted(direction) for scope in one.asked_of)
        return any(scope.covers(kind, direction) for scope in one.asked_of)

    questions = tuple(one for one in criteria.in_force(on) if asked(one))
    return Form(criteria.version, criteria.digest, type_code, direction, on, questions)
