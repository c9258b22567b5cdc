"""After a restore one part is older than another: reconcile says which, and both ways lead out."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.intake import store
from services.intake.fingerprint import fingerprint
from shared.events.catalogue.office import LawChanged
from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event, new_event
from shared.events.registry import Topic
from shared.kafka.burying import bury
from shared.kafka.records import Poison, Record
from shared.kafka.topics import declared_topics
from shared.postgres import outbox
from shared.postgres.backlogs import tell_backlogs, tell_books
from tests.figures import Figures, read_by
from tests.integration.controlling_helpers import decided
from tests.integration.spine_helpers import (
    ENTER,
    TOPIC,
    Register,
    Spine,
    System,
    application,
    begin_behind,
    consuming,
    dead_letters,
    message,
    new_case,
    outbox_is_empty,
    send,
    until,
)
from tests.runbooks import Follow, console

pytestmark = [pytest.mark.stack, pytest.mark.chaos]

BALANCES = r"controlling\W+case-events"
"""What `gleichfall reconcile` prints in any case; what it finds is told by how it leaves."""
SAID = ("--by", "ops-7", "--reason", "restored from Friday")
GROUPS = ("controlling", "notify")


def partitions(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, n) for n in range(declared_topics()[Topic(topic)].partitions)]


@pytest.fixture(autouse=True)
async def _nothing_of_earlier_tests(system: System) -> None:
    """Forget what other tests accepted, and let both groups begin behind it."""
    await system.operator.execute("TRUNCATE intake.ledger, intake.outbox, intake.stream_head")
    for group in GROUPS:
        await system.operator.execute(
            f"TRUNCATE {group}.inbox, {group}.parked, {group}.dead_letter CASCADE"
        )
        await commit_ends(system, group)


async def commit_ends(system: System, group: str, beyond: int = 0) -> None:
    every = [*partitions(TOPIC), *partitions(Topic.OFFICE_EVENTS.value)]
    await begin_behind(system.intake.kafka, group, every, beyond)


async def reconciled(system: System, exit_code: int = 0) -> dict[str, Any]:
    told = await system.call("reconcile", "--json", "--wait", "5", exit_code=exit_code)
    found: dict[str, Any] = json.loads(told)
    return found


def figures_of(system: System) -> Figures:
    """What all three tell that read their gauges now."""
    topics = [Topic.CASE_EVENTS]
    pools = {"controlling": system.controlling.pool, "notify": system.notify.pool}
    return read_by(
        intake=[partial(tell_books, system.intake.pool, numbers=topics)],
        **{
            name: [partial(tell_backlogs, pool), partial(tell_books, pool, reaches=topics)]
            for name, pool in pools.items()
        },
    )


@asynccontextmanager
async def both_consuming(system: System) -> AsyncIterator[tuple[Register, Register]]:
    """Let controlling and notify apply what comes; gives what each of them has applied."""
    controlling, notify = Register(), Register()
    async with (
        consuming(system.controlling, controlling, "controlling"),
        consuming(system.notify, notify, "notify"),
    ):
        yield controlling, notify


async def applied_everywhere(system: System, case: str, count: int) -> list[Event]:
    """Publish events of a case and let both consumers apply and commit them."""
    async with both_consuming(system) as registers:
        events = await system.publish(case, count)
        await have_applied(registers, case, [*range(1, count + 1)])
    for group in GROUPS:
        await commit_ends(system, group)
    return events


async def have_applied(registers: Sequence[Register], case: str, sequences: list[int]) -> None:
    await until(lambda: all(one.sequences(case) == sequences for one in registers))


async def intake_is_older(system: System, case: str, reached: int) -> None:
    await system.operator.execute(
        "DELETE FROM intake.ledger WHERE subject = $1 AND sequence > $2", case, reached
    )
    await system.operator.execute(
        "UPDATE intake.stream_head SET last_sequence = $2 WHERE subject = $1", case, reached
    )


async def consumer_is_older(spine: Spine, case: str, reached: int) -> None:
    await spine.pool.execute(
        "UPDATE inbox SET last_sequence = $2 WHERE subject = $1", case, reached
    )
    await spine.pool.execute("DELETE FROM effect WHERE subject = $1", case)


async def in_kafka(system: System, case: str) -> Sequence[ConsumerRecord]:
    every = partitions(TOPIC)
    async with AIOKafkaConsumer(bootstrap_servers=system.intake.kafka) as reader:
        reader.assign(every)
        await reader.seek_to_beginning(*every)
        found = []
        while polled := await reader.getmany(timeout_ms=1_500):
            found += [one for records in polled.values() for one in records]
    return [one for one in found if one.key == case.encode()]


async def given_up(spine: Spine, case: str) -> bool:
    return bool(await dead_letters(spine, case))


async def ledger(system: System, case: str) -> list[tuple[Any, ...]]:
    rows = await system.operator.fetch(
        "SELECT source, id, type, sequence, fingerprint, outbox_id FROM intake.ledger "
        "WHERE subject = $1 ORDER BY sequence",
        case,
    )
    return [tuple(row) for row in rows]


async def head(system: System, subject: str) -> int:
    return int(
        await system.operator.fetchval(
            "SELECT last_sequence FROM intake.stream_head WHERE subject = $1", subject
        )
    )


def unknown(case: str, numbered: int, highest: int, events: int, rivals: int = 0) -> dict[str, Any]:
    return {
        "topic": TOPIC,
        "case": case,
        "numbered": numbered,
        "highest": highest,
        "events": events,
        "rivals": rivals,
    }


async def test_with_all_databases_older_than_kafka_nothing_stays_lost(
    system: System, follow: Follow
) -> None:
    case = new_case()
    events = await applied_everywhere(system, case, 3)
    await intake_is_older(system, case, 1)
    for spine in (system.controlling, system.notify):
        await consumer_is_older(spine, case, 1)

    found = await reconciled(system, exit_code=1)
    assert found["unknown"] == [unknown(case, 1, 3, 2)]
    assert (found["missing"], found["surplus"]) == ([], [])

    await system.call("reconcile", "adopt", "--dry-run", *SAID)
    assert await head(system, case) == 1
    assert await system.call("reconcile", "adopt", *SAID) == "2 events of 1 cases adopted\n"
    assert (await ledger(system, case))[1:] == [
        (one.source, one.id, one.type.name, one.sequence, fingerprint(one), 0) for one in events[1:]
    ]
    assert await system.call("reconcile", "adopt", *SAID) == "0 events of 0 cases adopted\n"

    found = await reconciled(system, exit_code=1)
    assert found["unknown"] == []
    assert {(one["service"], one["case"], one["sequence"]) for one in found["missing"]} == {
        (group, case, sequence) for group in GROUPS for sequence in (2, 3)
    }
    missed = await follow(
        "EventsUnaccounted", console(system.environment), figures_of(system), BALANCES
    )
    await missed.look(f"notify: event 3 of {case} is missing")
    assert await system.call("reconcile", "resend", *SAID) == "2 events sent again\n"
    async with both_consuming(system) as (controlling, notify):
        await have_applied([controlling, notify], case, [2, 3])
        await missed.prove()
        [new] = await system.publish(case, 1)
        assert new.sequence == 4
        await have_applied([controlling, notify], case, [2, 3, 4])
        assert (await reconciled(system))["holds"]


async def test_with_intake_alone_older_new_events_get_numbers_that_nobody_has_applied(
    system: System, follow: Follow
) -> None:
    case = new_case()
    runbook = await follow(
        "EventsUnknown", console(system.environment), figures_of(system), BALANCES
    )
    await applied_everywhere(system, case, 3)
    await intake_is_older(system, case, 0)
    await system.operator.execute("DELETE FROM intake.stream_head WHERE subject = $1", case)
    await runbook.look(f"{case} is numbered up to 0, Kafka holds 3 unknown")
    await runbook.do("3 events of 1 cases adopted")
    await runbook.prove()
    register = Register()
    async with consuming(system.notify, register, "notify"):
        await system.publish(case, 1)
        await until(lambda: register.sequences(case) == [4])


async def test_what_one_consumer_misses_is_sent_again_byte_for_byte(system: System) -> None:
    case = new_case()
    await applied_everywhere(system, case, 3)
    await consumer_is_older(system.notify, case, 1)
    before = await in_kafka(system, case)

    assert await system.call("reconcile", "resend", "--dry-run", *SAID) == (
        "2 events would be sent again\n"
    )
    assert await system.call("reconcile", "resend", *SAID) == "2 events sent again\n"
    assert await system.call("reconcile", "resend", "--wait", "0", *SAID) == "0 events sent again\n"
    # The row with which each leaves again: while it waits there, it isn't sent a third time.
    assert [outbox_id > 0 for *_, outbox_id in await ledger(system, case)] == [False, True, True]
    await until(lambda: outbox_is_empty(system.intake))
    again = (await in_kafka(system, case))[3:]
    assert [(one.key, one.headers, one.value) for one in again] == [
        (one.key, one.headers, one.value) for one in before[1:]
    ]

    async with both_consuming(system) as (controlling, notify):
        await until(lambda: notify.sequences(case) == [2, 3])
        assert (await reconciled(system))["holds"]
    assert controlling.sequences(case) == []
    assert await system.call("reconcile", "resend", *SAID) == "0 events sent again\n"


async def test_what_is_in_kafka_no_more_is_told_and_not_invented(system: System) -> None:
    case = new_case()
    await system.operator.execute(
        ENTER.replace("ledger", "intake.ledger"),
        *("urn:gleichfall:test", case, application(case).type.name, case, 1),
    )
    found = await reconciled(system, exit_code=1)
    assert [one["service"] for one in found["missing"]] == list(GROUPS)
    assert await system.call("reconcile", "resend", *SAID, exit_code=1) == "0 events sent again\n"


async def test_numbers_given_twice_are_named_and_left_until_their_source_sends_again(
    system: System,
) -> None:
    case = new_case()
    events = await applied_everywhere(system, case, 3)
    await intake_is_older(system, case, 1)
    for spine in (system.controlling, system.notify):
        await consumer_is_older(spine, case, 1)
    async with both_consuming(system) as (_, notify):
        await system.publish(case, 2)
        found = await reconciled(system, exit_code=1)
        assert found["unknown"] == [unknown(case, 3, 3, 2, rivals=2)]
        before = await ledger(system, case)
        told = await system.call("reconcile", "adopt", *SAID, exit_code=1)
        assert told.startswith("0 events of 0 cases adopted\n")
        assert "2 with numbers that others have got since" in told
        assert await ledger(system, case) == before

        await sent_again(system, events[1:])
        await until(lambda: notify.sequences(case) == [2, 3, 4, 5])
        assert (await reconciled(system))["holds"]


async def sent_again(system: System, events: Sequence[Event]) -> None:
    """Let a sender repeat events that the ledger has forgotten."""
    async with system.intake.pool.acquire() as connection, connection.transaction():
        again = await outbox.append(connection, [one._replace(sequence=0) for one in events])
        rows = [(one.source, one.id, one.type.name, one.subject, one.sequence) for one in again]
        await connection.executemany(ENTER, rows)


async def renumbered(system: System, applied: str, events: int) -> None:
    """Let one event of each number have another; repeated, it finds none."""
    arguments = ("reconcile", "renumber", "--applied", applied)
    told = f"{events} events of 1 cases would be renumbered\n"
    assert await system.call(*arguments, "--dry-run", *SAID) == told
    assert await system.call(*arguments, *SAID) == f"{events} events of 1 cases renumbered\n"
    assert await system.call(*arguments, *SAID) == "0 events of 0 cases renumbered\n"
    [(act, detail)] = await system.operator.fetch(
        "SELECT act, detail FROM controlling.audit ORDER BY number DESC LIMIT 1"
    )
    assert act == "events_renumbered"
    assert json.loads(detail)["events"] == events


async def test_of_numbers_given_twice_the_earlier_events_leave_again_where_the_later_are_applied(
    system: System,
) -> None:
    case = new_case()
    earlier = await applied_everywhere(system, case, 4)
    await intake_is_older(system, case, 1)
    for spine in (system.controlling, system.notify):
        await consumer_is_older(spine, case, 1)
    async with both_consuming(system) as (controlling, notify):
        later = await system.publish(case, 2)
        await have_applied([controlling, notify], case, [2, 3])
        await renumbered(system, "later", 2)
        # What was behind the numbers given twice has its own, and is in Kafka.
        assert await system.call("reconcile", "resend", *SAID) == "1 events sent again\n"
        await have_applied([controlling, notify], case, [2, 3, 4, 5, 6])
        in_order = [*later, earlier[3], earlier[1], earlier[2]]
        assert [one.id for one in notify.applied] == [one.id for one in in_order]
        assert (await reconciled(system))["holds"]
    assert [(id_, number) for _, id_, _, number, *_ in await ledger(system, case)][1:] == [
        (one.id, number) for number, one in enumerate(in_order, 2)
    ]


async def test_of_numbers_given_twice_the_later_events_leave_again_where_the_earlier_are_applied(
    system: System,
) -> None:
    case = new_case()
    earlier = await applied_everywhere(system, case, 3)
    await intake_is_older(system, case, 1)
    async with both_consuming(system) as (controlling, notify):
        later = await system.publish(case, 2)
        await until(lambda: outbox_is_empty(system.intake))
        assert (await reconciled(system, exit_code=1))["unknown"] == [
            unknown(case, 3, 3, 2, rivals=2)
        ]
        await renumbered(system, "earlier", 2)
        await have_applied([controlling, notify], case, [4, 5])
        assert [one.id for one in notify.applied] == [one.id for one in later]
        assert (await reconciled(system))["holds"]
        [new] = await system.publish(case, 1)
        assert new.sequence == 6
    assert [(id_, number) for _, id_, _, number, *_ in await ledger(system, case)][:5] == [
        (one.id, number) for number, one in enumerate([*earlier, *later], 1)
    ]


async def test_a_case_in_which_a_sender_repeated_an_event_stays_for_a_person(
    system: System,
) -> None:
    case = new_case()
    earlier = await applied_everywhere(system, case, 3)
    await intake_is_older(system, case, 1)
    # Its second number was another's before: consumers have applied it under its first.
    await sent_again(system, [earlier[2]])
    await system.publish(case, 1)
    await until(lambda: outbox_is_empty(system.intake))
    assert (await reconciled(system, exit_code=1))["unknown"] == [unknown(case, 3, 2, 1, rivals=1)]
    before = await ledger(system, case)
    command = ("reconcile", "renumber", "--applied", "earlier", *SAID)
    told = await system.call(*command, exit_code=1)
    assert told.startswith("0 events of 0 cases renumbered\n")
    assert case in told
    assert await ledger(system, case) == before


async def test_a_number_given_three_times_stays_for_a_person(system: System) -> None:
    case = new_case()
    await applied_everywhere(system, case, 2)
    for _ in range(2):
        await intake_is_older(system, case, 1)
        await system.publish(case, 1)
        await until(lambda: outbox_is_empty(system.intake))
    before = await ledger(system, case)
    for applied in ("earlier", "later"):
        command = ("reconcile", "renumber", "--applied", applied, *SAID)
        told = await system.call(*command, exit_code=1)
        assert told.startswith("0 events of 0 cases renumbered\n")
        assert case in told
    assert await ledger(system, case) == before


async def test_what_somebody_else_wrote_beyond_a_gap_is_not_adopted(system: System) -> None:
    case = new_case()
    await applied_everywhere(system, case, 1)
    await send(system.intake, message(case, 7))
    found = await reconciled(system, exit_code=1)
    assert found["unknown"] == [unknown(case, 1, 7, 1)]
    told = await system.call("reconcile", exit_code=1)
    assert f"intake: {case} is numbered up to 1, Kafka holds 1 unknown up to 7\n" in told
    await system.call("reconcile", "adopt", *SAID, exit_code=1)
    assert await head(system, case) == 1


async def test_what_was_acknowledged_as_anothers_is_not_counted(system: System) -> None:
    case = new_case()
    await applied_everywhere(system, case, 1)
    async with both_consuming(system):
        await send(system.intake, message(case, 2)._replace(value=b"{"))
        await until(lambda: given_up(system.controlling, case))
        await until(lambda: given_up(system.notify, case))
        await reconciled(system, exit_code=1)
        letter = (await system.letters(case))["notify"]
        await system.call("dead-letters", "acknowledge", str(letter), *SAID)
        assert (await reconciled(system))["holds"]


async def test_a_record_that_nobody_can_place_is_not_counted(system: System) -> None:
    foreign = message(new_case(), 1)
    bare = [one for one in foreign.headers if one[0] != "ce_sequence"]
    await send(system.intake, foreign._replace(headers=bare))
    assert (await reconciled(system))["unknown"] == []


async def test_what_was_read_beyond_kafkas_end_is_named(system: System) -> None:
    await commit_ends(system, "notify", beyond=5)
    found = await reconciled(system, exit_code=1)
    assert {one["service"] for one in found["overrun"]} == {"notify"}
    assert all(one["committed"] == one["end"] + 5 for one in found["overrun"])


async def law_published(system: System) -> Event:
    """Publish an event about an office, which controlling has read and not applied."""
    facts = LawChanged(legal_basis="§ 18b AufenthG", valid_from=datetime.now(UTC).date())
    law = new_event("urn:gleichfall:test", "office-karlsruhe", facts, time=datetime.now(UTC))
    async with system.intake.pool.acquire() as connection, connection.transaction():
        [event] = await outbox.append(connection, [law])
    await until(lambda: outbox_is_empty(system.intake))
    await commit_ends(system, "controlling")
    return event


async def test_office_events_are_adopted_and_sent_again_too(system: System) -> None:
    law = await law_published(system)
    await system.operator.execute("DELETE FROM intake.stream_head")

    await system.call("reconcile", "adopt", *SAID)
    assert await head(system, law.subject) == 1
    [missing] = (await reconciled(system, exit_code=1))["missing"]
    assert missing["topic"] == Topic.OFFICE_EVENTS
    assert await system.call("reconcile", "resend", *SAID) == "1 events sent again\n"


async def test_what_is_given_up_and_leaves_no_case_waiting_is_accounted_for(
    system: System,
) -> None:
    law = await law_published(system)
    async with system.intake.pool.acquire() as connection:
        await connection.execute(ENTER, law.source, law.id, law.type.name, law.subject, 1)
    record = Record(Topic.OFFICE_EVENTS, 0, 0, 0, law.subject.encode(), [], None)
    wrong = EventError(Defect.HANDLER_REFUSED, FieldError("event", "a test"))
    sent = [("ce_sequence", b"1")]
    async with system.controlling.pool.acquire() as connection, connection.transaction():
        await bury(connection, "controlling", [Poison(record._replace(headers=sent), wrong)])
    [(letter,)] = await system.operator.fetch("SELECT id FROM controlling.dead_letter")
    await system.call("dead-letters", "discard", str(letter), *SAID)
    await system.operator.execute("UPDATE controlling.dead_letter SET settled_at = '2026-01-01'")
    assert (await reconciled(system))["services"]["controlling"]["dead_letter"] == 1


async def test_a_case_that_intake_numbers_meanwhile_is_not_adopted(system: System) -> None:
    case, other = new_case(), new_case()
    await system.publish(case, 1)
    seen_as_empty = [application(case, 1), application(case, 2)]
    async with system.intake.pool.acquire() as connection, connection.transaction():
        events, seen = (
            [*seen_as_empty, application(other, 1)],
            {(TOPIC, case): 0, (TOPIC, other): 0},
        )
        assert await store.adopt(connection, events, seen) == {(TOPIC, other)}
    assert (await head(system, case), len(await ledger(system, case))) == (1, 1)


async def test_decisions_that_are_adopted_count_as_accepted(system: System) -> None:
    decision = decided(1)._replace(sequence=1)
    async with system.intake.pool.acquire() as connection, connection.transaction():
        await store.adopt(connection, [decision], {store.subject_of(decision): 0})
        tally = await connection.fetch("SELECT unit, decisions FROM decision_tally")
    assert [tuple(row) for row in tally] == [("unit-2", 1)]


async def test_who_mended_and_why_stands_in_the_audit_log(system: System) -> None:
    case = new_case()
    await applied_everywhere(system, case, 2)
    await intake_is_older(system, case, 1)
    await consumer_is_older(system.notify, case, 1)
    await system.call("reconcile", "adopt", *SAID)
    await system.call("reconcile", "resend", *SAID)
    rows = await system.operator.fetch(
        "SELECT act, object, detail FROM controlling.audit ORDER BY number DESC LIMIT 2"
    )
    acts = [(row["act"], row["object"], json.loads(row["detail"])) for row in reversed(rows)]
    detail = {"by": "ops-7", "reason": "restored from Friday", "events": 1}
    assert acts == [("events_adopted", TOPIC, detail), ("events_resent", TOPIC, detail)]
