"""Each event gets a receipt with its number, once, whoever sends it how often."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local import loopback
from shared.security.pseudonyms import PseudonymKind
from tests.integration.intake.door import (
    MORE,
    OURS,
    TRACE,
    Service,
    changed,
    decision,
    pseudonym,
    running,
    send,
    send_batch,
    send_binary,
    statuses,
)
from tests.integration.spine_helpers import gleichfall
from tests.runbooks import Follow, console

pytestmark = pytest.mark.stack

UNLISTED = re.compile(r"^gleichfall_intake_unlisted_keys (\d\S*)$", re.MULTILINE)
"""How many there are, once somebody has looked."""


async def test_an_event_gets_a_receipt_with_its_number(client: httpx.AsyncClient) -> None:
    event = decision()
    answer = await send(client, event)
    assert answer.status_code == 202
    assert answer.json() == {
        "receipts": [
            {"id": event["id"], "source": OURS, "sequence": 1, "status": "accepted"},
        ],
        "errors": [],
    }


async def test_the_events_of_a_case_are_numbered_in_the_order_sent(
    client: httpx.AsyncClient,
) -> None:
    one, two = pseudonym(PseudonymKind.CASE), pseudonym(PseudonymKind.CASE)
    answer = await send_batch(client, [decision(case) for case in (one, two, one, one, two)])
    assert statuses(answer) == [(n, "accepted") for n in (1, 1, 2, 3, 2)]
    numbered_by_its_sender = changed(decision(one), sequence="41")
    assert statuses(await send(client, numbered_by_its_sender)) == [(4, "accepted")]


async def test_an_event_sent_again_in_any_mode_is_a_duplicate_with_the_same_number(
    client: httpx.AsyncClient,
) -> None:
    case = pseudonym(PseudonymKind.CASE)
    await send(client, decision(case))
    event = decision(case)
    same = changed(
        event,
        time="2026-10-01T08:00:00Z",
        data=dict(reversed(event["data"].items())),
        traceparent=TRACE,
    )
    assert statuses(await send(client, event)) == [(2, "accepted")]
    assert statuses(await send_binary(client, event)) == [(2, "duplicate")]
    assert statuses(await send_batch(client, [same])) == [(2, "duplicate")]
    assert statuses(await send(client, decision(case))) == [(3, "accepted")]


async def test_an_event_twice_in_one_batch_is_accepted_once(client: httpx.AsyncClient) -> None:
    event = decision()
    answer = await send_batch(client, [event, event])
    assert statuses(answer) == [(1, "accepted"), (1, "duplicate")]


async def test_an_empty_batch_is_no_error(client: httpx.AsyncClient) -> None:
    answer = await send_batch(client, [])
    assert (answer.status_code, answer.json()) == (202, {"receipts": [], "errors": []})


async def test_an_id_used_again_for_something_else_is_a_conflict(
    client: httpx.AsyncClient,
) -> None:
    event = decision()
    await send(client, event)
    answer = await send(client, changed(event, data__direction="favourable"))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["id"], error["defect"]) == (event["id"], "id_reused")


async def test_one_id_with_two_meanings_in_one_batch_keeps_the_first(
    client: httpx.AsyncClient,
) -> None:
    event = decision()
    answer = await send_batch(client, [event, changed(event, data__unit="unit-2"), decision()])
    assert answer.status_code == 202
    assert statuses(answer) == [(1, "accepted"), (1, "accepted")]
    assert [error["index"] for error in answer.json()["errors"]] == [1]


async def test_binary_headers_are_percent_decoded(client: httpx.AsyncClient) -> None:
    event = decision()
    encoded = event["time"].replace(":", "%3A").replace("+", "%2B")
    assert statuses(await send_binary(client, changed(event, time=encoded))) == [(1, "accepted")]
    assert statuses(await send(client, event)) == [(1, "duplicate")]


async def test_eight_senders_of_the_same_batch_enter_each_event_once(
    client: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    cases = [pseudonym(PseudonymKind.CASE) for _ in range(20)]
    events = [decision(cases[n % 20]) for n in range(400)]
    answers = await asyncio.gather(*(send_batch(client, events) for _ in range(8)))
    seen = Counter(status for answer in answers for _, status in statuses(answer))
    assert seen == {"accepted": 400, "duplicate": 7 * 400}
    numbers = {tuple(n for n, _ in statuses(answer)) for answer in answers}
    assert len(numbers) == 1
    rows = await database.fetch(
        "SELECT subject, array_agg(sequence ORDER BY sequence) AS sequences FROM ledger "
        "WHERE subject = ANY($1) GROUP BY subject",
        cases,
    )
    assert [row["sequences"] for row in rows] == [list(range(1, 21))] * 20


async def test_senders_of_the_same_events_in_other_orders_never_block_each_other(
    client: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    cases = [pseudonym(PseudonymKind.CASE) for _ in range(50)]
    events = [decision(case) for case in cases]
    strangers = [
        changed(event, subject=case) for event, case in zip(events, reversed(cases), strict=True)
    ]
    batches = [events, events[::-1], strangers, strangers[::-1]] * 2
    answers = await asyncio.gather(*(send_batch(client, batch) for batch in batches))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert await database.fetchval(
        "SELECT count(*) FROM ledger WHERE subject = ANY($1)", cases
    ) == len(events)
    assert (
        await database.fetchval(
            "SELECT count(*) FROM stream_head WHERE subject = ANY($1) AND last_sequence <> "
            "(SELECT count(*) FROM ledger WHERE ledger.subject = stream_head.subject)",
            cases,
        )
        == 0
    )


async def test_a_key_that_is_listed_by_now_is_forgotten(
    intake: Service, environment: dict[str, str], database: asyncpg.Connection, tmp_path: Path
) -> None:
    rows = [("urn:x", "data.unit", "unit-1"), ("urn:x", "data.unit", "unit-x")]
    await database.executemany(
        "INSERT INTO unlisted_key (source, field, key) VALUES ($1, $2, $3)", rows
    )
    async with running(environment, intake.secrets, tmp_path / "second.log"):
        left = await database.fetch("SELECT key FROM unlisted_key WHERE source = 'urn:x'")
    assert [row["key"] for row in left] == ["unit-x"]


async def test_a_log_of_another_authority_brings_keys_that_are_noted_once(
    client: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    source = f"{MORE}log"
    foreign = [
        changed(decision(), source=source, data__unit="traffic-police", data__type_code="fine")
        for _ in range(2)
    ]
    for event in (*foreign, foreign[0]):
        (receipt,) = (await send(client, event)).json()["receipts"]
        assert receipt["warnings"] == [
            {"field": "data.type_code", "reason": "is no type of decision of the catalogue"},
            {"field": "data.unit", "reason": "is no unit of the organisation file"},
        ]
    noted = await database.fetch("SELECT field, key FROM unlisted_key WHERE source = $1", source)
    assert sorted(map(tuple, noted)) == [
        ("data.type_code", "fine"),
        ("data.unit", "traffic-police"),
    ]


async def test_operators_are_told_which_keys_no_list_has(
    intake: Service,
    environment: dict[str, str],
    database: asyncpg.Connection,
    follow: Follow,
    tmp_path: Path,
) -> None:
    logs = (tmp_path / f"{number}.log" for number in count())

    async def figures() -> Mapping[str, str]:
        return {"intake": await begun(environment, intake, next(logs))}

    runbook = await follow("KeysUnlisted", console(environment), figures, "nothing to do")
    await database.execute("DELETE FROM unlisted_key")
    code, told, _ = await gleichfall(environment, "unlisted")
    assert (code, told) == (0, "nothing to do: every key is in a list\n")

    row = ("urn:y", "data.unit", "traffic-police")
    await database.execute(
        "INSERT INTO unlisted_key (source, field, key) VALUES ($1, $2, $3)", *row
    )
    code, told, _ = await gleichfall(environment, "unlisted", "--json")
    [found] = json.loads(told)
    assert (found["source"], found["field"], found["key"]) == row
    assert "first_at" in found
    await runbook.look("traffic-police")
    await database.execute("DELETE FROM unlisted_key")
    await runbook.prove()


async def begun(environment: dict[str, str], intake: Service, log: Path) -> str:
    """What an intake tells that has just been started, once it has looked."""
    async with running(environment, intake.secrets, log) as service:
        while not UNLISTED.search(told := loopback.get(service.figures).text):
            await asyncio.sleep(0.1)
    return told
