"""Senders are asked to wait while Kafka or PostgreSQL takes nothing, or when they hurry."""

import asyncio
import os
import signal

import pytest

from tests.integration.intake.door import (
    OTHER_TOKEN,
    OURS,
    THEIRS,
    Line,
    Service,
    changed,
    decision,
    published,
    send,
    send_batch,
    statuses,
    until_ready,
)

pytestmark = [pytest.mark.stack, pytest.mark.chaos]


async def test_who_sends_too_fast_is_asked_to_wait(fragile: tuple[Service, Line]) -> None:
    service, _ = fragile
    async with service.client() as client, service.client(OTHER_TOKEN) as other:
        assert (await send_batch(client, [decision() for _ in range(1_000)])).status_code == 202
        refused = await send_batch(client, [decision() for _ in range(30)])
        assert refused.status_code == 429
        assert 25 <= int(refused.headers["retry-after"]) <= 30
        unhindered = await send(other, changed(decision(), source=THEIRS))
        assert unhindered.status_code in {202, 503}


async def test_senders_wait_while_kafka_takes_nothing(
    intake: Service, fragile: tuple[Service, Line]
) -> None:
    service, _ = fragile
    event = decision()
    os.kill(intake.process.pid, signal.SIGSTOP)  # it relays for both
    try:
        async with service.client() as client:
            await asyncio.sleep(1.1)
            batch = [event, *(decision() for _ in range(150))]
            assert (await send_batch(client, batch)).status_code == 202
            shown = await client.get(f"/v1/events/{event['id']}", params={"source": OURS})
            assert shown.json()["published"] is False
            await asyncio.sleep(1.1)
            waiting = await send(client, decision())
            assert waiting.status_code == 503
            assert int(waiting.headers["retry-after"]) > 0
    finally:
        os.kill(intake.process.pid, signal.SIGCONT)
    async with service.client() as client:
        await published(client, event)
        await asyncio.sleep(1.1)
        assert (await send(client, decision())).status_code == 202


async def test_without_postgresql_intake_is_alive_but_not_ready(
    fragile: tuple[Service, Line],
) -> None:
    service, line = fragile
    event = decision()
    async with service.client() as client:
        line.break_now()
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200
        refused = await send(client, event)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        line.cut = False
        await until_ready(service)
        assert statuses(await send(client, event)) == [(1, "accepted")]
