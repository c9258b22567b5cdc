"""What is untrue or too late never leaves, and staff see what was told and why not."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from pydantic_core import from_json

from services.notify.operation.errors import MessagesOverdue
from services.notify.sending import store
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.vocabulary import Channel
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    APPOINTMENT,
    LEASE,
    apply,
    appointment,
    ended,
    ends,
    facts_in_outbox,
    numbered,
    plan,
    sending,
    soon,
    until,
)
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack


async def test_a_confirmation_that_waits_never_leaves_after_the_appointment_was_cancelled(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])

    async with sending(pool, host):
        await until(pool, ended(2))

    assert await ends(pool) == [
        ("appointment_booked", "superseded", "replaced"),
        ("appointment_cancelled", "accepted", None),
    ]
    assert await facts_in_outbox(pool) == ["planned", "planned", "superseded", "accepted"]
    assert len(host.received) == 1


async def test_a_booking_that_comes_behind_its_cancellation_never_leaves(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    other = "appointment-" + "b" * 26
    booking = AppointmentBooked(
        appointment_id=other, service_key="s", office="kaiserallee", starts=soon()
    )
    cancelled = numbered(case_ref, AppointmentCancelled(appointment_id=other), 2)
    booked = numbered(case_ref, booking, 3)
    await apply(pool, [cancelled])
    await apply(pool, [booked._replace(time=cancelled.time - timedelta(minutes=1))])

    async with sending(pool, host):
        await until(pool, ended(3))

    assert await ends(pool) == [
        ("appointment_booked", "accepted", None),
        ("appointment_cancelled", "accepted", None),
        ("appointment_booked", "superseded", "replaced"),
    ]
    assert len(host.received) == 2


async def test_one_batch_may_plan_a_message_and_void_it(pool: Pool, host: MailHost) -> None:
    case_ref = await appointment(pool, soon())
    other = "appointment-" + "b" * 26
    moved = AppointmentRescheduled(appointment_id=APPOINTMENT, starts=soon())
    await apply(
        pool,
        [
            numbered(case_ref, moved, 2),
            numbered(case_ref, AppointmentCancelled(appointment_id=other), 3),
            numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 4),
        ],
    )

    assert await ends(pool) == [
        ("appointment_booked", "superseded", "replaced"),
        ("appointment_rescheduled", "superseded", "replaced"),
        ("appointment_cancelled", "planned", None),
        ("appointment_cancelled", "planned", None),
    ]


async def test_an_event_that_comes_again_voids_nothing_that_followed(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    cancelled = numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 0)

    await apply(pool, [cancelled])

    assert ("appointment_booked", "planned", None) in await ends(pool)


async def test_a_confirmation_that_was_being_sent_is_not_tried_again_once_it_is_untrue(
    pool: Pool, host: MailHost
) -> None:
    case_ref = await appointment(pool, soon())
    async with pool.acquire() as connection:
        (claim,) = await store.claim(connection, LEASE, (), Channel.EMAIL, 10)
        await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])
        later = Outcome(State.PLANNED, delay=timedelta())
        assert await store.record(connection, [(claim.attempt, later)]) == {claim.attempt.id}

    async with sending(pool, host):
        await until(pool, ended(2))

    assert ("appointment_booked", "superseded", "replaced") in await ends(pool)
    assert len(host.received) == 1


async def test_what_is_too_late_never_leaves(pool: Pool, host: MailHost) -> None:
    await appointment(pool, datetime.now(UTC) - timedelta(minutes=1))

    async with sending(pool, host):
        await until(pool, ended(1))

    assert await ends(pool) == [("appointment_booked", "expired", "too_late")]
    assert await facts_in_outbox(pool) == ["planned", "expired"]
    assert host.received == []


async def test_staff_see_what_an_applicant_was_told_and_why_not(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    case_ref = await appointment(pool, soon())
    await apply(pool, [numbered(case_ref, AppointmentCancelled(appointment_id=APPOINTMENT), 2)])
    async with sending(pool, host):
        await until(pool, ended(2))

    shown = (await messages("show", case_ref)).output
    english = (await messages("show", case_ref, "--language", "en")).output
    found = from_json((await messages("show", case_ref, "--json")).output)

    assert "appointment_booked, email, de" in shown
    assert "Im Fall ist etwas Neues passiert." in shown
    assert "example.org" not in shown + english
    assert [one["state"] for one in found] == ["superseded", "accepted"]
    assert (await messages("show", "case-" + "z" * 26)).output == ""


async def test_the_audit_tells_of_messages_that_nobody_takes(
    pool: Pool, host: MailHost, messages: Callable[..., Awaitable[Result]]
) -> None:
    await plan(pool, amount=2)
    fine = await messages("audit", "--json")
    assert (fine.exit_code, from_json(fine.output)["states"]["planned"]) == (0, 2)

    await pool.execute("UPDATE message SET due_at = now() - interval '16 minutes'")
    left_lying = await messages("audit")
    assert isinstance(left_lying.exception, MessagesOverdue)
    assert "2 of application_received by email are planned since" in left_lying.output

    async with sending(pool, host):
        await until(pool, ended(2))
    assert (await messages("audit")).exit_code == 0
