import asyncio
import logging
from datetime import timedelta

import pytest

from shared.errors import PermanentError
from shared.observe.health import Health, Missing, Stalled
from shared.observe.metrics import Loop
from shared.service import loops
from shared.service.loops import run_beside


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

    async with run_beside(health, Loop.OUTBOX_WATCH, over_at_once()):
        await settle()

        assert health.liveness.stalled() == [Stalled(Loop.OUTBOX_WATCH, "ended by itself")]


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
