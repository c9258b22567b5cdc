"""A representative is told in the person's place, whenever they were named, and nobody else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import choice
from uuid import UUID

import pytest

from services.notify.channels.wiring import CHANNELS
from services.notify.operation.edition import Edition
from services.notify.operation.rereading import write_again
from services.notify.operation.store import keep_edition, past
from services.notify.planning.expiry import Times
from services.notify.states import State
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.event import Event
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import (
    APPOINTMENT,
    CARRIED,
    ORGANISATION,
    PUBLIC,
    SENDER,
    VAULT,
    applicants,
    apply,
    numbered,
    registry,
    sending,
    until,
)
from tests.mail_host import MailHost

pytestmark = pytest.mark.stack

PATIENT = Times.of(Calendar.of(ORGANISATION), patience=timedelta(days=2))
PERSON, LAWYER, SISTER = "anna@example.org", "kanzlei@example.org", "schwester@example.org"


def somebody(kind: str = "contact") -> str:
    return f"{kind}-{''.join(choice('abcdefgh') for _ in range(26))}"


async def hand_over(pool: Pool, contact_ref: str, **known: object) -> None:
    contact = Contact.model_validate({"contact_ref": contact_ref, "language": "de", **known})
    await registry(pool, CARRIED, PATIENT).register([seal_contact(PUBLIC, contact)])


def party(case_ref: str, contact_ref: str, **said: object) -> Mapping[str, object]:
    return {
        "case": case_ref,
        "contact_ref": contact_ref,
        "capacity": "representative",
        "basis": "form-7",
        **said,
    }


def booked(case_ref: str, contact_ref: str) -> Event:
    facts = AppointmentBooked(
        appointment_id=APPOINTMENT,
        service_key="s",
        office="kaiserallee",
        starts=datetime.now(UTC) + timedelta(days=14),
        contact_ref=contact_ref,
    )
    return numbered(case_ref, facts, 1)


async def to_whom(
    pool: Pool, name: str = "appointment_booked"
) -> dict[str, tuple[str, str | None]]:
    """Give state and capacity of a message, by recipient."""
    rows = await pool.fetch(
        "SELECT contact_ref, state, capacity FROM message WHERE name = $1", name
    )
    return {row["contact_ref"]: (row["state"], row["capacity"]) for row in rows}


async def named(pool: Pool, case_ref: str) -> list[str]:
    rows = await pool.fetch("SELECT contact_ref FROM case_party WHERE case_ref = $1", case_ref)
    return [row["contact_ref"] for row in rows]


def words(host: MailHost, recipient: str) -> str:
    (mail,) = (one for one in host.mails if one["To"] == recipient)
    text = mail.get_body(("plain",))
    assert text is not None
    return str(text.get_content())


async def test_a_representative_is_told_in_the_person_s_place_and_reads_as_what(
    pool: Pool, host: MailHost
) -> None:
    case, person, lawyer = somebody("case"), somebody(), somebody()
    await hand_over(pool, lawyer, email=LAWYER, name="RA Kim")
    await hand_over(
        pool,
        person,
        email=PERSON,
        name="Anna Öz",
        references={case: "33.2-1234/26"},
        parties=[party(case, lawyer)],
    )
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 1, State.HELD: 1})

    assert await to_whom(pool) == {lawyer: ("accepted", "representative")}
    assert await to_whom(pool, "appointment_reminder") == {lawyer: ("held", "representative")}
    text = words(host, LAWYER)
    assert text.startswith("Guten Tag RA Kim,")
    assert "weil Sie Anna Öz vertreten. Mit „Sie“ meinen wir diese Person:" in text
    assert "Unser Zeichen: 33.2-1234/26" in text
    assert len(host.mails) == 1


async def test_the_person_and_who_is_told_besides_get_a_mail_each(
    pool: Pool, host: MailHost
) -> None:
    case, person, lawyer, sister = somebody("case"), somebody(), somebody(), somebody()
    await hand_over(pool, lawyer, email=LAWYER)
    await hand_over(pool, sister, email=SISTER, language="uk")
    parties = [party(case, lawyer, copied=True), party(case, sister, capacity="additional")]
    await hand_over(pool, person, email=PERSON, parties=parties)
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)

    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 3, State.HELD: 3})

    assert "vertreten" not in words(host, PERSON)
    assert "weil Sie eine andere Person vertreten" in words(host, LAWYER)
    assert "додатково до іншої особи" in words(host, SISTER)
    assert "zusätzlich zu einer anderen Person" in words(host, SISTER), "the binding text below"


async def test_who_is_named_later_is_told_what_waited_and_the_person_is_not(
    pool: Pool, host: MailHost
) -> None:
    case, person, lawyer = somebody("case"), somebody(), somebody()
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)
    assert await to_whom(pool) == {person: ("held", None)}

    await hand_over(pool, person, email=PERSON, parties=[party(case, lawyer)])
    await hand_over(pool, person, email=PERSON, parties=[party(case, lawyer)])  # and again
    assert await to_whom(pool) == {
        person: ("superseded", None),
        lawyer: ("held", "representative"),
    }
    await hand_over(pool, lawyer, email=LAWYER)
    async with sending(pool, host):
        await until(
            pool, lambda found: found.get(State.ACCEPTED) == 1 and found.get(State.HELD) == 1
        )

    assert "Sie haben einen Termin bei uns." in words(host, LAWYER)
    assert len(host.received) == 1


async def test_whose_power_ends_is_told_nothing_more_and_the_person_again(pool: Pool) -> None:
    case, person, lawyer = somebody("case"), somebody(), somebody()
    await hand_over(pool, lawyer, email=LAWYER)
    await hand_over(pool, person, email=PERSON, parties=[party(case, lawyer)])
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)

    await hand_over(pool, person, email=PERSON)

    assert await to_whom(pool) == {lawyer: ("superseded", "representative"), person: ("held", None)}
    assert (await to_whom(pool, "appointment_reminder"))[person] == ("held", None)


async def test_a_representative_who_is_erased_leaves_the_person_to_be_told(pool: Pool) -> None:
    case, person, lawyer = somebody("case"), somebody(), somebody()
    await hand_over(pool, lawyer, email=LAWYER)
    await hand_over(pool, person, email=PERSON, parties=[party(case, lawyer)])
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)

    await registry(pool, CARRIED, PATIENT).erase(lawyer)

    assert (await to_whom(pool))[person] == ("held", None)
    assert not await named(pool, case)


async def test_with_the_person_all_that_others_were_told_about_them_is_erased(
    pool: Pool, host: MailHost
) -> None:
    case, person, lawyer = somebody("case"), somebody(), somebody()
    await keep_edition(pool, Edition.current(ORGANISATION, SENDER))
    await hand_over(pool, lawyer, email=LAWYER)
    await hand_over(pool, person, email=PERSON, name="Anna Öz", parties=[party(case, lawyer)])
    await apply(pool, [booked(case, person)], CARRIED, PATIENT)
    async with sending(pool, host):
        await until(pool, lambda found: found == {State.ACCEPTED: 1, State.HELD: 1})
    sent: UUID = await pool.fetchval("SELECT id FROM message WHERE state = 'accepted'")
    async with pool.acquire() as connection:
        left = await past(connection, sent)
    again = write_again(left, VAULT, {way.channel: way.write for way in CHANNELS})
    assert "Öz".encode() in again or b"=C3=96z" in again

    await registry(pool, CARRIED, PATIENT).erase(person)

    assert not await named(pool, case)
    rows = await pool.fetch("SELECT state, sealed FROM message WHERE on_behalf_of = $1", person)
    assert {(row["state"], row["sealed"]) for row in rows} <= {
        ("accepted", None),
        ("suppressed", None),
    }


async def test_only_the_contact_that_a_case_names_says_who_is_told(pool: Pool) -> None:
    [stranger, person] = await applicants(pool, 2)
    case = somebody("case")
    lawyer = somebody()
    await hand_over(pool, lawyer, email=LAWYER)
    await hand_over(pool, stranger, email="x@example.org", parties=[party(case, lawyer)])

    await apply(pool, [booked(case, person)], CARRIED, PATIENT)

    assert await to_whom(pool) == {person: ("planned", None)}
