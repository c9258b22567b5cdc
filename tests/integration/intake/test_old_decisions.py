"""A decision of long ago says why it is told now, or comes from where logs come from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.events.vocabulary import LateReason
from tests.integration.intake.door import (
    OURS,
    PROMPT,
    changed,
    decision,
    send,
    send_batch,
    statuses,
)

pytestmark = pytest.mark.stack

LIMIT = timedelta(days=90)


def taken(ago: timedelta, source: str = PROMPT, **changes: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - ago).isoformat()
    return changed(decision(), source=source, time=at, **changes)


async def test_an_old_decision_without_a_reason_is_refused_and_the_field_named(
    client: httpx.AsyncClient,
) -> None:
    answer = await send(client, taken(LIMIT + timedelta(hours=1)))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["defect"], error["fields"][0]["field"]) == ("data_invalid", "data.late_reason")
    assert "backlog" in error["fields"][0]["reason"]


@pytest.mark.parametrize("reason", LateReason)
async def test_with_a_reason_it_is_taken(client: httpx.AsyncClient, reason: LateReason) -> None:
    told = taken(LIMIT * 5, data__late_reason=reason.value)
    assert statuses(await send(client, told)) == [(1, "accepted")]


async def test_another_reason_is_none(client: httpx.AsyncClient) -> None:
    answer = await send(client, taken(LIMIT * 5, data__late_reason="forgotten"))
    assert answer.json()["errors"][0]["fields"][0]["field"] == "data.late_reason"


async def test_a_younger_one_needs_none_and_in_a_batch_each_stands_for_itself(
    client: httpx.AsyncClient,
) -> None:
    young, old = taken(LIMIT - timedelta(hours=1)), taken(LIMIT * 2)
    answer = await send_batch(client, [old, young])
    assert statuses(answer) == [(1, "accepted")]
    assert [error["index"] for error in answer.json()["errors"]] == [0]


async def test_a_source_that_brings_history_needs_none(client: httpx.AsyncClient) -> None:
    assert statuses(await send(client, taken(LIMIT * 9, source=OURS))) == [(1, "accepted")]
