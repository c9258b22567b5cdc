"""What can go wrong when messages leave."""

from collections.abc import Collection, Mapping
from uuid import UUID

from shared.errors import PermanentError, TransientError


class OutcomesUnrecorded(TransientError):
    """What became of messages can't be written down; nothing more is sent until it can."""

    def __init__(self, outcomes: int) -> None:
        super().__init__(
            f"what became of {outcomes:,} messages can't be written down: the database is away or "
            "slow, or another session holds a lock; nothing more is sent until it can"
        )


class MessagesUnreadable(PermanentError):
    """Rows of due messages can't be read; `errors` says why, by message."""

    def __init__(self, errors: Mapping[UUID, Exception]) -> None:
        super().__init__(f"{len(errors):,} due messages can't be read from the database")
        self.errors = errors


class OutcomesRefused(PermanentError):
    """The database will never take what became of messages."""

    def __init__(self, states: Collection[str], reason: str) -> None:
        super().__init__(
            f"what became of it ({', '.join(sorted(states))}) can't be written down: {reason}"
        )


class WeightsInvalid(PermanentError):
    """Two providers can't share messages by these weights."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"two providers share messages by weights from 0 to 100, not both resting at 0; {what}"
        )
