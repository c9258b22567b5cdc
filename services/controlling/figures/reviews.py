"""The results of reviews as a table: a row per decision, a column per question.

It comes from the register, or as a file that a spreadsheet can write; its form is told in
`docs/guide/statistics.md`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from services.controlling.statistics.errors import TableInvalid
from services.controlling.statistics.tables import Row, Table

DECISION = "decision"
STRATUM = "stratum"
DECISION_TYPE = "decision_type"
ON_THE_FILE = "on_the_file"
ON_THE_FACTS = "on_the_facts"
SECOND = "second"
SETTLED = "settled"
PUT_RIGHT = "put_right"
VERDICTS = frozenset({ON_THE_FILE, ON_THE_FACTS, SECOND, SETTLED})
"""Each decision has one: that it doesn't apply is no verdict."""
NOT_ASKED = "not_asked"
"""In place of an answer: when the decision was reviewed, nobody asked this yet."""


class Answer(StrEnum):
    """What a review may answer: verdicts on the whole decision, grades of one criterion."""

    CORRECT = "correct"
    DISPUTABLE = "disputable"
    WRONG_LEGAL_GROUND = "wrong_legal_ground"
    WRONG = "wrong"
    MINOR = "minor_error"
    SIGNIFICANT = "significant_error"
    NOT_APPLICABLE = "not_applicable"


ERRORS = frozenset({Answer.WRONG, Answer.SIGNIFICANT})
"""What counts as an error unless something else is asked for; the others are counted beside."""


_OF_VERDICTS = frozenset(
    {
        Answer.CORRECT,
        Answer.DISPUTABLE,
        Answer.WRONG_LEGAL_GROUND,
        Answer.WRONG,
    }
)
_OF_CRITERIA = frozenset(Answer) - _OF_VERDICTS | {Answer.CORRECT}


def possible(question: str) -> frozenset[Answer]:
    """Give the answers that there are to a question."""
    return _OF_VERDICTS if question in VERDICTS else _OF_CRITERIA


@dataclass(frozen=True, slots=True)
class Review:
    """What was found out about one decision.

    Attributes:
        decision: Its id.
        answers: By question; a question that wasn't asked of this decision is left out.
        put_right: Whether the authority or a court had put it right before the review was done.
        row: Where it stands, for what is wrong with it.
    """

    decision: str
    answers: Mapping[str, Answer]
    put_right: bool
    row: Row

    def answer(self, question: str) -> Answer | None:
        """Give the answer to a question; None where it doesn't apply or wasn't asked."""
        answer = self.answers.get(question)
        return None if answer is Answer.NOT_APPLICABLE else answer

    @property
    def settled(self) -> Answer | None:
        """The verdict that two reviewers came to, or None when there is none (yet)."""
        second = self.answer(SECOND)
        if second is None:
            return None
        return second if second is self.answer(ON_THE_FILE) else self.answer(SETTLED)


def read_reviews(file: Path, question: str, *, always: bool) -> list[Review]:
    """Read the results of reviews from a file, as `reviews_in` does.

    Raises:
        TableInvalid: names line and column of what is wrong.
    """
    return reviews_in(Table.read(file), question, always=always)


def reviews_in(table: Table, question: str, *, always: bool = False) -> list[Review]:
    """Read the results of reviews.

    Args:
        table: A row per decision.
        question: The column that is asked about; every row must answer it, or say `not_asked`.
        always: Whether the question applies to every decision; a verdict does.

    Raises:
        TableInvalid: names line and column of what is wrong.
    """
    table.require(DECISION, question)
    asked = ({question} | VERDICTS) & set(table.columns)
    reviews: dict[str, Review] = {}
    for row in table.rows:
        review = _review(row, asked, VERDICTS | {question} if always else VERDICTS)
        if not row.cells[question]:
            raise row.wrong(question, "is empty; where nobody asked it, write not_asked")
        if review.decision in reviews:
            raise row.wrong(DECISION, f"{review.decision} stands in two rows")
        reviews[review.decision] = review
    return list(reviews.values())


def _review(row: Row, asked: set[str], always: Collection[str]) -> Review:
    return Review(
        row.text(DECISION),
        {
            name: _answer(row, name, always=name in always)
            for name in asked
            if row.cells[name] not in {"", NOT_ASKED}
        },
        _yes(row, PUT_RIGHT) if row.cells.get(PUT_RIGHT) else False,
        row,
    )


def _answer(row: Row, column: str, *, always: bool) -> Answer:
    try:
        answer = Answer(row.cells[column])
    except ValueError:
        raise row.wrong(column, f"must be one of {', '.join(Answer)}") from None
    if answer is Answer.NOT_APPLICABLE and always:
        raise row.wrong(
            column,
            "not_applicable is no answer here: the question applies to every decision; "
            "what nobody has answered is left out of the table and counted as missing",
        )
    return answer


def _yes(row: Row, column: str) -> bool:
    if row.cells[column] not in {"yes", "no"}:
        raise row.wrong(column, "must be yes or no")
    return row.cells[column] == "yes"


def value_of(review: Review, column: str) -> str:
    """Give what stands in a column of a review's row."""
    if column not in review.row.cells:
        raise TableInvalid(review.row.file, 1, f"the header lacks the column {column}")
    return review.row.cells[column] or "(empty)"
