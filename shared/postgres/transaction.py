"""What a handler gets: an open transaction, and a way to say what follows from it."""

import time
from collections.abc import Iterable

from shared.events.event import Event
from shared.observe import way
from shared.observe.way import Step
from shared.postgres import outbox
from shared.postgres.pool import Connection


class Transaction:
    """One database transaction, the events that leave with it, and how far it brings others."""

    __slots__ = ("_began", "_events", "_steps", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._events: list[Event] = []
        self._steps: list[Step] = []
        self._began = time.time_ns()

    def publish(self, *events: Event) -> None:
        """Let events leave when, and only when, this transaction commits."""
        self._events.extend(events)

    def publish_all(self, events: Iterable[Event]) -> None:
        """Let many events leave with this transaction."""
        self._events.extend(events)

    def reach(self, steps: Iterable[Step]) -> None:
        """Note where events come to when this transaction commits; `tell` says it then."""
        self._steps.extend(steps)

    def tell(self) -> None:
        """Say in log and traces where events have come to. Whoever has committed calls it."""
        way.tell(self._steps, self._began)
        self._steps.clear()

    async def flush(self) -> list[Event]:
        """Number the collected events and write them to the outbox."""
        numbered = await outbox.append(self.connection, self._events)
        self._events.clear()
        return numbered
