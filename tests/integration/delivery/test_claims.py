"""Who takes a message: killed, late and several processes, and nothing twice."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.sending import store
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.vocabulary import Channel
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    LEASE,
    PUBLIC,
    applicants,
    apply,
    appointment,
    facts_in_outbox,
    make_due,
    plan,
    received,
    registry,
    sending,
    soon,
    states,
    until,
)
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack


async def test_two_requests_may_register_the_same_person_at_once(
    pool: Pool, host: MailHost
) -> None:
    (ref,) = await applicants(pool, 1)
    await pool.execute("DELETE FROM contact_key")
    person = Contact.model_validate(
        {"contact_ref": ref, "language": "de", "email": "anna@example.org"}
    )
    people = registry(pool)

    await asyncio.gather(*(people.register([seal_contact(PUBLIC, person)]) for _ in range(8)))
    await apply(pool, [received(ref)])

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})


async def test_a_message_is_taken_again_when_its_sender_was_killed(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool)
    async with pool.acquire() as connection:
        (dead,) = await store.claim(connection, LEASE, (), Channel.EMAIL, 10)
        assert await store.claim(connection, LEASE, (), Channel.EMAIL, 10) == []
        await make_due(pool)

        async with sending(pool, host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})

        late = (dead.attempt, Outcome(State.PLANNED, delay=timedelta()))
        assert await store.record(connection, [late]) == set()
    assert await states(pool) == {State.ACCEPTED: 1}


async def test_an_outcome_of_an_older_attempt_changes_nothing(pool: Pool) -> None:
    await plan(pool)
    async with pool.acquire() as connection:
        (older,) = await store.claim(connection, LEASE, (), Channel.EMAIL, 10)
        await make_due(pool)
        (newer,) = await store.claim(connection, LEASE, (), Channel.EMAIL, 10)

        assert not await store.record(connection, [(older.attempt, Outcome(State.ACCEPTED))])
        assert await store.record(connection, [(newer.attempt, Outcome(State.ACCEPTED))])
        assert not await store.record(connection, [(newer.attempt, Outcome(State.ACCEPTED))])


async def test_two_processes_share_the_work_and_send_nothing_twice(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool, amount=300)

    async with sending(pool, host), sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 300})

    assert len(host.received) == len(set(host.received)) == 300
    assert (await facts_in_outbox(pool)).count("accepted") == 300


async def test_at_the_end_what_was_not_sent_is_given_back_at_once(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool, amount=200)

    async with sending(pool, host):
        await until(pool, lambda found: State.ACCEPTED in found)

    found = await states(pool)
    assert State.SENDING not in found
    assert found[State.ACCEPTED] == len(host.received)
    assert found[State.ACCEPTED] + found.get(State.PLANNED, 0) == 200
    assert await pool.fetchval(
        "SELECT bool_and(due_at <= now()) FROM message WHERE state = 'planned'"
    )


async def test_the_same_cause_never_asks_for_a_second_message(pool: Pool, host: MailHost) -> None:
    events = await plan(pool, amount=3)
    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 3})
        await apply(pool, events)
        await asyncio.sleep(0.5)

    assert len(host.received) == 3
    assert (await facts_in_outbox(pool)).count("planned") == 3


async def test_a_person_whose_key_was_destroyed_gets_nothing_more(
    pool: Pool, host: MailHost
) -> None:
    await plan(pool)
    await pool.execute("DELETE FROM contact_key")

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.SUPPRESSED: 1})

    assert host.received == []
    assert await facts_in_outbox(pool) == ["planned", "suppressed"]


async def test_what_somebody_acts_on_within_hours_leaves_first(pool: Pool, host: MailHost) -> None:
    await plan(pool, amount=5)
    await appointment(pool, soon())

    async with pool.acquire() as connection:
        claimed = await store.claim(connection, LEASE, (), Channel.EMAIL, 3)

    names = [claim.attempt.name for claim in claimed]
    assert sorted(names) == ["application_received"] * 2 + ["appointment_booked"]
