"""Delivery against mail servers that refuse, hang up and go away."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.channels.email import carrier as smtp_channel
from services.notify.sending import dispatcher as dispatching
from services.notify.sending.carrier import ProviderSilent
from services.notify.states import State
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    ended,
    ends,
    facts_in_outbox,
    make_due,
    plan,
    sending,
    states,
    until,
)
from tests.mail_host import CUT_OFF, MailHost

pytestmark = pytest.mark.stack


async def test_a_recipient_that_does_not_exist_fails_at_once(pool: Pool, host: MailHost) -> None:
    host.recipient_answers = ["550 5.1.1 no such user"]
    await plan(pool)

    async with sending(pool, host):
        assert await until(pool, lambda found: State.FAILED in found) == {State.FAILED: 1}

    assert await pool.fetchval("SELECT reason FROM message") == "address_refused"
    assert await facts_in_outbox(pool) == ["planned", "failed"]


async def test_a_refused_mail_does_not_spoil_the_next_one(pool: Pool, host: MailHost) -> None:
    host.content_answers = ["554 5.7.1 looks like spam"]
    await plan(pool, amount=2)

    async with sending(pool, host, connections=1):
        found = await until(pool, ended(2))

    assert found == {State.FAILED: 1, State.ACCEPTED: 1}


async def test_a_busy_server_is_asked_again_later_and_gets_the_same_mail(
    pool: Pool, host: MailHost
) -> None:
    host.content_answers = ["451 4.3.0 try later"]
    await plan(pool)

    async with sending(pool, host):
        await until(pool, lambda found: State.SENDING not in found and not host.content_answers)
        await make_due(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
    assert await pool.fetchval("SELECT attempts FROM message") == 2

    identity = await pool.fetchval("SELECT id FROM message")
    assert host.received == [f"<{identity}@example.org>"]
    assert await facts_in_outbox(pool) == ["planned", "accepted"]


async def test_while_the_server_is_away_messages_wait_and_leave_when_it_is_back(
    pool: Pool, host: MailHost
) -> None:
    async with sending(pool, host):
        await plan(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        host.stop()
        await plan(pool, amount=20)
        await asyncio.sleep(1)
        assert (await states(pool))[State.ACCEPTED] == 1
        await host.start()
        await until(pool, lambda found: found == {State.ACCEPTED: 21})

    assert len(host.received) == len(set(host.received)) == 21


async def test_a_connection_that_the_server_closed_while_idle_costs_nothing(
    pool: Pool, host: MailHost
) -> None:
    async with sending(pool, host):
        await plan(pool)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        host.hang_up()
        await asyncio.sleep(0.1)
        await plan(pool, amount=5)
        await until(pool, lambda found: found == {State.ACCEPTED: 6})

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1


async def test_a_server_that_takes_few_mails_per_connection_gets_them_all_at_once(
    pool: Pool, host: MailHost
) -> None:
    host.mails_per_session = 3
    await plan(pool, amount=10)

    async with sending(pool, host, connections=1):
        await until(pool, lambda found: found == {State.ACCEPTED: 10})

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1


async def test_a_server_that_cuts_off_after_the_text_gets_it_again_and_can_tell(
    pool: Pool, host: MailHost
) -> None:
    """It took the mail, but nobody knows: the one window in which a mail may leave twice."""
    host.content_answers = [CUT_OFF]
    await plan(pool)

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.PLANNED: 1} and not host.content_answers)
        await make_due(pool)
        await until(pool, ended(1))

    first, second = host.received
    assert first == second
    assert await facts_in_outbox(pool) == ["planned", "accepted"]


async def test_a_server_that_answers_one_mail_late_holds_up_no_other(
    pool: Pool, host: MailHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_channel, "COMMAND_TIMEOUT", timedelta(milliseconds=500))
    host.pauses = [timedelta(seconds=3)]
    await plan(pool, amount=5)

    async with sending(pool, host, connections=2):
        await until(pool, lambda found: found.get(State.ACCEPTED) == 4)
        await until(pool, lambda found: found == {State.ACCEPTED: 4, State.PLANNED: 1})
        await make_due(pool)
        await until(pool, ended(5))

    # The slow one was taken late as well: the repeat carries the same Message-ID.
    assert len(set(host.received)) == 5


async def test_a_server_that_answers_nobody_makes_the_service_unready(
    pool: Pool, host: MailHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "SLOW", timedelta(milliseconds=200))
    host.pauses = [timedelta(seconds=1)] * 2
    await plan(pool, amount=2)

    async with sending(pool, host, connections=2) as dispatcher:
        await asyncio.sleep(0.7)
        with pytest.raises(ProviderSilent, match="mail server has not answered"):
            await dispatcher.check()
        await until(pool, ended(2))
        await dispatcher.check()

    assert len(host.received) == 2


async def test_a_server_that_refuses_everybody_costs_nothing(pool: Pool, host: MailHost) -> None:
    host.greeting_refusals = 4
    await plan(pool, amount=3)

    async with sending(pool, host, connections=2):
        await until(pool, ended(3))

    assert await pool.fetchval("SELECT max(attempts) FROM message") == 1
    assert len(host.received) == 3


async def test_a_server_that_refuses_our_address_loses_no_message(
    pool: Pool, host: MailHost
) -> None:
    host.sender_answers = ["550 5.7.1 sender not allowed"] * 3
    await plan(pool, amount=3)

    async with sending(pool, host, connections=1):
        await until(pool, lambda found: found == {State.PLANNED: 3} and not host.sender_answers)
        await make_due(pool)
        await until(pool, ended(3))

    assert await ends(pool) == [("application_received", "accepted", None)] * 3
