"""Why nothing can be told of a message, or done with it."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from shared.errors import PermanentError
from shared.events.vocabulary import FailureReason


class CaseUnknown(PermanentError):
    """Nothing is kept of what a case was told."""

    def __init__(self, case_ref: str) -> None:
        super().__init__(
            f"nothing is known of a case {case_ref}: no event of it asked for a message, or the "
            "retention has ended; a case is named by its pseudonym, case- and 26 characters"
        )


class MessagesOverdue(PermanentError):
    """Messages have not ended though they should have."""

    def __init__(self, amount: int) -> None:
        super().__init__(
            f"{amount:,} messages should have ended: look whether notify is ready (/readyz) and at "
            "its log; they leave by themselves when what they wait for is back"
        )


class MessageNotFound(PermanentError):
    """Somebody names a message that was never asked for."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"there is no message {message}; 'gleichfall messages show CASE' names those of a case"
        )


class NeverLeft(PermanentError):
    """Somebody wants to read a message again that no provider took."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"no provider is known to have taken {message}, or it left before copies were kept; "
            "'gleichfall messages show CASE' says where it stands"
        )


class NothingLeft(PermanentError):
    """Somebody wants to read a message again whose content is gone on purpose."""

    def __init__(self, message: UUID, digest: str) -> None:
        super().__init__(
            f"of {message} only state, times and the hash {digest} are left: its retention has "
            "ended, or its recipient was erased"
        )


class WrittenOtherwise(PermanentError):
    """A message that left is written differently by now."""

    def __init__(self, message: UUID, renewed: Iterable[str]) -> None:
        since = ", ".join(renewed) or "its own code"
        super().__init__(
            f"{message} can't be shown as it left: this release writes other bytes than were "
            f"handed over; changed since: {since}. The release of that time still can"
        )


class Obstacle(StrEnum):
    """Why a message must not be sent once more."""

    MAY_ARRIVE = "may_arrive"
    UNTRUE = "untrue"
    TOO_LATE = "too_late"
    NOT_KEPT = "not_kept"
    WAY_CLOSED = "way_closed"


class CannotResend(PermanentError):
    """A message must not be sent once more.

    Attributes:
        obstacle: Why; pages have words for each.
        reason: Why its way is closed, if it is that.
    """

    def __init__(
        self, message: UUID, obstacle: Obstacle, why: str, reason: FailureReason | None = None
    ) -> None:
        super().__init__(f"{message} is not sent again: {why}. Nothing was done")
        self.obstacle = obstacle
        self.reason = reason


class CannotStop(PermanentError):
    """A message can't be stopped any more."""

    def __init__(self, message: UUID, state: str) -> None:
        advice = "; try again in a moment" if state == "sending" else ""
        super().__init__(f"{message} can't be stopped: it is {state}{advice}. Nothing was done")


class TaskNotFound(PermanentError):
    """Somebody closes a task that isn't there."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"there is no task about {message}; 'gleichfall messages tasks' lists those that wait"
        )
