"""What can be wrong with a wish for figures."""

from collections.abc import Iterable

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
