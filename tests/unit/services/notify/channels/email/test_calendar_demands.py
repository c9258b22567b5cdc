"""What Outlook, Google and Apple are known to ask of a file: each demand with where it is told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from services.notify.channels.email.calendar_file import Appointment, calendar_file
from services.notify.channels.email.writing import compose
from services.notify.messages.description import Method
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import Rendered

STARTS = datetime(2026, 7, 6, 12, 5, tzinfo=UTC)
READER = "anna@example.org"
BOOKED = Appointment(
    case_ref="case-" + "a" * 26,
    identity="appointment-" + "b" * 26,
    sequence=3,
    title="Ausländerbehörde der Stadt Karlsruhe, Sachgebiet für Aufenthalt und Erwerbstätigkeit",
    organizer="abh@example.org",
    attendee=READER,
    stated_at=datetime(2026, 2, 1, 9, tzinfo=UTC),
    starts=STARTS,
    ends=STARTS + timedelta(minutes=20),
    place="Kaiserallee 8, Karlsruhe",
)


@dataclass(frozen=True)
class Sent:
    """A mail as a program finds it: the head of the part, the file, and the entry in it."""

    part: Any
    file: Any
    entry: Any


def sent(method: Method, appointment: Appointment) -> Sent:
    mail = compose(
        Rendered("de", "Ihr Termin", "Guten Tag\n", "<p>Guten Tag</p>\n"),
        identity=UUID("20eac312-5fba-44d8-a3e5-1f658e55434f"),
        sender=Sender("Amt", BOOKED.organizer),
        recipient=READER,
        dated=STARTS,
        calendar=calendar_file(method, appointment, ZoneInfo("Europe/Berlin")),
    )
    part: Any = [*message_from_bytes(mail.content, policy=policy.default).walk()][-1]
    file: Any = Calendar.from_ical(part.get_payload(decode=True))
    (entry,) = file.walk("VEVENT")
    return Sent(part, file, entry)


def _the_method_is_told_twice(one: Sent) -> bool:
    """Gmail and Outlook, github.com/ical4j/ical4j/issues/529; Outlook, resend/resend-node#198."""
    return bool(one.part["Content-Type"].params["method"] == one.file["METHOD"])


def _the_reader_is_asked_and_another_asks(one: Sent) -> bool:
    """Gmail: betagouv/rdv-service-public#5922; not by the reader, icalendar/icalendar#96."""
    asked, asks = str(one.entry["ATTENDEE"]), str(one.entry["ORGANIZER"])
    return (asked, asks) == (f"mailto:{READER}", f"mailto:{BOOKED.organizer}")


def _every_zone_is_described(one: Sent) -> bool:
    """Outlook is an hour off without: owncloud-archive/calendar#687, spatie/calendar-links#235."""
    named = {one.entry[at].params["TZID"] for at in ("DTSTART", "DTEND")}
    return named == {str(zone["TZID"]) for zone in one.file.walk("VTIMEZONE")}


def _a_zone_is_a_rule_not_a_list(one: Sent) -> bool:
    """Outlook passes over lists of days: iCalcreator/iCalcreator#86 and #106."""
    (zone,) = one.file.walk("VTIMEZONE")
    rules = [(each.name, each["RRULE"]["FREQ"]) for each in zone.subcomponents]
    return rules == [("DAYLIGHT", ["YEARLY"]), ("STANDARD", ["YEARLY"])]


def _an_entry_is_known_again(one: Sent) -> bool:
    """Google enters it twice without, itecnote.com: "ICS update not working in Google Calendar"."""
    return all(one.entry.get(name) is not None for name in ("UID", "SEQUENCE", "DTSTAMP"))


def _an_end_comes_after_its_beginning(one: Sent) -> bool:
    """All three take an entry without an end as a moment (RFC 5545, 3.6.1), pyvec/pyvo.cz#152."""
    return bool(one.entry["DTEND"].dt > one.entry["DTSTART"].dt)


def _no_line_is_long(one: Sent) -> bool:
    """Outlook: adamgibbons/ics#65; RFC 5545, 3.1."""
    lines = one.part.get_payload(decode=True).split(b"\r\n")
    return max(map(len, lines)) <= 75 and any(line.startswith(b" ") for line in lines)


def _an_alarm_says_something(one: Sent) -> bool:
    """Apple drops an entry whose alarm isn't whole, SimpleMobileTools/Simple-Calendar#1362."""
    (alarm,) = one.entry.walk("VALARM")
    return bool(alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] and "TRIGGER" in alarm)


def _it_is_cancelled_by_method_and_status(one: Sent) -> bool:
    """Outlook goes by the method (sebbo2002/ical-generator#86), Google by the status."""
    return (one.file["METHOD"], one.entry["STATUS"]) == ("CANCEL", "CANCELLED")


def _nothing_rings_any_more(one: Sent) -> bool:
    """Where the entry is only struck through, as Apple does (outlookcaldavsynchronizer#105)."""
    return not one.entry.walk("VALARM")


ALWAYS = [
    _the_method_is_told_twice,
    _the_reader_is_asked_and_another_asks,
    _every_zone_is_described,
    _a_zone_is_a_rule_not_a_list,
    _an_entry_is_known_again,
    _an_end_comes_after_its_beginning,
    _no_line_is_long,
]


@pytest.mark.parametrize("demand", [*ALWAYS, _an_alarm_says_something])
def test_an_invitation_is_as_calendars_are_known_to_ask(demand: Callable[[Sent], bool]) -> None:
    assert demand(sent(Method.REQUEST, BOOKED))


@pytest.mark.parametrize(
    "demand", [*ALWAYS, _it_is_cancelled_by_method_and_status, _nothing_rings_any_more]
)
def test_a_cancellation_is_as_calendars_are_known_to_ask(demand: Callable[[Sent], bool]) -> None:
    assert demand(sent(Method.CANCEL, replace(BOOKED, sequence=4)))
