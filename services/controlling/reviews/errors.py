"""What a review refuses."""

from datetime import date

from shared.errors import PermanentError


class ReviewRefused(PermanentError):
    """Something can't be done with a review; nothing has changed."""


class ReviewUnknown(ReviewRefused):
    """There is no such review, or it isn't this person's: which of the two isn't told."""

    def __init__(self) -> None:
        super().__init__("there is no such review among yours; go back to your list")


class ActUnfit(ReviewRefused):
    """The review isn't in a state in which this can be done."""

    def __init__(self, act: str, state: str) -> None:
        super().__init__(f"{act} can't be done with a review that is {state}; look at it again")


class ReviewerUnfit(ReviewRefused):
    """Somebody can't be given reviews now."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no review can be given to this account: {why}")


class NothingWaits(ReviewRefused):
    """No review waits that this person may do."""

    def __init__(self) -> None:
        super().__init__("no review waits that you may do")


class ReasonMissing(ReviewRefused):
    """What needs a reason was asked for without one."""

    def __init__(self) -> None:
        super().__init__("give a reason")


class HoldUnfit(ReviewRefused):
    """A review can't rest until that day."""

    def __init__(self, last: date) -> None:
        super().__init__(f"name a day from today until {last} on which the review goes on")


class AnswerStale(ReviewRefused):
    """Another answer was saved meanwhile, in another window.

    Attributes:
        version: The version that stands now.
    """

    def __init__(self, question: str, version: int) -> None:
        super().__init__(f"{question} was answered meanwhile in another window; choose one of both")
        self.version = version


class AnswersMissing(ReviewRefused):
    """A review isn't complete.

    Attributes:
        unanswered: Questions without an answer.
        uncommented: Errors without a comment.
    """

    def __init__(self, unanswered: tuple[str, ...], uncommented: tuple[str, ...]) -> None:
        super().__init__(
            f"{len(unanswered)} questions are unanswered, {len(uncommented)} errors need a comment"
        )
        self.unanswered = unanswered
        self.uncommented = uncommented


class BothSigned(ReviewRefused):
    """Two have signed: each may see what the other answered, so neither goes back to their own."""

    def __init__(self) -> None:
        super().__init__(
            "two have reviewed the decision and signed; neither review can be reopened"
        )
