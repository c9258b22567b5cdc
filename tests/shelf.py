"""Held items without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.held_items.store import Standing, State
from shared.observe.metrics import Loop

SINCE = datetime(2026, 5, 4, 8, tzinfo=UTC)


class Shelf:
    """The held items of one loop, in memory."""

    def __init__(self, **states: State) -> None:
        self.states = dict(states)
        self.reasons: dict[str, str] = {}

    async def standing(self, _: Loop) -> list[Standing]:
        return [
            Standing(item, state, SINCE)
            for item, state in self.states.items()
            if state is not State.DONE
        ]

    async def hold(self, _: Loop, item: str, reason: str) -> None:
        self.states[item] = State.HELD
        self.reasons[item] = reason

    async def done(self, _: Loop, items: Sequence[str]) -> None:
        self.states |= dict.fromkeys(items, State.DONE)
