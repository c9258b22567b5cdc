"""What is in Kafka no more: its sender brings it to its old place again, or it is given up."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from services.intake.fingerprint import fingerprint
from services.intake.receipts import Receipt, ReceiptStatus
from services.intake.screening import Candidate, Refusal
from services.intake.store import Ledger
from shared.events.catalogue.case import ApplicationWithdrawn
from shared.events.errors import Defect
from shared.events.event import Event
from shared.security.identity import SourceSystem
from tests.integration.spine_helpers import (
    Register,
    System,
    application,
    consuming,
    empty_topics,
    new_case,
    outbox_is_empty,
    until,
)
from tests.integration.test_restore import GROUPS, SAID, commit_ends, have_applied, reconciled

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(240)]

SENDER = SourceSystem("permits", ("*",), ("*",), others=True)


async def sent(system: System, *events: Event) -> tuple[Sequence[Receipt], Sequence[Refusal]]:
    """Let intake take events as its API does, once they are screened."""
    ledger = Ledger(system.intake.pool, "here")
    candidates = [Candidate(n, one, fingerprint(one)) for n, one in enumerate(events)]
    return await ledger.accept(candidates, SENDER)


async def lost(system: System, case: str, count: int) -> list[Event]:
    """Events that intake accepted, nobody has applied, and Kafka has lost."""
    await system.operator.execute("TRUNCATE intake.ledger, intake.outbox, intake.stream_head")
    for group in GROUPS:
        await system.operator.execute(
            f"TRUNCATE {group}.inbox, {group}.parked, {group}.dead_letter CASCADE"
        )
    events = [application(case)._replace(id=str(uuid4())) for _ in range(count)]
    receipts, _ = await sent(system, *events)
    assert [one.sequence for one in receipts] == [*range(1, count + 1)]
    await until(lambda: outbox_is_empty(system.intake))
    await empty_topics(system.intake.kafka)
    for group in GROUPS:
        await commit_ends(system, group)
    found = await reconciled(system, exit_code=1)
    assert len(found["missing"]) == count * len(GROUPS)
    return events


async def test_what_is_sent_again_goes_to_the_place_that_it_had(system: System) -> None:
    case = new_case()
    first, second = await lost(system, case, 2)
    [repeat], _ = await sent(system, second)
    assert repeat.status is ReceiptStatus.DUPLICATE  # nobody has asked for it yet
    assert await outbox_is_empty(system.intake)

    await system.call("reconcile", "ask-again", "--dry-run", *SAID)
    [repeat], _ = await sent(system, second)
    assert repeat.status is ReceiptStatus.DUPLICATE
    told = await system.call("reconcile", "ask-again", *SAID)
    assert told.splitlines() == [
        f"{case}\t{number}\t{one.source}\t{one.id}" for number, one in enumerate((first, second), 1)
    ]

    _, [refused] = await sent(system, second._replace(data=ApplicationWithdrawn()))
    assert refused.defect is Defect.ID_REUSED
    controlling, notify = Register(), Register()
    async with (
        consuming(system.controlling, controlling, "controlling"),
        consuming(system.notify, notify, "notify"),
    ):
        receipts, _ = await sent(system, second, first)
        assert [(one.sequence, one.status) for one in receipts] == [
            (2, ReceiptStatus.ACCEPTED),
            (1, ReceiptStatus.ACCEPTED),
        ]
        await have_applied([controlling, notify], case, [1, 2])
        assert (await reconciled(system))["holds"]
        [repeat], _ = await sent(system, first)
        assert repeat.status is ReceiptStatus.DUPLICATE
    assert await audited(system, "events_asked_for") == 1


async def test_what_nobody_has_is_given_up_and_its_case_goes_on(system: System) -> None:
    case = new_case()
    first, _ = await lost(system, case, 2)
    controlling, notify = Register(), Register()
    async with (
        consuming(system.controlling, controlling, "controlling"),
        consuming(system.notify, notify, "notify"),
    ):
        await sent(system, application(case)._replace(id=str(uuid4())))
        await system.call("reconcile", "ask-again", *SAID)
        await sent(system, first)
        await have_applied([controlling, notify], case, [1])

        told = await system.call("reconcile", "give-up", *SAID)
        assert told.startswith(f"{case}\t2\t")
        assert len(told.splitlines()) == 1
        await have_applied([controlling, notify], case, [1, 3])
        assert (await reconciled(system))["holds"]
        assert await system.call("reconcile", "give-up", *SAID) == ""
    assert await audited(system, "events_given_up") == 1


async def audited(system: System, act: str) -> int:
    query = "SELECT count(*) FROM controlling.audit WHERE act = $1"
    return int(await system.operator.fetchval(query, act))
