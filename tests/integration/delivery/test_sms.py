"""SMS through gateways that fail in every way: each is taken once, and what is reported holds."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notify.channels.sms.carrier import Switchboard
from services.notify.channels.sms.gateway import Gateway
from services.notify.channels.sms.status_report import of_sms
from services.notify.channels.sms.writing import SmsWriter
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report
from services.notify.sending.dispatcher import Dispatcher, Outlet
from services.notify.sending.failover import Provider
from services.notify.sending.rate_limit import Rate
from services.notify.sending.recorder import Recorder
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    LEASE,
    MATERIALS,
    OPENING,
    apply,
    believed,
    holding_of,
    looping,
    make_due,
    received,
    register,
    states,
    until,
    upkeep_of,
)
from tests.patience import PATIENCE
from tests.sms_gateway import Fault, GatewayHost, gateway_host

pytestmark = pytest.mark.stack

CARRIED = frozenset({Channel.SMS, Channel.LETTER})
BY_DAY = SmsWriter(OPENING, MATERIALS, lambda: datetime(2026, 11, 26, 10, tzinfo=UTC))
ARRIVED, OPEN, REFUSED, SLOW = (of_sms(status) for status in (0x00, 0x20, 0x43, 0x01))
OPEN_TASKS = """
SELECT count(*) FROM task JOIN message ON message.id = task.message WHERE done_at IS NULL
"""


async def plan(pool: Pool, amount: int, **also: object) -> None:
    """Plan a message each to people who gave a mobile number, and what is named beside it."""
    people = [{"phone": f"+4917139200{number % 100:02}", **also} for number in range(amount)]
    refs = await register(pool, people)
    await apply(pool, [received(ref) for ref in refs], CARRIED)


@asynccontextmanager
async def sending(pool: Pool, **hosts: GatewayHost) -> AsyncIterator[None]:
    """Send by these gateways, and look after what nobody asks for."""
    lines = {
        Provider(name, 50, 50): (
            Gateway(name, host.url, SecretStr("t" * 20), report_to="http://127.0.0.1:9/"),
            Rate(60_000),
        )
        for name, host in hosts.items()
    }
    board = Switchboard(lines, started_at=datetime.now(UTC))
    dispatcher = Dispatcher(
        pool,
        Outlet(Channel.SMS, "SMS gateway", board.claim, BY_DAY.prepare, [board] * 8),
        Recorder(pool, holding_of(pool, Loop.SMS_DELIVERY), committed=lambda: None),
        holding_of(pool, Loop.SMS_DELIVERY),
        certain=believed,
        lease=LEASE,
        progressed=lambda: None,
    )
    upkeep = upkeep_of(pool, CARRIED, [board.rebalance])
    try:
        async with looping(dispatcher, upkeep):
            yield
    finally:
        await board.close()


async def hurried_until(pool: Pool, wanted: Mapping[State, int]) -> None:
    """Wait for states without waiting for pauses between tries."""
    async with asyncio.timeout(PATIENCE):
        while await states(pool) != wanted:
            await pool.execute("UPDATE message SET due_at = now() WHERE state = 'planned'")
            await asyncio.sleep(0.1)


async def until_tasks(pool: Pool, amount: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await pool.fetchval(OPEN_TASKS) != amount:
            await asyncio.sleep(0.05)


def reports(pool: Pool) -> Reports:
    return Reports(pool, committed=lambda: None)


async def identities(pool: Pool) -> list[UUID]:
    return [row["id"] for row in await pool.fetch("SELECT id FROM message")]


async def test_the_order_and_number_of_reports_change_nothing(pool: Pool) -> None:
    async with gateway_host() as host:
        await plan(pool, 20)
        async with sending(pool, alpha=host):
            await until(pool, lambda found: found == {State.ACCEPTED: 20})
            told = [
                Report(identity, receipt)
                for identity in await identities(pool)
                for receipt in (OPEN, REFUSED, ARRIVED, REFUSED, SLOW)
            ]
            random.shuffle(told)
            for one in told:
                await reports(pool).take(Channel.SMS, [one], "alpha")
            assert await reports(pool).take(Channel.SMS, told, "alpha") == 0
            assert await states(pool) == {State.DELIVERED: 20}
            await until_tasks(pool, 0)
        assert len(set(host.taken)) == 20


async def test_a_text_begins_as_a_sentence_does(pool: Pool) -> None:
    async with gateway_host() as host:
        await plan(pool, 1)
        async with sending(pool, alpha=host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})
        [sent] = host.texts.values()
        assert str(sent["text"])[0].isupper()


async def test_another_gateways_reports_say_nothing(pool: Pool) -> None:
    async with gateway_host() as host:
        await plan(pool, 1)
        async with sending(pool, alpha=host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})
        [identity] = await identities(pool)
        assert await reports(pool).take(Channel.SMS, [Report(identity, ARRIVED)], "beta") == 0


async def test_what_was_taken_before_the_answer_was_cut_off_is_taken_once(
    pool: Pool,
) -> None:
    async with gateway_host() as alpha, gateway_host() as beta:
        alpha.answers, beta.answers = [Fault.CUT] * 3, [Fault.CUT] * 3
        await plan(pool, 10)
        async with sending(pool, alpha=alpha, beta=beta):
            await hurried_until(pool, {State.ACCEPTED: 10})
        assert len(alpha.asked) + len(beta.asked) >= 16
        assert len(alpha.taken) + len(beta.taken) == 10
        assert not {*alpha.taken} & {*beta.taken}


async def test_one_gateway_takes_over_from_the_other(pool: Pool) -> None:
    async with gateway_host() as alpha, gateway_host() as beta:
        alpha.usual = 503
        await plan(pool, 40)
        async with sending(pool, alpha=alpha, beta=beta):
            await hurried_until(pool, {State.ACCEPTED: 40})
        assert alpha.taken == []
        assert len(beta.taken) == 40


async def test_nothing_is_lost_while_the_only_gateway_is_away(pool: Pool) -> None:
    async with gateway_host() as host:
        await host.stop()
        await plan(pool, 5)
        async with sending(pool, alpha=host):
            await asyncio.sleep(1)
            assert State.ACCEPTED not in await states(pool)
            await host.start()
            await hurried_until(pool, {State.ACCEPTED: 5})
        assert len(host.taken) == 5


async def test_silence_ends_in_a_task_for_staff_and_a_late_report_closes_it(
    pool: Pool,
) -> None:
    async with gateway_host() as host:
        await plan(pool, 1)
        async with sending(pool, alpha=host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})
            await make_due(pool)
            await until(pool, lambda found: found == {State.EXPIRED: 1})
            await until_tasks(pool, 1)
            [identity] = await identities(pool)
            assert await reports(pool).take(Channel.SMS, [Report(identity, ARRIVED)], "alpha") == 1
            assert await states(pool) == {State.DELIVERED: 1}
            await until_tasks(pool, 0)


async def test_the_letter_that_waits_ends_once_the_sms_is_reported_after_all(
    pool: Pool,
) -> None:
    address = ["Anna Muster", "Hauptstr. 1", "76131 Karlsruhe"]
    async with gateway_host() as host:
        await plan(pool, 1, postal_address=address)
        async with sending(pool, alpha=host):
            await until(pool, lambda found: found == {State.ACCEPTED: 1})
            [identity] = await identities(pool)
            await make_due(pool)
            await until(pool, lambda found: found == {State.EXPIRED: 1, State.PLANNED: 1})
            await reports(pool).take(Channel.SMS, [Report(identity, ARRIVED)], "alpha")
    query = "SELECT channel, state, reason FROM message ORDER BY channel"
    assert [tuple(row) for row in await pool.fetch(query)] == [
        ("letter", "superseded", "arrived_before"),
        ("sms", "delivered", None),
    ]
