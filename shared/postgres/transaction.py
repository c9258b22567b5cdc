"""What a handler gets: an open transaction, and a way to say what follows from it."""

from collections.abc import Iterable

from shared.events.event import Event
from shared.postgres import outbox
from shared.postgres.pool import Connection


class Transaction:
    """One database transaction and the events that leave with it."""

    __slots__ = ("_events", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._events: list[Event] = []

    def publish(self, *events: Event) -> None:
        """Let events leave when, and only when, this transaction commits."""
        self._events.extend(events)

    def publish_all(self, events: Iterable[Event]) -> None:
        """Let many events leave with this transaction."""
        self._events.extend(events)

    async def flush(self) -> list[Event]:
        """Number the collected events and write them to the outbox."""
        numbered = await outbox.append(self.connection, self._events)
        self._events.clear()
        return numbered
