import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.errors import PermanentError, TransientError
from shared.observe.health import Health, Missing, Stalled
from shared.observe.metrics import LOOP_FAILURES, Loop
from shared.service import loops
from shared.service.loops import LONGEST_PAUSE, Rounds, Work, every, growing, run_beside
from tests.patience import PATIENCE


async def endless() -> None:
    await asyncio.Event().wait()


async def over_at_once() -> None:
    pass


async def dies(error: BaseException) -> None:
    raise error


async def settle() -> None:
    """Let the loop end and its end be noticed."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_loop_that_runs_until_it_is_stopped_is_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health = Health()

    async with run_beside(health, Loop.RELAY, endless()):
        await settle()

    assert health.liveness.stalled() == []
    assert await health.readiness.missing() == []
    assert caplog.records == []


async def test_a_loop_that_dies_is_logged_with_its_cause_while_the_service_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ValueError("anna@example.org")

    async with run_beside(Health(), Loop.DELIVERY, dies(error)):
        await settle()
        (record,) = caplog.records

    assert record.levelno == logging.CRITICAL
    assert record.getMessage() == "the delivery loop has ended"
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_the_probes_name_a_loop_that_died_and_quote_no_unknown_error() -> None:
    health = Health()

    async with run_beside(health, Loop.RELAY, dies(ValueError("anna@example.org"))):
        await settle()

        assert health.liveness.stalled() == [Stalled(Loop.RELAY, "ended: ValueError")]
        assert await health.readiness.missing() == [Missing("relay loop", "ended: ValueError")]


async def test_the_probes_quote_an_error_that_was_written_for_readers() -> None:
    health = Health()

    async with run_beside(health, Loop.RELAY, dies(PermanentError("the disk is full"))):
        await settle()

        assert health.liveness.stalled() == [Stalled(Loop.RELAY, "ended: the disk is full")]


async def test_a_loop_that_just_ends_is_reported_too() -> None:
    health = Health()

    async with run_beside(health, Loop.GAUGES, over_at_once()):
        await settle()

        assert health.liveness.stalled() == [Stalled(Loop.GAUGES, "ended by itself")]


async def test_a_loop_that_can_be_asked_finishes_what_it_is_at() -> None:
    asked, finished = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await asked.wait()
        await asyncio.sleep(0.01)
        finished.set()

    async with run_beside(Health(), Loop.RELAY, work(), stop=asked.set):
        await settle()

    assert finished.is_set()


async def test_a_loop_that_does_not_listen_is_cancelled_and_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loops, "STOP_TIMEOUT", timedelta(milliseconds=10))

    async with run_beside(Health(), Loop.DELIVERY, endless(), stop=lambda: None):
        await settle()

    assert [record.getMessage() for record in caplog.records] == [
        "the delivery loop takes too long to stop; it is cancelled"
    ]


async def test_a_loop_that_fails_while_it_stops_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = asyncio.Event()

    async def work() -> None:
        await asked.wait()
        raise ValueError

    async with run_beside(Health(), Loop.RELAY, work(), stop=asked.set):
        await settle()

    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]


LOOP = Loop.TWIN_FINDER
NEVER = timedelta(hours=1)


class Day:
    """A loop's work: each round ends as the plan says, the last entry for ever."""

    def __init__(self, *plan: bool | Exception) -> None:
        self._plan = plan
        self.rounds = 0

    async def __call__(self) -> bool:
        outcome = self._plan[min(self.rounds, len(self._plan) - 1)]
        self.rounds += 1
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@asynccontextmanager
async def running(work: Work, health: Health, cadence: timedelta = NEVER) -> AsyncIterator[Rounds]:
    """Run a loop that, if it fails, tries again at once."""
    rounds = every(cadence, work, loop=LOOP, health=health, limit=NEVER)
    async with run_beside(health, LOOP, rounds.run(), stop=rounds.stop):
        yield rounds


async def until_round(day: Day, number: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while day.rounds < number:
            await asyncio.sleep(0)


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "growing", lambda _: timedelta(0))


async def test_rounds_follow_each_other_at_their_cadence() -> None:
    day = Day(False)

    async with running(day, Health(), timedelta(milliseconds=1)):
        await until_round(day, 5)


async def test_while_there_is_more_to_do_nobody_rests() -> None:
    day = Day(True, True, True, False)

    async with running(day, Health()):
        await until_round(day, 4)
        await settle()

    assert day.rounds == 4


async def test_a_stop_is_heard_while_it_rests() -> None:
    day = Day(False)

    async with asyncio.timeout(PATIENCE):
        async with running(day, Health()):
            await until_round(day, 1)

    assert day.rounds == 1


async def test_a_stop_lets_the_round_in_hand_finish() -> None:
    began, finished = asyncio.Event(), asyncio.Event()

    async def work() -> bool:
        began.set()
        await asyncio.sleep(0.01)
        finished.set()
        return True

    async with running(work, Health()):
        await began.wait()

    assert finished.is_set()


FAILURES: Sequence[tuple[Exception, str | None, int]] = [
    (OSError("gone"), None, 0),
    (TimeoutError(), None, 0),
    (TransientError("the mailbox is away"), "the mailbox is away", 0),
    (ValueError("anna@example.org"), "fails and is tried again: ValueError", 1),
    (PermanentError("no such plan"), "fails and is tried again: no such plan", 1),
]


@pytest.mark.parametrize(("error", "told", "counted"), FAILURES, ids=lambda one: str(one)[:20])
@pytest.mark.usefixtures("_at_once")
async def test_no_failure_ends_a_loop_and_each_is_told_as_it_is(
    error: Exception, told: str | None, counted: int, caplog: pytest.LogCaptureFixture
) -> None:
    health, day = Health(), Day(error, error, error, False)
    rounds = every(NEVER, day, loop=LOOP, health=health, limit=NEVER)
    before = LOOP_FAILURES.of(LOOP)._value.get()

    async with run_beside(health, LOOP, rounds.run(), stop=rounds.stop):
        await until_round(day, 3)
        during = await health.readiness.missing()
        await until_round(day, 4)
        await settle()
        after = await health.readiness.missing()

    assert [one.name for one in during] == (["twin finder loop"] if told else [])
    assert all(one.reason.startswith(told or "") and "anna" not in one.reason for one in during)
    assert after == []
    assert health.liveness.stalled() == []
    assert LOOP_FAILURES.of(LOOP)._value.get() == before + 3 * counted
    (record,) = caplog.records  # once, not at each try
    assert record.levelno == (logging.ERROR if counted else logging.WARNING)
    assert record.exc_info is not None
    assert record.exc_info[1] is error


@pytest.mark.usefixtures("_at_once")
async def test_another_failure_is_news(caplog: pytest.LogCaptureFixture) -> None:
    day = Day(OSError(), OSError(), ValueError(), OSError(), False)

    async with running(day, Health()):
        await until_round(day, 5)

    assert [record.levelno for record in caplog.records] == [
        logging.WARNING,
        logging.ERROR,
        logging.WARNING,
    ]


async def test_each_round_is_a_sign_of_life_also_one_that_failed() -> None:
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    day = Day(ValueError(), False)
    rounds = Rounds(LOOP, NEVER, day, beat=beat)
    task = asyncio.create_task(rounds.run())
    await until_round(day, 2)
    await settle()
    rounds.stop()
    await task

    assert beats == 2


async def test_what_the_rounds_worked_with_is_given_back_at_the_end() -> None:
    given_back = asyncio.Event()

    async def give_back() -> None:
        given_back.set()

    rounds = every(NEVER, Day(False), loop=LOOP, health=Health(), limit=NEVER, at_end=give_back)
    async with run_beside(Health(), LOOP, rounds.run(), stop=rounds.stop):
        await settle()
        assert not given_back.is_set()

    assert given_back.is_set()


def test_pauses_between_failures_grow_and_have_an_end() -> None:
    pauses = [max(growing(failures) for _ in range(50)) for failures in (1, 3, 5, 100)]

    assert pauses == sorted(pauses)
    assert pauses[-1] <= LONGEST_PAUSE
    assert min(growing(100) for _ in range(50)) >= LONGEST_PAUSE / 2
