"""What the reviews of a period say at one moment, and whether that may be told. Pure."""

from collections.abc import Mapping, Sequence

from services.controlling.figures.reviews import DECISION, NOT_ASKED, ON_THE_FILE, SECOND, SETTLED
from services.controlling.figures.sample import Sample
from services.controlling.statistics.suppression import MINIMUM

Line = tuple[str, ...]
"""The cells of a row, or the header."""


class Found:
    """What the reviews of a period say at this moment.

    Attributes:
        lines: In the form of a file.
        answers: By drawn decision.
        complete: Whether all that was drawn is reviewed by all who are to review it.
    """

    def __init__(self, lines: Sequence[Line], sample: Sample) -> None:
        self.lines = lines
        self.answers = _answers(lines, sample)
        self.complete = (
            bool(sample.drawn)
            and len(self.answers) == len(sample.drawn)
            and not any(_unsettled(one) for one in self.answers.values())
        )

    def is_new_beside(self, last: Sequence[Line], sample: Sample) -> bool:
        """Whether so many decisions have another answer that a figure may tell of them."""
        before = _answers(last, sample)
        decisions = self.answers.keys() | before.keys()
        other = sum(self.answers.get(one) != before.get(one) for one in decisions)
        return other >= MINIMUM


def _answers(lines: Sequence[Line], sample: Sample) -> dict[str, dict[str, str]]:
    columns, *rows = lines
    at = columns.index(DECISION)
    return {
        row[at]: {
            name: said
            for name, said in zip(columns, row, strict=True)
            if said not in {"", NOT_ASKED}
        }
        for row in rows
        if row[at] in sample.drawn
    }


def _unsettled(answers: Mapping[str, str]) -> bool:
    """Whether two reviewers differ without a third one's word."""
    second = answers.get(SECOND)
    return second is not None and second != answers[ON_THE_FILE] and SETTLED not in answers
