"""What every service tells of what waits in it, and of what went through it."""

import pytest
from prometheus_client import Counter, Gauge

from services.notify.gauges.loop import tell_messages
from shared.events.catalogue.case import ApplicationReceived
from shared.events.registry import Topic
from shared.events.vocabulary import Channel
from shared.observe.gauges import (
    DEAD_LETTERS_OPEN,
    EVENTS_NUMBERED,
    EVENTS_REACHED,
    INBOX_SUBJECTS,
    MESSAGES_LIVING,
    MESSAGES_UNFOLLOWED,
    MESSAGES_UNTAKEN,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED_AGE,
    PARKED_EVENTS,
    PARKED_SUBJECTS,
    POOL_CONNECTIONS,
    TASKS_OPEN,
    PoolUse,
)
from shared.observe.metrics import EVENTS_APPLIED, EVENTS_PUBLISHED, SLOW_STATEMENTS, EventTypeName
from shared.postgres.backlogs import tell_backlogs, tell_books, tell_pool
from tests.integration.spine_helpers import Register, System, consuming, new_case, until

pytestmark = pytest.mark.stack

APPLICATION = EventTypeName(ApplicationReceived.event_type)


def value(metric: Gauge | Counter) -> float:
    found: float = metric._value.get()
    return found


async def test_an_event_is_counted_by_its_type_and_the_books_agree(system: System) -> None:
    published, applied = (
        value(family.of(APPLICATION)) for family in (EVENTS_PUBLISHED, EVENTS_APPLIED)
    )
    case = new_case()
    async with consuming(system.controlling, register := Register()):
        await system.publish(case, 3)
        # Both count once it is done, so after the handler.
        await until(lambda: value(EVENTS_PUBLISHED.of(APPLICATION)) == published + 3)
        await until(lambda: value(EVENTS_APPLIED.of(APPLICATION)) == applied + 3)
    assert register.sequences(case) == [1, 2, 3]
    await tell_books(system.intake.pool, numbers=[Topic.CASE_EVENTS])
    await tell_books(system.controlling.pool, reaches=[Topic.CASE_EVENTS])
    numbered, reached = (
        value(family.of(Topic.CASE_EVENTS)) for family in (EVENTS_NUMBERED, EVENTS_REACHED)
    )
    assert numbered >= reached >= 3


async def test_a_slow_statement_is_counted_and_a_quick_one_isnt(system: System) -> None:
    before = value(SLOW_STATEMENTS)
    await system.notify.pool.execute("SELECT 1")
    await system.notify.pool.execute("SELECT pg_sleep(1.1)")
    await until(lambda: value(SLOW_STATEMENTS) == before + 1)


async def test_the_uses_of_connections_add_up_to_what_the_process_may_have(system: System) -> None:
    async with system.notify.pool.acquire():
        await tell_pool(system.notify.pool)

    uses = [value(POOL_CONNECTIONS.of(use)) for use in PoolUse]
    assert sum(uses) == system.notify.pool.get_max_size()
    assert value(POOL_CONNECTIONS.of(PoolUse.USED)) >= 1


async def test_what_waits_is_told_with_its_age(system: System) -> None:
    await system.operator.execute("DELETE FROM controlling.outbox")
    await tell_backlogs(system.controlling.pool)
    assert value(OUTBOX_DEPTH) == value(OUTBOX_AGE) == value(PARKED_AGE) == 0

    await system.operator.execute(
        "INSERT INTO controlling.outbox (topic, headers, created_at) "
        "VALUES ('review-events', '[]', now() - interval '1 hour')"
    )
    await system.operator.execute(
        'INSERT INTO controlling.parked (topic, subject, sequence, partition, "offset", headers) '
        "VALUES ('case-events', 'case-a', 2, 0, 0, '[]'), ('case-events', 'case-a', 3, 0, 1, '[]')"
    )
    try:
        await tell_backlogs(system.controlling.pool)
        assert value(OUTBOX_DEPTH) == 1
        assert 3_600 <= value(OUTBOX_AGE) < 3_700
        assert (value(PARKED_EVENTS), value(PARKED_SUBJECTS)) == (2, 1)
        assert value(DEAD_LETTERS_OPEN) == 0
    finally:
        await system.operator.execute("DELETE FROM controlling.outbox")
        await system.operator.execute("DELETE FROM controlling.parked")


async def test_whom_events_came_about_is_estimated_by_what_postgresql_last_counted(
    system: System,
) -> None:
    await system.operator.execute(
        "INSERT INTO controlling.inbox (topic, subject, last_sequence)"
        " SELECT 'case-events', 'case-' || number, 1 FROM generate_series(1, 7) AS number"
    )
    await system.operator.execute("ANALYZE controlling.inbox")
    try:
        known = await system.operator.fetchval("SELECT count(*) FROM controlling.inbox")
        await tell_backlogs(system.controlling.pool)
        assert value(INBOX_SUBJECTS) == known >= 7
    finally:
        await system.operator.execute("DELETE FROM controlling.inbox WHERE subject LIKE 'case-_'")


async def test_messages_that_lie_and_failures_that_nobody_followed_are_told(
    system: System,
) -> None:
    await system.operator.execute(
        "INSERT INTO notify.message (id, name, cause, case_ref, channel, language, facts, state, "
        "reason, due_at, ended_at, followed) VALUES "
        "(gen_random_uuid(), 'a', 'a', 'case-a', 'email', 'de', 'null', 'planned', NULL, "
        "now() - interval '1 hour', NULL, true), "
        "(gen_random_uuid(), 'a', 'a', 'case-a', 'sms', 'de', 'null', 'planned', NULL, "
        "now() + interval '1 hour', NULL, true), "
        "(gen_random_uuid(), 'a', 'a', 'case-a', 'sms', 'de', 'null', 'failed', 'undeliverable', "
        "NULL, now() - interval '1 hour', false)"
    )
    try:
        await tell_messages(system.notify.pool)
    finally:
        await system.operator.execute("DELETE FROM notify.message")

    living = [value(MESSAGES_LIVING.of(channel)) for channel in (Channel.EMAIL, Channel.SMS)]
    untaken = [value(MESSAGES_UNTAKEN.of(channel)) for channel in (Channel.EMAIL, Channel.SMS)]
    assert (living, untaken) == ([1, 1], [1, 0])
    assert (value(MESSAGES_UNFOLLOWED), value(TASKS_OPEN)) == (1, 0)
