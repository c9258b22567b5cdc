"""What keeps intake from taking a request now, or for ever."""

from shared.configuration.shown_address import shown_address
from shared.errors import PermanentError, TransientError


class LedgerContended(TransientError):
    """Other requests kept entering the same events while we tried."""

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"other requests entered the same events during {attempts} attempts; "
            "send the batch again, and from one sender at a time"
        )


class OutboxFull(TransientError):
    """More events wait for Kafka than the operator allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} events wait for Kafka; is the broker up? INTAKE_OUTBOX_LIMIT sets the limit"
        )


class NotifyAway(TransientError):
    """Notify didn't take contacts; nothing of them is kept here."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"notify at {shown_address(where)} did not take contacts ({reason}); is it running?"
        )


class HandoverRefused(PermanentError):
    """Notify refuses what we hand over: we and it don't fit together."""

    def __init__(self, where: str, status: int) -> None:
        super().__init__(
            f"notify at {shown_address(where)} refused contacts with status {status}; do both "
            "services have the same version, handover_token and pair of sealing keys?"
        )


class KeysWouldChange(PermanentError):
    """An import would know the events of its log by something else than before, and double them."""

    def __init__(self, source: str, keys: str, before: str | None) -> None:
        known = "no import made them" if before is None else f"they are known by: {before}"
        super().__init__(
            f"events of {source} were sent before, and {known}. This mapping knows them "
            f"by: {keys}. Every one would be sent a second time. Give the mapping "
            "the keys of before (case, 'key', 'volatile', time zone), or another 'source' if it is "
            "another log"
        )
