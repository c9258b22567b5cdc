"""From case events on Kafka to mails on a mail server, each once, and what they say."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import dkim
import pytest
from click.testing import CliRunner
from icalendar import Calendar

from services.notify.commands import messages
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.notification import (
    NotificationFact,
    NotificationFailed,
    NotificationSuppressed,
)
from shared.events.event import Event
from shared.events.vocabulary import FailureReason
from tests.integration.notify.service import (
    Notify,
    application,
    contact,
    pseudonym,
    story,
    until,
    whole_story,
)

pytestmark = pytest.mark.stack


async def test_each_cause_leads_to_one_mail_whatever_kafka_repeats(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "whole@example.org"))
    events = whole_story(case_ref, contact_ref)

    await notify.publish([*events, *events, events[0]])
    published = await notify.published(case_ref, 10)
    mails = notify.mails("whole@example.org")

    assert sorted(mail["Subject"] for mail in mails) == [
        "Es fehlen noch Unterlagen",
        "Es gibt etwas Neues in Ihrer Sache",
        "Ihr Antrag ist bei uns",
        "Ihr Termin am Montag, 6. Juli 2099",
    ]
    assert [event.sequence for event in published] == list(range(1, 11))
    steps = [(event.data.event_type.split(".")[2], event.data.message) for event in published]  # type: ignore[attr-defined] # all are notification facts
    names = (
        "application_received",
        "documents_requested",
        "appointment_booked",
        "decision_notified",
    )
    reminder = [(step, "appointment_reminder") for step in ("planned", "held")]
    assert sorted(steps) == sorted(
        [*reminder, *((step, name) for step in ("planned", "accepted") for name in names)]
    )


async def test_a_mail_says_what_it_is_and_who_writes(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "headers@example.org", language="uk"))

    await notify.publish(whole_story(pseudonym("case"), contact_ref)[:1])
    (mail,) = await until(1, notify, "headers@example.org")

    assert mail["From"] == "Ausländerbehörde der Stadt Karlsruhe <abh@oa.karlsruhe.de>"
    assert mail["To"] == "headers@example.org"
    identity = mail["Message-ID"].strip("<>").partition("@")[0]
    assert mail["Return-Path"] == f"<zurueck+{identity.replace('-', '')}@oa.karlsruhe.de>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "uk"
    assert mail["Message-ID"].endswith("@oa.karlsruhe.de>")
    for part in mail.iter_parts():
        assert "Телефон: 115" in part.get_content()
        assert "Ми отримали вашу заяву" in part.get_content()
        assert "має лише німецький текст" in part.get_content()


async def test_a_mail_is_signed_so_that_anybody_can_check_it(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "signed@example.org"))
    await notify.publish(whole_story(pseudonym("case"), contact_ref)[:1])
    await until(1, notify, "signed@example.org")
    (mail,) = (raw for raw in notify.raw_mails("signed@example.org"))
    printed = CliRunner(
        env={
            "DATABASE_URL": notify.database_url,
            "GLEICHFALL_SECRETS_DIR": str(notify.secrets.directory),
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
            "SMTP_URL": "smtp://127.0.0.1:9",
        }
    ).invoke(messages, ["dkim", "march"])

    name, _, record = printed.output.strip().partition(" TXT ")
    answers = {name.encode(): record.strip('"').encode()}
    assert dkim.verify(mail, dnsfunc=lambda asked, timeout=5: answers[asked])
    assert name == "march._domainkey.oa.karlsruhe.de."


async def test_without_contact_data_the_message_ends_as_suppressed(notify: Notify) -> None:
    case_ref = pseudonym("case")

    await notify.publish(story(case_ref, application(pseudonym("contact"))))
    planned, suppressed = await notify.published(case_ref, 2)

    assert isinstance(planned.data, NotificationFact)
    assert isinstance(suppressed.data, NotificationSuppressed)
    assert suppressed.data.reason is FailureReason.NO_CONTACT
    assert suppressed.data.message_id == planned.data.message_id


async def test_of_a_place_that_nobody_configured_we_cannot_write(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, "nowhere@example.org"))

    await notify.publish(whole_story(case_ref, contact_ref, office="atlantis")[:3])
    *_, last = sorted(await notify.published(case_ref, 8), key=failed)

    assert isinstance(last.data, NotificationFailed)
    assert last.data.message == "appointment_booked"
    assert last.data.reason is FailureReason.NOT_WRITTEN
    assert "the organisation file has no office atlantis" in notify.log.read_text()


def failed(event: Event) -> bool:
    return isinstance(event.data, NotificationFailed)


async def test_the_latest_contact_data_count(notify: Notify) -> None:
    contact_ref = pseudonym("contact")
    await notify.register(contact(contact_ref, "old@example.org"))
    await notify.register(
        contact(contact_ref, "older@example.org"), contact(contact_ref, "latest@example.org")
    )

    await notify.publish(story(pseudonym("case"), application(contact_ref)))
    await until(1, notify, "latest@example.org")

    assert not notify.mails("old@example.org")
    assert not notify.mails("older@example.org")


def entry(mail: EmailMessage) -> tuple[str, Any]:
    """Give the method of the mail's calendar file, and the entry in it."""
    *_, file = mail.iter_parts()
    whole = Calendar.from_ical(file.get_payload(decode=True))  # type: ignore[arg-type] # bytes
    (found,) = whole.walk("VEVENT")
    assert file["Content-Type"].params["method"] == whole["METHOD"]
    return str(whole["METHOD"]), found


async def test_an_appointment_is_entered_moved_and_removed_in_calendars(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    appointment, address = pseudonym("appointment"), "calendar@example.org"
    await notify.register(contact(contact_ref, address))
    booked, moved, cancelled = story(
        case_ref,
        AppointmentBooked(
            appointment_id=appointment,
            service_key="permit",
            office="kaiserallee",
            starts=datetime(2099, 7, 6, 12, 30, tzinfo=UTC),
            ends=datetime(2099, 7, 6, 12, 50, tzinfo=UTC),
            contact_ref=contact_ref,
        ),
        AppointmentRescheduled(
            appointment_id=appointment, starts=datetime(2099, 12, 7, 9, tzinfo=UTC)
        ),
        AppointmentCancelled(appointment_id=appointment),
    )

    entries: list[tuple[str, Any]] = []
    for number, event in enumerate((booked, moved, cancelled), start=1):
        await notify.publish([event])
        mails = await until(number, notify, address)
        entries = sorted(map(entry, mails), key=lambda one: one[1]["SEQUENCE"])

    methods = [method for method, _ in entries]
    (first, second, third) = (found for _, found in entries)
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({str(found["UID"]) for found in (first, second, third)}) == 1
    assert first["SEQUENCE"] < second["SEQUENCE"] < third["SEQUENCE"]
    assert str(first["DTSTART"].dt) == "2099-07-06 14:30:00+02:00"
    assert str(second["DTSTART"].dt) == "2099-12-07 10:00:00+01:00"
    assert first["LOCATION"] == "Kaiserallee 8, Karlsruhe"
    assert first["ATTENDEE"] == f"mailto:{address}"
