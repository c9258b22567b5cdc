"""Why nothing was done with a message, for whoever tried. Pure."""

from dataclasses import dataclass
from typing import Self

from services.notify.operation.errors import CannotResend, CannotStop, TaskNotFound
from services.notify.operation.written import Action
from shared.events.vocabulary import FailureReason


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal.

    Attributes:
        why: As the catalogues have it, behind `messages.refused.`.
        reason: Why nothing may go that way any more, if it is that.
    """

    why: str
    reason: FailureReason | None = None

    @classmethod
    def of(cls, error: CannotResend | CannotStop | TaskNotFound, act: Action) -> Self:
        """Tell why an act was refused."""
        if isinstance(error, CannotResend):
            return cls(error.obstacle.value, error.reason)
        return cls(f"not_{act}")
