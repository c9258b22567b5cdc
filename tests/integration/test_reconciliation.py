"""`gleichfall reconcile` accounts for every accepted event, or says which it can't account for."""

import json
import time
from datetime import UTC, datetime
from functools import partial
from math import isnan
from typing import Any

import pytest
from aiokafka import TopicPartition

from deploy.summary.store import QUERIES as SUMMARY
from services.controlling.gauges.loop import tell_reconciled
from shared.events.catalogue.case import ApplicationReceived
from shared.kafka.topics import declared_topics
from shared.observe.gauges import RECONCILE_DIFFERENCES, RECONCILED_AT
from tests.figures import read_by
from tests.integration.spine_helpers import (
    TOPIC,
    Register,
    System,
    begin_behind,
    consuming,
    new_case,
    parked_are,
    until,
)
from tests.integration.test_restore import BALANCES
from tests.runbooks import Follow, console

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
async def _nothing_of_earlier_tests(system: System) -> None:
    """Forget what other tests accepted, and let both groups begin behind it."""
    await system.operator.execute("TRUNCATE intake.ledger, intake.outbox")
    for group in ("controlling", "notify"):
        await system.operator.execute(
            f"TRUNCATE {group}.inbox, {group}.parked, {group}.dead_letter CASCADE"
        )
    partitions = [TopicPartition(TOPIC, n) for n in range(declared_topics()[TOPIC].partitions)]
    for group in ("controlling", "notify"):
        await begin_behind(system.intake.kafka, group, partitions)


async def reconciled(system: System, exit_code: int = 0) -> dict[str, Any]:
    told = await system.call("reconcile", "--json", "--wait", "5", exit_code=exit_code)
    found: dict[str, Any] = json.loads(told)
    return found


async def test_every_accepted_event_is_accounted_for_in_each_consumer(system: System) -> None:
    broken, whole = new_case(), new_case()
    async with (
        consuming(system.controlling, Register(), "controlling"),
        consuming(system.notify, register := Register(), "notify"),
    ):
        await system.publish(whole, 3)
        await system.publish(broken, 5, spoil=[2])
        await until(lambda: parked_are(system.controlling, broken, [3, 4, 5]))
        await until(lambda: parked_are(system.notify, broken, [3, 4, 5]))
        found = await reconciled(system)
        assert found["holds"]
        waiting = {"applied": 4, "parked": 3, "dead_letter": 1, "missing": 0}
        for service in ("controlling", "notify"):
            assert found["services"][service].items() >= (waiting | {"accepted": 8}).items()

        letter = (await system.letters(broken))["notify"]
        settled = ("--by", "ops-7", "--reason", "a test")
        await system.call("dead-letters", "discard", str(letter), *settled)
        await until(lambda: register.sequences(broken) == [1, 3, 4, 5])
    found = await reconciled(system)
    assert found["services"]["notify"].items() >= {"applied": 7, "discarded": 1}.items()
    left_out = await system.operator.fetch(SUMMARY["discarded"])
    received = ApplicationReceived.event_type
    assert {*map(tuple, left_out)} == {("controlling", received, 1), ("notify", received, 1)}


async def test_a_consumer_that_is_behind_loses_nothing(system: System) -> None:
    case = new_case()
    await system.publish(case, 2)
    found = await reconciled(system)
    assert found["services"]["controlling"]["under_way"] == 2
    assert found["holds"]


async def test_what_nothing_accounts_for_is_named_and_the_exit_code_says_so(
    system: System, follow: Follow
) -> None:
    case = new_case()
    looks = read_by(controlling=[partial(tell_reconciled, system.controlling.pool)])
    runbook = await follow("ReconcileDiffers", console(system.environment), looks, BALANCES)
    async with (
        consuming(system.controlling, Register(), "controlling"),
        consuming(system.notify, Register(), "notify"),
    ):
        await system.publish(case, 4, spoil=[2])
        await until(lambda: parked_are(system.controlling, case, [3, 4]))
        await until(lambda: parked_are(system.notify, case, [3, 4]))
        await system.operator.execute(
            "DELETE FROM controlling.parked WHERE subject = $1 AND sequence = 4", case
        )
        found = await reconciled(system, exit_code=1)
        await runbook.look(f"controlling: event 4 of {case} is missing")
        told = await system.call("reconcile", "resend", "--by", "ops-7", "--reason", "a test")
        assert told == "1 events sent again\n"
        await runbook.prove()
    assert found["missing"] == [
        {"service": "controlling", "topic": TOPIC, "case": case, "sequence": 4}
    ]


async def test_that_nobody_has_compared_the_books_for_weeks_is_told_until_somebody_does(
    system: System, follow: Follow
) -> None:
    looks = read_by(controlling=[partial(tell_reconciled, system.controlling.pool)])
    runbook = await follow("ReconcileOld", console(system.environment), looks)
    await system.operator.execute("DELETE FROM controlling.reconciliation")
    await system.operator.execute("UPDATE controlling.migration SET applied_at = '2026-01-15'")
    await tell_reconciled(system.controlling.pool)
    assert RECONCILED_AT._value.get() == datetime(2026, 1, 15, tzinfo=UTC).timestamp()
    assert isnan(RECONCILE_DIFFERENCES._value.get())
    await runbook.look()

    await runbook.do(BALANCES)

    await runbook.prove()
    await tell_reconciled(system.controlling.pool)
    assert time.time() - RECONCILED_AT._value.get() < 60


async def test_more_applied_than_accepted_is_named_too(system: System) -> None:
    case = new_case()
    await system.operator.execute(
        "INSERT INTO notify.inbox (topic, subject, last_sequence) VALUES ('case-events', $1, 3)",
        case,
    )
    found = await reconciled(system, exit_code=1)
    assert found["surplus"] == [
        {"service": "notify", "topic": TOPIC, "case": case, "applied": 3, "accepted": 0}
    ]
