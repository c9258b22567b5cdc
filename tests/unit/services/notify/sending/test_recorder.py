"""An outcome that can't be written down holds its message, and no error ends the recorder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.notify.lanes import Lane
from services.notify.message import Attempt
from services.notify.sending import recorder as recording
from services.notify.sending.outcomes import Outcome
from services.notify.sending.recorder import Recorder, Result
from services.notify.states import State
from shared.errors import TransientError
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.held_items.store import State as Held
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.patience import PATIENCE
from tests.shelf import Shelf

ACCEPTED = Outcome(State.ACCEPTED, handed_over=True)


class Book(Recorder):
    """A recorder whose database is a list, and refuses messages as the test wants."""

    def __init__(self, holding: Holding) -> None:
        super().__init__(cast("Pool", None), holding, committed=lambda: None)
        self.written: list[UUID] = []
        self.faults: dict[UUID, Exception] = {}
        self.away: list[Exception] = []

    async def _write(self, results: Sequence[Result]) -> set[UUID]:
        if self.away:
            raise self.away.pop()
        for attempt, _ in results:
            if attempt.id in self.faults:
                raise self.faults[attempt.id]
        ids = [attempt.id for attempt, _ in results if attempt.id not in self.written]
        self.written += ids
        return set(ids)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PAUSE", timedelta(milliseconds=1))


@asynccontextmanager
async def recorded(book: Book, attempts: Sequence[Attempt]) -> AsyncIterator[None]:
    """Let it record what became of attempts until the block ends."""
    for attempt in attempts:
        await book.put(attempt, ACCEPTED)
    running = asyncio.create_task(book.run())
    yield
    await book.end()
    async with asyncio.timeout(PATIENCE):
        await running


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


def attempt() -> Attempt:
    return Attempt(
        id=uuid4(),
        name="application_received",
        case_ref="case-" + "a" * 26,
        contact_ref=None,
        channel=Channel.EMAIL,
        language="de",
        cause_id=None,
        traceparent=None,
        number=1,
        lane=Lane.BULK,
        planned_at=datetime.now(UTC),
        expires_at=None,
    )


@pytest.mark.parametrize(
    "error",
    [asyncpg.CheckViolationError("anna@example.org"), ValueError("anna@example.org")],
    ids=lambda error: type(error).__name__,
)
async def test_only_the_message_at_fault_is_held_and_what_comes_later_is_recorded(
    error: Exception,
) -> None:
    shelf, attempts = Shelf(), [attempt() for _ in range(7)]
    book = Book(Holding(shelf, Loop.DELIVERY))
    at_fault = attempts[3].id
    book.faults[at_fault] = error

    async with recorded(book, attempts):
        await until(lambda: len(book.written) == 6)
        late = attempt()
        await book.put(late, ACCEPTED)

    assert set(book.written) == {one.id for one in (*attempts, late)} - {at_fault}
    assert shelf.states == {str(at_fault): Held.HELD}
    reason = shelf.reasons[str(at_fault)]
    assert reason.startswith("what became of it (accepted) can't be written down: ")
    assert "anna" not in reason


@pytest.mark.parametrize(
    "error",
    [TransientError("away"), ConnectionRefusedError(), asyncpg.DeadlockDetectedError("")],
    ids=lambda error: type(error).__name__,
)
async def test_while_the_database_is_away_nothing_is_held_and_nothing_lost(
    error: Exception,
) -> None:
    shelf, attempts = Shelf(), [attempt() for _ in range(3)]
    book = Book(Holding(shelf, Loop.DELIVERY))
    book.away = [error, error]

    async with recorded(book, attempts):
        pass

    assert book.written == [one.id for one in attempts]
    assert shelf.states == {}


async def test_where_too_many_are_held_it_tries_until_some_are_settled() -> None:
    shelf, attempts = Shelf(a=Held.HELD), [attempt(), attempt()]
    holding = Holding(shelf, Loop.DELIVERY, most=1)
    await holding.look()
    book = Book(holding)
    book.faults[attempts[0].id] = ValueError()
    book.away = [ValueError()]

    async with recorded(book, attempts):
        await asyncio.sleep(0.05)
        assert str(attempts[0].id) not in shelf.states
        book.faults.clear()
        await until(lambda: len(book.written) == 2)

    assert shelf.states == {"a": Held.HELD}


async def test_a_message_that_was_let_go_is_done_when_its_outcome_is_recorded() -> None:
    one = attempt()
    shelf = Shelf(**{str(one.id): Held.RETRYING})
    holding = Holding(shelf, Loop.DELIVERY)
    await holding.look()

    async with recorded(Book(holding), [one]):
        pass

    assert shelf.states == {str(one.id): Held.DONE}
