"""What comes of the answers: what is missing, where two differ, and what counts in the end."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from services.controlling.reviews.errors import AnswersMissing
from shared.events.vocabulary import FileVerdict, Grade

ON_THE_FILE = "on_the_file"
"""The verdict on the file as it was when the decision was made."""
ON_THE_FACTS = "on_the_facts"
"""The verdict on the facts as they are now."""
VERDICTS = (ON_THE_FILE, ON_THE_FACTS)

_WEIGHT = {Grade.NOT_APPLICABLE: 0, Grade.CORRECT: 0, Grade.MINOR: 1, Grade.SIGNIFICANT: 2}
_TO_COMMENT = frozenset({Grade.MINOR, Grade.SIGNIFICANT, *FileVerdict} - {FileVerdict.CORRECT})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a question: a grade, or a verdict.

    `detail` says of an error what it does, and until when it can be healed.
    """

    grade: str
    comment: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


Answers = Mapping[str, Answer]
"""By question; what isn't answered is left out."""


def check_complete(answers: Answers, wanted: Collection[str]) -> None:
    """Make sure that a review can be signed.

    Raises:
        AnswersMissing: a question or verdict that is wanted lacks an answer, or an error a comment.
    """
    unanswered = tuple(one for one in wanted if one not in answers)
    uncommented = tuple(
        one
        for one in wanted
        if one in answers and answers[one].grade in _TO_COMMENT and not answers[one].comment.strip()
    )
    if unanswered or uncommented:
        raise AnswersMissing(unanswered, uncommented)


def differences(first: Answers, second: Answers) -> Iterator[str]:
    """Name the questions that two reviewers answered so differently that a third settles them.

    A verdict that isn't the same; an error that only one of them found, or gave another weight. An
    answer that only one of them gave is a difference: missing is not agreement.
    """
    for question in sorted(first.keys() | second.keys()):
        one, other = first.get(question), second.get(question)
        if one is None or other is None or _meaning(one) != _meaning(other):
            yield question


def final(first: Answers, second: Answers | None, third: Answers | None) -> Answers | None:
    """Give the answers that count; None while somebody's are still to come.

    Where two agree that nothing is wrong, but one of them found that the question didn't apply, it
    applied.

    Args:
        first: Of the first reviewer, signed.
        second: Of the second one, signed; None if there is only one.
        third: Of who settled where they differ; only these questions were theirs.
    """
    if second is None:
        return first
    open_questions = set(differences(first, second))
    settled = third or {}
    if not open_questions <= settled.keys():
        return None
    return {
        question: settled[question]
        if question in open_questions
        else max(first[question], second[question], key=_applies)
        for question in sorted(first.keys() | second.keys())
    }


def _meaning(answer: Answer) -> object:
    """Give what an answer says about the decision."""
    return _WEIGHT[Grade(answer.grade)] if answer.grade in set(Grade) else answer.grade


def _applies(answer: Answer) -> bool:
    return answer.grade != Grade.NOT_APPLICABLE
