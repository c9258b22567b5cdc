"""What can be wrong with a wish for figures."""

from collections.abc import Collection, Iterable

from shared.errors import PermanentError


class PeriodsReversed(PermanentError):
    """A range of periods that leads nowhere."""

    def __init__(self, word: str) -> None:
        super().__init__(
            f"{word} is no range of periods; write the first and the last one, both months, "
            "quarters or years: 2026-01..2026-06"
        )


class QuestionUnknown(PermanentError):
    """No review of the period was asked that."""

    def __init__(self, question: str, asked: Iterable[str]) -> None:
        super().__init__(
            f"no review asks the question {question}; what they were asked: {', '.join(asked)}"
        )


class FiguresUnreleased(PermanentError):
    """A period whose reviews aren't done, and of which nobody has released anything."""

    def __init__(self, period: str, answered: int, drawn: int) -> None:
        self.answered, self.drawn = answered, drawn
        super().__init__(
            f"{period}: {answered} of {drawn} drawn decisions are reviewed; figures are told once "
            f"all are, or when leadership says so: gleichfall reviews release {period}"
        )


class TooLittleNew(PermanentError):
    """A later edition of figures that would tell what a few decisions say."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"{period}: since figures were released, fewer than 7 decisions have another answer; "
            "a new edition would tell which. Release it when more have"
        )


class ToldOtherwise(PermanentError):
    """Figures of answers that were told with another meaning of errors."""

    def __init__(self, question: str, errors: Collection[str], confidence: str) -> None:
        super().__init__(
            f"figures of {question} are told with the errors {', '.join(errors)} and the "
            f"confidence {confidence}; both ways side by side would tell what was found in fewer "
            "than 7 decisions. Whoever may see each answer takes a file: gleichfall reviews export"
        )


class BreakdownTells(PermanentError):
    """A breakdown by what reviews found: its numbers of decisions would be findings."""

    def __init__(self) -> None:
        super().__init__(
            "beside the usual breakdowns, figures from the register are broken down by "
            "decision_type alone: by what reviews found, numbers of decisions would tell it. "
            "Whoever may see each answer takes a file: gleichfall reviews export"
        )


class DrawWithoutReviews(PermanentError):
    """A draw from a file, and reviews from the register."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "--draw goes with a file of reviews; without one, both come from the register"
        )
