"""What providers report afterwards, in whatever order, and what becomes a person's task."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from services.notify.follow_up.store import Task, tasks
from services.notify.gauges.loop import looks
from services.notify.operation.interventions import Operator, tell
from services.notify.recipients.suppression import Hardness
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import ARRIVED, ON_ITS_WAY, Receipt, Report
from services.notify.reports.store import settle
from services.notify.states import State
from shared.events.catalogue.case import DocumentsRequested
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Pool
from tests.figures import Figures, read_by
from tests.integration.delivery.parts import (
    apply,
    appointment,
    ended,
    ends,
    facts_in_outbox,
    numbered,
    plan,
    received,
    sending,
    soon,
    until,
)
from tests.mail_host import MailHost
from tests.patience import PATIENCE
from tests.runbooks import Follow, console

pytestmark = pytest.mark.stack

WAITS_FOR_A_ROW = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE wait_event_type = 'Lock' AND query LIKE '%WITH report AS%')
"""
BOUNCED = Receipt(State.BOUNCED, FailureReason.ADDRESS_REFUSED, Hardness.HARD)


def figures_of(pool: Pool) -> Figures:
    """What notify tells that reads its gauges now."""
    return read_by(notify=[one.read for one in looks(pool)])


async def one_accepted(pool: Pool, host: MailHost) -> UUID:
    await plan(pool)
    async with sending(pool, host):
        await until(pool, ended(1))
    identity = await pool.fetchval("SELECT id FROM message")
    assert isinstance(identity, UUID)
    return identity


@pytest.mark.parametrize("order", list(permutations([ON_ITS_WAY, ARRIVED, BOUNCED])), ids=str)
async def test_the_strongest_report_wins_in_whatever_order_they_come_and_come_again(
    pool: Pool, host: MailHost, order: tuple[Receipt, ...]
) -> None:
    reports = Reports(pool, committed=lambda: None)
    identity = await one_accepted(pool, host)

    for receipt in (*order, *order):
        await reports.take(Channel.EMAIL, [Report(identity, receipt)])

    assert await ends(pool) == [("application_received", "bounced", "address_refused")]
    facts = await facts_in_outbox(pool)
    assert facts.count("bounced") == 1
    assert facts[-1] == "bounced"
    assert facts.count("delivered") <= 1


async def test_whoever_looks_why_messages_bounce_sees_what_the_dns_must_hold(
    pool: Pool, host: MailHost, environment: dict[str, str], follow: Follow
) -> None:
    figures = figures_of(pool)
    runbook = await follow("MessagesBounce", console(environment), figures, SELECTOR="march2026")
    identity = await one_accepted(pool, host)
    await Reports(pool, committed=lambda: None).take(Channel.EMAIL, [Report(identity, BOUNCED)])

    await runbook.look(r"march2026\._domainkey\.\S+ .*v=DKIM1")
    await runbook.prove()


async def test_what_no_server_takes_of_our_texts_is_shown_with_its_case_and_checked(
    pool: Pool, host: MailHost, environment: dict[str, str], follow: Follow
) -> None:
    events = await plan(pool, amount=10)
    named = {"CASE": events[0].subject}
    runbook = await follow("MessagesFail", console(environment), figures_of(pool), **named)
    host.content_answers = ["554 5.6.0 not this text"] * 10
    async with sending(pool, host):
        await until(pool, ended(10))

    await runbook.look(r"failed\n +Der Server hat den Text der Nachricht nicht angenommen")
    await runbook.do("application_received")
    await runbook.prove()


async def two_returned(pool: Pool, host: MailHost) -> list[UUID]:
    """Two messages of one case that came back for the same reason; both are a person's now."""
    case_ref = await appointment(pool, soon())
    requested = DocumentsRequested(items=("passport",), due=soon().date() + timedelta(days=30))
    await apply(pool, [numbered(case_ref, requested, 2)])
    async with sending(pool, host):
        await until(pool, ended(2))
        identities = [row["id"] for row in await pool.fetch("SELECT id FROM message ORDER BY id")]
        full = Receipt(State.BOUNCED, FailureReason.UNDELIVERABLE, Hardness.SOFT)
        back = [Report(identity, full) for identity in identities]
        await Reports(pool, committed=lambda: None).take(Channel.EMAIL, back)
        async with asyncio.timeout(PATIENCE):
            query = "SELECT count(*) FROM message WHERE NOT followed"
            while await pool.fetchval(query):
                await asyncio.sleep(0.02)
    return identities


async def listed(pool: Pool) -> list[Task]:
    async with pool.acquire() as connection:
        return await tasks(connection, 100)


async def test_one_call_is_asked_for_where_a_case_missed_several_messages_for_one_reason(
    pool: Pool, host: MailHost
) -> None:
    await two_returned(pool, host)

    assert [task.reason for task in await listed(pool)] == [FailureReason.UNDELIVERABLE]


@pytest.mark.parametrize("arrives", [0, 1])
async def test_what_a_case_still_misses_stays_a_task_when_another_message_arrives_after_all(
    pool: Pool, host: MailHost, arrives: int
) -> None:
    identities = await two_returned(pool, host)

    async with pool.acquire() as connection, connection.transaction():
        await settle(connection, [identities[arrives]])

    assert [task.message for task in await listed(pool)] == [identities[1 - arrives]]


@pytest.mark.parametrize(("days_ago", "asked"), [(0, 2), (13, 2), (15, 0), (3_650, 0)])
async def test_importing_old_cases_asks_nobody_to_tell_what_happened_long_ago(
    pool: Pool, host: MailHost, days_ago: int, asked: int
) -> None:
    """Applications of people whom nobody has an address of, as an import brings them."""
    time = datetime.now(UTC) - timedelta(days=days_ago)
    strangers = [f"contact-{letter * 26}" for letter in "ab"]
    await apply(pool, [received(ref)._replace(time=time) for ref in strangers])
    async with sending(pool, host):
        await asyncio.sleep(1)

    ended_for = await pool.fetch(
        "SELECT reason FROM message WHERE name = 'application_received' AND state = 'suppressed'"
    )
    assert [row["reason"] for row in ended_for] == ["no_contact"] * 2, "nothing ends in silence"
    query = "SELECT count(*) FROM task WHERE name = 'application_received'"
    assert await pool.fetchval(query) == asked


@pytest.mark.parametrize("named", [0, 1])
async def test_who_told_what_a_case_missed_names_any_of_its_messages(
    pool: Pool, host: MailHost, named: int
) -> None:
    identities = await two_returned(pool, host)
    operator = Operator("unit-3", "called on the phone")

    async with pool.acquire() as connection:
        first = await tell(connection, identities[named], operator)
        again = await tell(connection, identities[1 - named], operator)

    assert (first.before, again.before) == (False, True)
    assert await listed(pool) == []


async def test_several_reports_of_one_message_may_come_at_once(pool: Pool, host: MailHost) -> None:
    identity = await one_accepted(pool, host)
    several = [Report(identity, receipt) for receipt in (BOUNCED, ARRIVED, ON_ITS_WAY)]

    assert await Reports(pool, committed=lambda: None).take(Channel.EMAIL, several) == 1

    assert await ends(pool) == [("application_received", "bounced", "address_refused")]


async def test_a_report_ends_a_message_whose_answer_got_lost(pool: Pool, host: MailHost) -> None:
    await plan(pool)
    identity = await pool.fetchval("SELECT id FROM message")

    await Reports(pool, committed=lambda: None).take(Channel.EMAIL, [Report(identity, ARRIVED)])
    async with sending(pool, host):
        await asyncio.sleep(0.3)

    assert await ends(pool) == [("application_received", "delivered", None)]
    assert host.received == []


async def test_a_report_that_meets_the_record_of_its_outcome_is_not_lost(pool: Pool) -> None:
    await plan(pool)
    identity = await pool.fetchval("SELECT id FROM message")
    async with pool.acquire() as recorder, recorder.transaction():
        await recorder.execute("UPDATE message SET state = 'accepted'")
        reports = Reports(pool, committed=lambda: None)
        taken = asyncio.create_task(reports.take(Channel.EMAIL, [Report(identity, ARRIVED)]))
        async with asyncio.timeout(PATIENCE):
            while not await pool.fetchval(WAITS_FOR_A_ROW):
                await asyncio.sleep(0.02)

    assert await taken == 1
    assert await ends(pool) == [("application_received", "delivered", None)]


async def test_a_report_of_another_channel_or_of_no_message_changes_nothing(
    pool: Pool, host: MailHost
) -> None:
    reports = Reports(pool, committed=lambda: None)
    identity = await one_accepted(pool, host)

    assert await reports.take(Channel.SMS, [Report(identity, BOUNCED)]) == 0
    assert await reports.take(Channel.EMAIL, [Report(uuid4(), BOUNCED)]) == 0
    assert await reports.take(Channel.EMAIL, []) == 0
    assert await ends(pool) == [("application_received", "accepted", None)]
