"""What an invented reviewer answers: what is true, as far as they see it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.demo.reviewers import Habits, Reviewers
from services.controlling.forms.criterion import Consequence
from services.controlling.reviews.asked import GOOD, Asked, Remedy
from services.controlling.reviews.form.given import Given
from services.controlling.reviews.verdict import ON_THE_FILE, VERDICTS
from services.intake.simulation.chance import Chance
from services.intake.simulation.truth import Truth
from shared.events.vocabulary import FileVerdict, Grade

ERRORS = frozenset({Grade.MINOR, Grade.SIGNIFICANT})
_OTHER_WEIGHT = {Grade.MINOR: Grade.SIGNIFICANT, Grade.SIGNIFICANT: Grade.MINOR}
_REMEDIES = {
    Remedy.NONE: 40,
    Remedy.GUIDANCE: 25,
    Remedy.TEMPLATE: 15,
    Remedy.TRAINING: 10,
    Remedy.CORRECT_DECISION: 5,
    Remedy.PROCESS: 5,
}
"""What is recommended after an error, relative to each other; assumed like all else."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody at one review.

    Attributes:
        key: What their choices follow from: seed, decision, round and login.
        habits: How they review.
        truth: What is really wrong; None where nobody knows, as in imported logs.
        settles: Whether it is asked only that on which two differ.
    """

    key: tuple[object, ...]
    habits: Habits
    truth: Truth | None
    settles: bool
    assumed: Reviewers

    def answers(self, questions: Iterable[Asked]) -> dict[str, Given]:
        """Answer what the events don't answer alone, both verdicts last."""
        asked = list(questions)
        found = {one.code: Grade(one.grade) for one in asked if one.by_itself and one.grade}
        open_ones = [one for one in asked if not one.by_itself and one.criterion is not None]
        found |= {one.code: self._sees(one) for one in open_ones}
        given = {one.code: self._given(one, found[one.code]) for one in open_ones}
        on_the_file = _verdict(asked, found)
        if self.settles and self.truth is not None:
            on_the_file = self.truth.verdict
        for one in asked:
            if one.code in VERDICTS:
                given[one.code] = self._given(one, self._on(one.code, on_the_file))
        return given

    def _sees(self, asked: Asked) -> Grade:
        """Give the answer as they see it, among those that may be given.

        What the events tell stands beside the question, and nobody overlooks it.
        """
        chance = Chance(*self.key, asked.code)
        true = true_grade(self.truth, asked)
        overlooks, imagines, reweighs = (
            chance.happens(rate)
            for rate in (self.habits.misses, self.habits.false_alarms, self.habits.reweighs)
        )
        seen = true
        if asked.told is not None and asked.told.grade is not None:
            return true
        if true not in ERRORS:
            seen = Grade.MINOR if imagines else true
        elif overlooks:
            seen = Grade.CORRECT
        elif reweighs:
            seen = _OTHER_WEIGHT[true]
        return seen if seen.value in asked.grades else true

    def _on(self, code: str, on_the_file: FileVerdict) -> FileVerdict:
        healed = Chance(*self.key, "healed").happens(self.assumed.healed_since)
        if code != ON_THE_FILE and on_the_file is FileVerdict.DISPUTABLE and healed:
            return FileVerdict.CORRECT
        return on_the_file

    def _given(self, asked: Asked, grade: Grade | FileVerdict) -> Given:
        chance = Chance(*self.key, asked.code, "text")
        if grade.value in GOOD:
            return Given(grade=grade.value, based_on=asked.version)
        texts = self.assumed.texts(asked.code, grade.value)
        text = chance.pick(dict.fromkeys(texts, 1.0))
        error = grade in ERRORS and asked.criterion is not None
        return Given(
            grade=grade.value,
            comment=text,
            effect=asked.effects[0] if error else None,
            remedy=chance.pick(_REMEDIES) if error else None,
            based_on=asked.version,
        )


def true_grade(truth: Truth | None, asked: Asked) -> Grade:
    """Give what a perfect reviewer answers, among the answers that may be given."""
    if asked.told is not None and asked.told.grade is not None:
        return asked.told.grade
    if truth is None:
        return Grade.CORRECT
    applies = asked.code in truth.findings or Grade.NOT_APPLICABLE not in asked.grades
    grade = Grade(truth.grade(asked.code)) if applies else Grade.NOT_APPLICABLE
    return grade if grade.value in asked.grades else Grade.CORRECT


def _verdict(asked: Iterable[Asked], found: Mapping[str, Grade]) -> FileVerdict:
    """Wrong by a significant error that can't be healed, disputable by a lesser legal one."""
    significant = {
        one.effects[0] for one in asked if found.get(one.code) is Grade.SIGNIFICANT and one.effects
    }
    if Consequence.NOT_HEALABLE in significant:
        return FileVerdict.WRONG
    if significant & {Consequence.HEALABLE, Consequence.DEADLINE_ONLY}:
        return FileVerdict.DISPUTABLE
    return FileVerdict.CORRECT
