import asyncio
from datetime import timedelta

import pytest

from shared.errors import TransientError
from shared.observe.gauges import NEED_MISSING
from shared.observe.health import Health, Liveness, Missing, Readiness, Stalled
from shared.observe.metrics import LOOP_LAST_PROGRESS, Loop, NeedName

LIMIT = timedelta(seconds=30)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_loop_that_beats_is_alive(clock: Clock) -> None:
    liveness = Liveness(clock)
    consumer = liveness.watch(Loop.CONSUMER, LIMIT)

    for _ in range(10):
        clock.forward(LIMIT)
        assert liveness.stalled() == []
        consumer.beat()


def test_a_loop_that_stopped_is_named_while_the_other_beats(clock: Clock) -> None:
    liveness = Liveness(clock)
    liveness.watch(Loop.CONSUMER, LIMIT)
    relay = liveness.watch(Loop.RELAY, LIMIT)

    clock.forward(LIMIT + timedelta(seconds=1))
    relay.beat()

    assert liveness.stalled() == [Stalled(Loop.CONSUMER, "no progress for 31 s, the limit is 30 s")]


def test_a_loop_that_never_began_is_not_alive_for_ever(clock: Clock) -> None:
    liveness = Liveness(clock)
    liveness.watch(Loop.CONSUMER, LIMIT)

    assert liveness.stalled() == []
    clock.forward(LIMIT * 2)
    assert [one.loop for one in liveness.stalled()] == [Loop.CONSUMER]


def test_a_loop_that_recovered_is_alive_again(clock: Clock) -> None:
    liveness = Liveness(clock)
    consumer = liveness.watch(Loop.CONSUMER, LIMIT)
    clock.forward(LIMIT * 2)

    consumer.beat()

    assert liveness.stalled() == []


def test_a_loop_that_ended_is_named_once_and_at_once(clock: Clock) -> None:
    liveness = Liveness(clock)
    liveness.watch(Loop.RELAY, LIMIT)

    liveness.end(Loop.RELAY, "ended: ValueError")
    clock.forward(LIMIT * 2)

    assert liveness.stalled() == [Stalled(Loop.RELAY, "ended: ValueError")]


async def test_a_service_that_lost_a_loop_is_neither_alive_nor_ready() -> None:
    health = Health()

    health.loop_ended(Loop.DELIVERY, ValueError("anna@example.org"))

    assert health.liveness.stalled() == [Stalled(Loop.DELIVERY, "ended: ValueError")]
    assert await health.readiness.missing() == [Missing("delivery loop", "ended: ValueError")]


def test_progress_is_a_metric() -> None:
    Liveness().watch(Loop.DELIVERY, LIMIT).beat()

    assert LOOP_LAST_PROGRESS.of(Loop.DELIVERY)._value.get() > 1_700_000_000


async def well() -> None:
    pass


async def away() -> None:
    raise TransientError("the broker at kafka:9092 doesn't answer")


async def broken() -> None:
    raise RuntimeError("password=hunter2")


async def endless() -> None:
    await asyncio.Event().wait()


async def test_a_service_with_nothing_missing_is_ready() -> None:
    readiness = Readiness()
    readiness.require("database", well)

    assert await readiness.missing() == []


async def test_what_is_missing_is_named_with_its_reason() -> None:
    readiness = Readiness()
    readiness.require("database", well)
    readiness.require("broker", away)
    readiness.require("mail", endless, timedelta(milliseconds=10))

    assert await readiness.missing() == [
        Missing("broker", "the broker at kafka:9092 doesn't answer"),
        Missing("mail", "no answer within 0.01 s"),
    ]


async def test_an_error_that_nobody_wrote_for_readers_is_not_quoted() -> None:
    readiness = Readiness()
    readiness.require("database", broken)

    (missing,) = await readiness.missing()
    assert missing.reason.startswith("RuntimeError at shared/observe/health.py:")


async def test_slow_checks_do_not_add_up() -> None:
    """Each ends only when all of them have begun."""
    readiness, begun = Readiness(), asyncio.Barrier(20)

    async def slow() -> None:
        await begun.wait()

    for number in range(20):
        readiness.require(f"need {number}", slow, timedelta(minutes=10))

    assert await readiness.missing() == []


async def test_requests_need_less_than_all_the_work() -> None:
    health = Health()
    health.readiness.require("database", well, for_requests=True)
    health.readiness.require("mail", away)
    health.loop_ended(Loop.DELIVERY, ValueError())

    assert [need.name for need in await health.readiness.missing()] == ["delivery loop", "mail"]
    assert await health.readiness.missing_for_requests() == []

    health.readiness.require("database", broken, for_requests=True)
    assert [need.name for need in await health.readiness.missing_for_requests()] == ["database"]


async def test_prometheus_is_told_what_is_missing_and_when_it_is_back() -> None:
    readiness, away = Readiness(), True

    async def check() -> None:
        if away:
            raise TransientError("away")

    readiness.require("printer", check)
    told = NEED_MISSING.of(NeedName("printer"))
    assert told._value.get() == 0
    await readiness.tell()
    assert told._value.get() == 1
    away = False
    await readiness.tell()
    assert told._value.get() == 0
    readiness.lose("relay loop", "ended by itself")
    await readiness.tell()
    assert NEED_MISSING.of(NeedName("relay loop"))._value.get() == 1
