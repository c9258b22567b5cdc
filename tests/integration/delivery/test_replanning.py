"""Messages that were planned while a clock was ahead leave once it is right, not days later."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.status import far
from services.notify.follow_up.loop import Upkeep
from services.notify.gauges.loop import tell_messages
from services.notify.gauges.store import Far
from services.notify.lanes import Lane
from services.notify.planning.expiry import Times
from services.notify.sending.store import claim
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.observe.gauges import MESSAGES_FAR
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    CARRIED,
    MESSAGES,
    ORGANISATION,
    apply,
    appointment,
    believed,
    ended,
    holding_of,
    plan,
    sending,
    soon,
    until,
)
from tests.integration.delivery.test_late_contacts import booked, somebody
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack

AHEAD = timedelta(days=33)
PATIENT = Times.of(Calendar.of(ORGANISATION), patience=timedelta(days=2))


async def planned_ahead(pool: Pool, by: timedelta = AHEAD, but: str = "") -> None:
    """Let all have been written by a clock that was ahead; `but` waits for a day all the same."""
    await pool.execute("UPDATE message SET entered_at = entered_at + $1", by)
    await pool.execute(
        "UPDATE message SET planned_at = planned_at + $1, due_at = due_at + $1,"
        " wanted_at = wanted_at + $1 WHERE name <> $2",
        by, but,
    )  # fmt: skip


async def look(pool: Pool) -> None:
    """Let upkeep do its work once."""
    holding = holding_of(pool, Loop.UPKEEP)
    await Upkeep(pool, MESSAGES, CARRIED, (), holding, committed=lambda: None).look()


async def due(pool: Pool) -> list[timedelta]:
    rows = await pool.fetch("SELECT due_at - now() AS due FROM message ORDER BY due_at")
    return [row["due"] for row in rows]


async def test_what_would_leave_at_once_leaves_at_once(pool: Pool, host: MailHost) -> None:
    await plan(pool, 3)
    await planned_ahead(pool)
    assert min(await due(pool)) > timedelta(days=30)

    async with sending(pool, host):
        await until(pool, ended(3))


async def test_a_day_that_an_event_names_stays(pool: Pool) -> None:
    await appointment(pool, soon() + timedelta(days=20))
    await pool.execute("DELETE FROM message WHERE name <> 'appointment_reminder'")
    before = await pool.fetchval("SELECT due_at FROM message")
    await pool.execute("UPDATE message SET entered_at = entered_at + interval '2 hours'")

    await look(pool)

    assert await pool.fetchval("SELECT due_at FROM message") == before
    assert await pool.fetchval("SELECT entered_at <= now() FROM message")


async def test_what_waits_implausibly_long_is_told_by_the_status_and_a_gauge(
    pool: Pool, database: tuple[str, Path]
) -> None:
    await plan(pool, 3)
    one, other = [row["id"] for row in await pool.fetch("SELECT id FROM message LIMIT 2")]
    assert await far(database[0]) == Far()

    await pool.execute("UPDATE message SET entered_at = now() + $2 WHERE id = $1", one, AHEAD)
    years = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3_700)
    await pool.execute("UPDATE message SET due_at = $2 WHERE id = $1", other, years)

    case = await pool.fetchval("SELECT case_ref FROM message WHERE id = $1", other)
    assert await far(database[0]) == Far(2, years, case)
    await tell_messages(pool)
    assert MESSAGES_FAR._value.get() == 2


async def known_before() -> datetime:
    """Give what was known of the time before the clock went ahead."""
    return datetime.now(UTC) - AHEAD


async def test_a_reminder_whose_day_lies_behind_a_wrong_clock_waits_for_it_all_the_same(
    pool: Pool,
) -> None:
    await appointment(pool, datetime.now(UTC) - AHEAD / 2, known_before)
    reminders = "SELECT due_at, state FROM message WHERE name = 'appointment_reminder'"
    day = await pool.fetchval(reminders)
    assert day < datetime.now(UTC)
    async with pool.acquire() as connection:
        assert await claim(connection, timedelta(minutes=1), (), Channel.EMAIL, 9) == []

    # The clock is right again: all that was written down lies ahead of it, as its day does.
    await planned_ahead(pool)
    await pool.execute("UPDATE message SET expires_at = expires_at + $1", AHEAD)
    await look(pool)
    [reminder] = await pool.fetch(reminders)
    assert tuple(reminder) == (day + AHEAD, State.HELD)
    async with pool.acquire() as connection:
        [left] = await claim(connection, timedelta(minutes=1), (), Channel.EMAIL, 9)
    assert left.attempt.name == "appointment_booked"


async def test_what_waits_for_contact_data_waits_as_long_as_ever(pool: Pool) -> None:
    await apply(pool, [booked(somebody())], times=PATIENT)
    reminder = "SELECT due_at, wanted_at FROM message WHERE name = 'appointment_reminder'"
    before = await pool.fetchrow(reminder)
    await planned_ahead(pool, timedelta(days=5), but="appointment_reminder")

    await look(pool)

    first, _ = await due(pool)
    assert timedelta(days=1, hours=23) < first < timedelta(days=2, minutes=1)
    wanted = "SELECT wanted_at <= now() FROM message WHERE name = 'appointment_booked'"
    assert await pool.fetchval(wanted)
    assert await pool.fetchrow(reminder) == before


async def half_a_day_before() -> datetime:
    """Give what was known of the time, where the clock has gone ahead by half a day."""
    return datetime.now(UTC) - timedelta(hours=12)


@pytest.mark.parametrize(
    ("certain", "state"), [(half_a_day_before, State.PLANNED), (believed, State.FAILED)]
)
async def test_a_message_is_given_up_by_what_is_known_of_the_time_and_not_by_the_clock(
    pool: Pool, host: MailHost, certain: Callable[[], Awaitable[datetime]], state: State
) -> None:
    await plan(pool)
    await pool.execute(
        "UPDATE message SET lane = $1, planned_at = now() - $2::interval",
        Lane.URGENT, timedelta(hours=13),
    )  # fmt: skip
    host.content_answers = answers = ["451 4.3.0 later"] * 99
    async with sending(pool, host, certain=certain):
        found = await until(pool, lambda now: len(answers) < 99 and State.SENDING not in now)
    assert found == {state: 1}


@pytest.mark.parametrize("state", ["planned", "sending"])
async def test_a_pause_or_a_lease_that_such_a_clock_began_ends(pool: Pool, state: str) -> None:
    await plan(pool)
    await pool.execute(
        "UPDATE message SET state = $1, attempts = 1, due_at = now() + $2", state, AHEAD
    )

    await look(pool)

    assert await due(pool) <= [timedelta()]


async def test_others_stay_as_they_are(pool: Pool) -> None:
    await plan(pool)
    await pool.execute(
        "UPDATE message SET attempts = 1, channel = $1, due_at = now() + interval '1 hour'",
        Channel.EMAIL,
    )
    await look(pool)
    assert await due(pool) > [timedelta(minutes=59)]
