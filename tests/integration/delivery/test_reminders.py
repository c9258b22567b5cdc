"""What waits for its day, or for a deadline, leaves on it and only while it is true."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result

from services.notify.states import State
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import ApplicationReceived, DecisionMade
from shared.events.registry import Facts
from shared.events.vocabulary import Direction
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    APPOINTMENT,
    applicants,
    apply,
    appointment,
    ended,
    ends,
    facts_in_outbox,
    make_due,
    numbered,
    sending,
    until,
)
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack


async def in_ten_days(pool: Pool) -> str:
    """An appointment with a reminder that waits, its confirmation already gone; gives the case."""
    case_ref = await appointment(pool, datetime.now(UTC) + timedelta(days=10))
    await pool.execute("DELETE FROM message WHERE name = 'appointment_booked'")
    return case_ref


async def let_its_day_come(pool: Pool) -> None:
    """Let the time come that what waits is planned for, two days before its appointment."""
    await pool.execute(
        "UPDATE message SET due_at = now(), planned_at = now(),"
        " expires_at = now() + interval '2 days' WHERE state = 'held'"
    )


async def test_a_reminder_waits_in_the_database_and_leaves_on_its_day(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    case_ref = await in_ten_days(pool)
    async with sending(pool, host):
        await asyncio.sleep(0.5)
    assert host.received == []
    assert (await messages("audit")).exit_code == 0
    assert "appointment_reminder, email, de" in (await messages("show", case_ref)).output

    await let_its_day_come(pool)
    async with sending(pool, host):  # another process: the first one is gone
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "accepted", None)]
    assert await facts_in_outbox(pool) == ["planned", "planned", "held", "accepted"]
    assert len(host.received) == 1


@pytest.mark.parametrize(
    "voids",
    [
        AppointmentCancelled(appointment_id=APPOINTMENT),
        AppointmentAttended(appointment_id=APPOINTMENT),
        AppointmentRescheduled(
            appointment_id=APPOINTMENT, starts=datetime.now(UTC) + timedelta(days=30)
        ),
    ],
    ids=lambda facts: facts.event_type,
)
async def test_a_reminder_never_leaves_for_an_appointment_that_is_off_over_or_moved(
    pool: Pool, host: MailHost, voids: Facts
) -> None:
    case_ref = await in_ten_days(pool)

    await apply(pool, [numbered(case_ref, voids, 2)])

    (first, *others) = await ends(pool)
    assert first == ("appointment_reminder", "superseded", "replaced")
    reminders = [state for name, state, _ in others if name == "appointment_reminder"]
    assert reminders == (["held"] if isinstance(voids, AppointmentRescheduled) else [])


async def test_a_reminder_that_missed_its_day_never_leaves_after_the_appointment(
    pool: Pool, host: MailHost
) -> None:
    await in_ten_days(pool)
    await let_its_day_come(pool)
    await pool.execute("UPDATE message SET expires_at = now() - interval '1 second'")

    async with sending(pool, host):
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "expired", "too_late")]
    assert host.received == []


async def test_a_reminder_is_tried_as_long_as_any_message_once_its_day_has_come(
    pool: Pool, host: MailHost
) -> None:
    await in_ten_days(pool)
    await let_its_day_come(pool)
    host.recipient_answers = ["451 4.2.1 busy"]

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.PLANNED: 1})
        await make_due(pool)
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_reminder", "accepted", None)]


@pytest.mark.parametrize(
    ("type_code", "told"), [("AufenthG-18a", "superseded"), ("AufenthG-81(4)", "held")]
)
async def test_that_we_still_work_is_told_only_while_it_is_true(
    pool: Pool, type_code: str, told: str
) -> None:
    [ref] = await applicants(pool, 1)
    case_ref = ref.replace("contact-", "case-")
    received = ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=ref
    )
    decided = DecisionMade(
        decision_id="decision-" + "a" * 26,
        type_code=type_code,
        direction=Direction.FAVOURABLE,
        unit="unit-1",
        decider="decider-" + "a" * 26,
    )

    await apply(pool, [numbered(case_ref, received, 1)])
    await apply(pool, [numbered(case_ref, decided, 2)])

    assert {(name, state) for name, state, _ in await ends(pool)} == {
        ("application_received", "planned"),
        ("still_working", told),
    }
