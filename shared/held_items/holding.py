"""Lets a loop set aside the item at fault and go on with the others.

What fails for a reason that passes is nobody's fault: the whole round is tried again. Any other
error holds the item that it happened with: it is written down, in a transaction of its own, and
passed over from then on, also after a restart, until an operator lets the loop try it again.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from shared.errors import PermanentError
from shared.held_items.store import HeldItems, Standing, State
from shared.observe.health import Health
from shared.observe.metrics import HELD_ITEMS, Loop
from shared.observe.reasons import reason_of
from shared.postgres.errors import is_transient
from shared.postgres.pool import Pool

logger = logging.getLogger(__name__)

MOST = 100
"""More than these, and it isn't the items: the loop itself is ill, and says so."""

Item = TypeVar("Item")


class ItemsHeld(PermanentError):
    """A loop passes over items until somebody settles them."""

    def __init__(self, loop: Loop, amount: int, since: datetime) -> None:
        items = "1 item" if amount == 1 else f"{amount} items"
        super().__init__(
            f"{items} of the {loop} {'is' if amount == 1 else 'are'} held since {since:%F %T} UTC; "
            "'gleichfall held list' shows which and why"
        )


class TooManyItemsHeld(PermanentError):
    """A loop fails on one item after the other: holding more of them would help nobody."""

    def __init__(self, loop: Loop, amount: int, reason: str) -> None:
        super().__init__(
            f"{amount} items of the {loop} are held and the next one fails, too ({reason}); mend "
            "the cause, then 'gleichfall held retry'"
        )


class Shelf(Protocol):
    """Where held items are written down."""

    async def standing(self, loop: Loop) -> list[Standing]:
        """Give what is passed over, and what is to be tried again."""

    async def hold(self, loop: Loop, item: str, reason: str) -> None:
        """Set an item aside."""

    async def done(self, loop: Loop, items: Sequence[str]) -> None:
        """Note of items that were tried again that they went through."""


class Holding:
    """What one loop holds: it looks at the beginning of each round what to pass over."""

    def __init__(self, shelf: Shelf, loop: Loop, most: int = MOST) -> None:
        """Wire it.

        Args:
            shelf: Where held items are written down.
            loop: Whose they are.
            most: How many may be held at once.
        """
        self._shelf = shelf
        self.loop = loop
        self._most = most
        self._held: dict[str, datetime] = {}
        self._refused: TooManyItemsHeld | None = None
        self.again: frozenset[str] = frozenset()
        """Items that an operator lets the loop try again."""
        self.dismissed: frozenset[str] = frozenset()
        """Items that an operator gave up."""
        HELD_ITEMS.of(loop).set(0)

    async def look(self) -> frozenset[str]:
        """Give the items to pass over in this round."""
        standing = await self._shelf.standing(self.loop)
        self._held = {one.item: one.since for one in standing if one.state is State.HELD}
        self.again = frozenset(one.item for one in standing if one.state is State.RETRYING)
        self.dismissed = frozenset(one.item for one in standing if one.state is State.DISMISSED)
        if len(self._held) < self._most:
            self._refused = None
        HELD_ITEMS.of(self.loop).set(len(self._held))
        return frozenset(one.item for one in standing) - self.again

    async def check(self) -> None:
        """Be ready unless items are held.

        Raises:
            ItemsHeld: some are.
            TooManyItemsHeld: so many that another one that failed isn't.
        """
        if self._refused is not None:
            raise self._refused.with_traceback(None)
        if self._held:
            raise ItemsHeld(self.loop, len(self._held), min(self._held.values()))

    @asynccontextmanager
    async def item(self, key: str) -> AsyncIterator[None]:
        """Work on one item: an error that doesn't pass holds it, and goes no further.

        The block must leave nothing half done when it fails: it has its own transaction.

        Raises:
            TransientError and its kin: nothing is wrong with the item.
            TooManyItemsHeld: nothing is wrong with the items.
        """
        try:
            yield
        except Exception as error:
            if is_transient(error):
                raise
            await self.hold(key, error)
        else:
            await self.done([key])

    async def each(
        self,
        items: Sequence[Item],
        work: Callable[[Sequence[Item]], Awaitable[object]],
        key: Callable[[Item], str] = str,
    ) -> None:
        """Work on a batch at once; if it fails on halves, until the items at fault are alone.

        `work` must leave nothing half done when it fails, and do nothing twice.

        Raises:
            TransientError and its kin: nothing is wrong with the items.
            TooManyItemsHeld: nothing is wrong with the items.
        """
        if len(items) == 1:
            async with self.item(key(items[0])):
                await work(items)
        elif items and await _passes(work, items):
            await self.done(map(key, items))
        elif items:
            middle = len(items) // 2
            await self.each(items[:middle], work, key)
            await self.each(items[middle:], work, key)

    async def hold(self, key: str, error: Exception) -> None:
        """Set one item aside that failed by an error that doesn't pass.

        Raises:
            TooManyItemsHeld: nothing is wrong with the items.
        """
        reason = reason_of(error)
        if len(self._held) >= self._most and key not in self._held:
            self._refused = TooManyItemsHeld(self.loop, len(self._held), reason)
            raise self._refused from error
        await self._shelf.hold(self.loop, key, reason)
        self._held.setdefault(key, datetime.now(UTC))
        HELD_ITEMS.of(self.loop).set(len(self._held))
        logger.error(
            "the %s loop holds an item and goes on without it",
            self.loop,
            exc_info=error,
            extra={"item": key},
        )

    async def done(self, keys: Iterable[str]) -> None:
        """Note of those that an operator let go that they went through."""
        if self.again and (done := sorted(self.again.intersection(keys))):
            await self._shelf.done(self.loop, done)


def hold_items(pool: Pool, loop: Loop, health: Health) -> Holding:
    """Give a loop what it holds its items with; readiness tells of them."""
    holding = Holding(HeldItems(pool), loop)
    health.readiness.require(f"held items of the {loop}", holding.check)
    return holding


async def _passes(
    work: Callable[[Sequence[Item]], Awaitable[object]], items: Sequence[Item]
) -> bool:
    """Work on a batch; tells whether nothing is wrong with any of its items."""
    try:
        await work(items)
    except Exception as error:
        if is_transient(error):
            raise
        return False
    return True
