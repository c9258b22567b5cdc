"""What must be done though nothing comes: ends whose time is over, ways that follow, weights."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.notify.announcing import SOURCE, publish_ends, step
from services.notify.follow_up import store
from services.notify.follow_up.escalation import Following, Missed, Standing, Step, next_step
from services.notify.messages.catalogue import Messages
from services.notify.planning.plan import way_of
from services.notify.recipients.preferences import Wishes, route
from services.notify.recipients.store import wishes as wishes_of
from services.notify.states import State
from shared.events.catalogue.notification import NotificationPlanned
from shared.events.event import new_event
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.observe.metrics import MESSAGES, TASKS, MessageState
from shared.postgres.pool import Connection, Pool
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)

BATCH = 1_000
IDLE = timedelta(milliseconds=500)
REBALANCED_EVERY = timedelta(seconds=10)
REPLANNED_EVERY = timedelta(minutes=1)

Rebalance = Callable[[Connection], Awaitable[object]]


class Upkeep:
    """Looks again and again; several processes share the work, and each row is taken once."""

    def __init__(
        self,
        pool: Pool,
        messages: Messages,
        carried: frozenset[Channel],
        rebalance: Sequence[Rebalance],
        holding: Holding,
        *,
        committed: Callable[[], None],
    ) -> None:
        """Wire it.

        Args:
            pool: Connections to the database as the service's role.
            messages: Which ways a message may take.
            carried: The channels that somebody carries.
            rebalance: Moves weight between providers of a channel.
            holding: Sets messages aside that can't be ended or followed.
            committed: Called after each commit, to wake the relay.
        """
        self._pool = pool
        self._messages = messages
        self._carried = carried
        self._rebalance = rebalance
        self._holding = holding
        self._committed = committed
        self._rebalanced_at = datetime.min.replace(tzinfo=UTC)
        self._replanned_at = float("-inf")

    async def look(self) -> bool:
        """Do all of it once; tells whether there is more to do at once."""
        passed_over = list(map(UUID, await self._holding.look()))
        async with self._pool.acquire() as connection:
            over = [
                *await store.useless(connection, passed_over, BATCH),
                *await store.silent(connection, passed_over, BATCH),
            ]
        await self._holding.each(over, self._end)
        async with self._pool.acquire() as connection:
            missed = await store.missed(connection, passed_over, BATCH)
        await self._holding.each(missed, self._follow)
        if datetime.now(UTC) - self._rebalanced_at > REBALANCED_EVERY:
            await self._balance()
        replanning = await self._replan()
        return len(over) >= BATCH or len(missed) == BATCH or replanning

    async def _replan(self) -> bool:
        """Find messages that were planned while the clock was ahead; whether there may be more."""
        # By a clock that nobody sets: the other one is what was wrong.
        if time.monotonic() - self._replanned_at < REPLANNED_EVERY.total_seconds():
            return False
        async with self._pool.acquire() as connection:
            found, moved = await store.replan(connection, BATCH)
        if moved:
            logger.warning("messages were planned while the clock was ahead; moved: %d", moved)
        if found == BATCH:
            return True
        self._replanned_at = time.monotonic()
        return False

    async def _end(self, messages: Sequence[UUID]) -> None:
        """End messages whose time is over."""
        async with self._pool.acquire() as connection, connection.transaction():
            transaction = Transaction(connection)
            ended = [
                *await store.end_useless(connection, messages),
                *await store.expire_silent(connection, messages),
            ]
            publish_ends(transaction, ended)
            await transaction.flush()
        transaction.tell()
        self._committed()

    async def _follow(self, messages: Sequence[UUID]) -> None:
        """Decide what follows from messages that ended without delivery."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            transaction = Transaction(connection)
            missed = await store.take_missed(connection, messages)
            refs = list({one.contact_ref for one in missed if one.contact_ref})
            wishes = await wishes_of(connection, refs, self._carried) if refs else {}
            steps = [
                (one, self._step(one, wishes.get(one.contact_ref or ""), now)) for one in missed
            ]
            following = [
                Following(way_of(one.thread, step), one, step)
                for one, step in steps
                if not isinstance(step, Step)
            ]
            entered = await store.follow(connection, following)
            _announce(transaction, [one for one in following if one.id in entered], now)
            asked = [one for one, step in steps if step is Step.TASK]
            opened = await store.open_tasks(connection, asked)
            await transaction.flush()
        transaction.tell()
        TASKS.inc(opened)
        self._committed()

    def _step(self, one: Missed, wishes: Wishes | None, now: datetime) -> Step | Channel:
        kind = self._messages.by_name.get(one.name)
        offered = kind.description.channels if kind else ()
        ways = route(offered, [one.language], wishes).channels
        standing = Standing(one.channel, one.state, ways, one.tried, one.expires_at)
        return Step.DONE if one.needs_nothing else next_step(standing, now)

    async def _balance(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            for rebalance in self._rebalance:
                await rebalance(connection)
        self._rebalanced_at = datetime.now(UTC)


def _announce(transaction: Transaction, following: Sequence[Following], now: datetime) -> None:
    for one in following:
        MESSAGES.of(MessageState.PLANNED, one.channel).inc()
        transaction.reach([step(one.missed, one.id, State.PLANNED)])
        transaction.publish(
            new_event(
                SOURCE,
                one.missed.case_ref,
                NotificationPlanned(
                    message_id=str(one.id),
                    message=one.missed.name,
                    channel=one.channel,
                    language=one.missed.language,
                    cause=one.missed.cause,
                ),
                time=now,
                traceparent=one.missed.traceparent,
            )
        )
