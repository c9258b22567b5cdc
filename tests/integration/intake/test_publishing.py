"""What becomes of an accepted event: published, shown to its sender alone, counted."""

import asyncio
import json
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.infrastructure import Addresses
from tests.integration.intake.door import (
    MORE,
    OTHER_TOKEN,
    OURS,
    STRUCTURED,
    THEIRS,
    TRACE,
    Service,
    changed,
    decision,
    published,
    send,
    send_batch,
    statuses,
)
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack


async def test_an_accepted_event_is_shown_as_published_and_is_on_kafka(
    client: httpx.AsyncClient, stack: Addresses
) -> None:
    event = decision()
    await client.post(
        "/v1/events", json=event, headers={"content-type": STRUCTURED, "traceparent": TRACE}
    )
    shown = await published(client, event)
    assert (shown["sequence"], shown["subject"]) == (1, event["subject"])
    record = await record_of(stack, event["subject"])
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_id"] == event["id"]
    assert headers["ce_sequence"] == "1"
    assert headers["ce_traceparent"].split("-")[1] == TRACE.split("-")[1]
    assert json.loads(record.value)["decision_id"] == event["data"]["decision_id"]


async def record_of(stack: Addresses, subject: str) -> Any:
    async with (
        asyncio.timeout(PATIENCE),
        AIOKafkaConsumer(
            "case-events",
            bootstrap_servers=stack.kafka_bootstrap_servers,
            auto_offset_reset="earliest",
        ) as consumer,
    ):
        async for record in consumer:
            if record.key == subject.encode():
                return record
    raise AssertionError("the consumer ended")


async def test_a_source_system_sees_only_its_own_events(
    intake: Service, client: httpx.AsyncClient
) -> None:
    event = decision()
    await send(client, event)
    async with intake.client(OTHER_TOKEN) as other:
        for source in (OURS, THEIRS):
            answer = await other.get(f"/v1/events/{event['id']}", params={"source": source})
            assert answer.status_code == 404
    for hidden in ("unheard", "%00", "a%2Fb", "x" * 5_000):
        answer = await client.get(f"/v1/events/{hidden}", params={"source": OURS})
        assert answer.status_code == 404
    assert (await client.get(f"/v1/events/{event['id']}")).status_code == 422


async def test_office_events_are_numbered_per_office(client: httpx.AsyncClient) -> None:
    office = f"office-{uuid4().hex[:4]}"
    events = [
        changed(
            decision(),
            source=f"{MORE}log",
            type="gleichfall.call.received.v1",
            subject=office,
            data={"line": "a"},
        )
        for _ in range(2)
    ]
    assert statuses(await send_batch(client, events)) == [(1, "accepted"), (2, "accepted")]


async def test_the_counters_add_up(client: httpx.AsyncClient, intake: Service) -> None:
    event = decision()
    before = await counters(intake)
    conflict, unfit = changed(event, data__unit="unit-2"), changed(decision(), type="unknown")
    await send_batch(client, [event, event, conflict, unfit, decision()])
    after = await counters(intake)
    assert after - before == {
        "received": 5,
        "accepted": 2,
        "duplicate": 1,
        "conflicting": 1,
        "refused": 1,
    }


async def counters(intake: Service) -> Counter[str]:
    found: Counter[str] = Counter()
    async with intake.client(None) as stranger:
        told = await stranger.get(intake.figures)
    for line in told.text.splitlines():
        if line.startswith("gleichfall_intake_events_"):
            name, value = line.rsplit(" ", 1)
            found[name.removeprefix("gleichfall_intake_events_").split("_total")[0]] += int(
                float(value)
            )
    return found
