"""What can be wrong with a wish for figures."""

from collections.abc import Iterable

from shared.errors import PermanentError


class QuestionUnknown(PermanentError):
    """No review of the period was asked that."""

    def __init__(self, question: str, asked: Iterable[str]) -> None:
        super().__init__(
            f"no review asks the question {question}; what they were asked: {', '.join(asked)}"
        )
