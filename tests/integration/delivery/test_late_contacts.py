"""Contact data that come after the event: what can still be of use is told then."""

from datetime import UTC, datetime, timedelta
from secrets import choice

import pytest

from services.notify.planning.expiry import Times
from services.notify.states import State
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.appointment import AppointmentBooked, AppointmentCancelled
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    APPOINTMENT,
    ORGANISATION,
    PUBLIC,
    apply,
    registry,
    sending,
    states,
    until,
)
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack

CARRIED = frozenset({Channel.EMAIL, Channel.SMS})
PATIENT = Times.of(Calendar.of(ORGANISATION), patience=timedelta(days=2))
CASE = "case-" + "a" * 26
NOW = datetime.now(UTC)


def somebody() -> str:
    return f"contact-{''.join(choice('abcdefgh') for _ in range(26))}"


def event(facts: Facts, sequence: int) -> Event:
    found = new_event("urn:gleichfall:test", CASE, facts, time=NOW)
    return found._replace(sequence=sequence)


def booked(contact_ref: str) -> Event:
    starts = NOW + timedelta(days=14)
    facts = AppointmentBooked(
        appointment_id=APPOINTMENT,
        service_key="s",
        office="kaiserallee",
        starts=starts,
        contact_ref=contact_ref,
    )
    return event(facts, 1)


async def register(pool: Pool, contact_ref: str, **known: object) -> None:
    contact = Contact.model_validate({"contact_ref": contact_ref, "language": "de", **known})
    await registry(pool, CARRIED, PATIENT).register([seal_contact(PUBLIC, contact)])


async def test_what_waited_for_a_contact_leaves_when_it_comes_and_in_its_language(
    pool: Pool, host: MailHost
) -> None:
    ref = somebody()
    await apply(pool, [booked(ref)], CARRIED, PATIENT)
    assert await states(pool) == {State.HELD: 2}

    await register(pool, ref, email="anna@example.org", language="fr")
    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 1, State.HELD: 1})

    (confirmation, reminder) = await pool.fetch(
        "SELECT name, language, due_at FROM message ORDER BY name"
    )
    assert (confirmation["name"], confirmation["language"]) == ("appointment_booked", "fr")
    assert (reminder["name"], reminder["language"]) == ("appointment_reminder", "fr")
    assert reminder["due_at"] > NOW + timedelta(days=7)


async def test_it_takes_the_way_that_the_contact_has(pool: Pool) -> None:
    ref = somebody()
    await apply(pool, [booked(ref)], CARRIED, PATIENT)

    await register(pool, ref, phone="0171 3920012")

    assert {row["channel"] for row in await pool.fetch("SELECT channel FROM message")} == {"sms"}


async def test_what_became_untrue_meanwhile_is_not_told(pool: Pool) -> None:
    ref = somebody()
    cancelled = event(AppointmentCancelled(appointment_id=APPOINTMENT), 2)
    await apply(pool, [booked(ref)], CARRIED, PATIENT)
    await apply(pool, [cancelled], CARRIED, PATIENT)

    await register(pool, ref, email="anna@example.org")

    due = await pool.fetch("SELECT name FROM message WHERE due_at IS NOT NULL")
    assert [row["name"] for row in due] == ["appointment_cancelled"]
    assert await states(pool) == {State.SUPERSEDED: 2, State.HELD: 1}


async def test_a_contact_without_a_way_ends_it_so_that_a_person_is_asked(pool: Pool) -> None:
    ref = somebody()
    await apply(pool, [booked(ref)], CARRIED, PATIENT)

    await register(pool, ref)

    rows = await pool.fetch("SELECT state, reason, followed FROM message")
    assert {tuple(row) for row in rows} == {("suppressed", "no_channel", False)}


async def test_who_never_has_a_contact_is_somebody_s_task_in_the_end(
    pool: Pool, host: MailHost
) -> None:
    await apply(pool, [booked(somebody())], CARRIED, PATIENT)
    await pool.execute("UPDATE message SET due_at = now() WHERE name = 'appointment_booked'")

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.SUPPRESSED: 1, State.HELD: 1})

    reasons = await pool.fetch("SELECT reason FROM message WHERE state = 'suppressed'")
    assert [row["reason"] for row in reasons] == ["no_contact"]
