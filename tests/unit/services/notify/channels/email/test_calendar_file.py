from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from services.notify.channels.email.calendar_file import Appointment, calendar_file
from services.notify.messages.description import Method

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
BOOKED = Appointment(
    case_ref="case-" + "a" * 26,
    identity="appointment-" + "b" * 26,
    sequence=3,
    title="Ausländerbehörde der Stadt Karlsruhe",
    organizer="abh@example.org",
    attendee="anna@example.org",
    stated_at=datetime(2026, 2, 1, 9, tzinfo=UTC),
    starts=STARTS,
    ends=STARTS + timedelta(minutes=20),
    place="Kaiserallee 8, Karlsruhe",
)


def read(appointment: Appointment, method: Method = Method.REQUEST) -> tuple[Calendar, Any]:
    whole = Calendar.from_ical(calendar_file(method, appointment, BERLIN).content)
    assert isinstance(whole, Calendar)
    (entry,) = whole.walk("VEVENT")
    assert not entry.errors
    return whole, entry


def test_a_booking_is_a_request_in_the_authority_s_time_with_an_alarm() -> None:
    whole, entry = read(BOOKED)
    (alarm,) = entry.walk("VALARM")

    assert (whole["METHOD"], entry["STATUS"], entry["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 3)
    assert str(entry.decoded("DTSTART")) == "2026-03-02 14:30:00+01:00"
    assert entry["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert entry.decoded("DTEND") - entry.decoded("DTSTART") == timedelta(minutes=20)
    assert entry["LOCATION"] == "Kaiserallee 8, Karlsruhe"
    assert alarm.decoded("TRIGGER") == timedelta(days=-1)
    assert entry.decoded("DTSTAMP") == BOOKED.stated_at


@pytest.mark.parametrize(
    "starts",
    [
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2026, 7, 6, 12, 5, tzinfo=UTC),
    ],
)
def test_a_program_that_knows_no_time_zones_finds_the_hour_by_the_file_alone(
    starts: datetime,
) -> None:
    whole, entry = read(replace(BOOKED, starts=starts, ends=None))
    described: Any = whole.timezones[0]

    told = entry["DTSTART"].dt.replace(tzinfo=described.to_tz(lookup_tzid=False))

    assert described["TZID"] == "Europe/Berlin"
    assert told.astimezone(UTC) == starts


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("America/New_York", 2027),
        ("Australia/Sydney", 2027),
        ("Asia/Tokyo", 2027),
        ("Europe/Lisbon", 2027),
        ("Africa/Cairo", 2027),
        ("Asia/Jerusalem", 2023),  # its fourth Friday was the last one the year before
    ],
)
def test_other_rules_than_europe_s_are_told_by_the_file_as_well(zone: str, year: int) -> None:
    here = ZoneInfo(zone)
    for month in range(1, 13):
        starts = datetime(year, month, 28, 3, tzinfo=UTC)
        content = calendar_file(Method.REQUEST, replace(BOOKED, starts=starts), here).content
        whole: Any = Calendar.from_ical(content)
        (entry,), (described,) = whole.walk("VEVENT"), whole.timezones

        told = entry["DTSTART"].dt.replace(tzinfo=described.to_tz(lookup_tzid=False))
        assert told.astimezone(UTC) == starts, month


def test_a_later_message_moves_the_same_entry() -> None:
    _, first = read(BOOKED)
    _, moved = read(replace(BOOKED, sequence=5, starts=STARTS + timedelta(days=1), place=None))

    assert moved["UID"] == first["UID"]
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert "LOCATION" not in moved


def test_a_cancelled_appointment_is_removed_whenever_it_was() -> None:
    whole, entry = read(replace(BOOKED, sequence=6, starts=None, ends=None), Method.CANCEL)

    assert (whole["METHOD"], entry["STATUS"]) == ("CANCEL", "CANCELLED")
    assert entry["UID"] == read(BOOKED)[1]["UID"]
    assert not entry.walk("VALARM")
    assert whole.timezones == []


def test_two_appointments_and_two_cases_are_two_entries() -> None:
    uids = {
        BOOKED.uid,
        replace(BOOKED, identity="appointment-" + "c" * 26).uid,
        replace(BOOKED, case_ref="case-" + "b" * 26).uid,
    }
    assert len(uids) == 3


def test_the_file_gives_away_neither_case_nor_appointment_and_is_private() -> None:
    content = calendar_file(Method.REQUEST, BOOKED, BERLIN).content.decode()
    _, entry = read(BOOKED)

    assert BOOKED.case_ref not in content
    assert BOOKED.identity not in content
    assert entry["CLASS"] == "PRIVATE"
    assert "DESCRIPTION" not in entry


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=300).filter(str.strip))
def test_lines_are_folded_and_read_back_as_they_were(title: str) -> None:
    content = calendar_file(Method.REQUEST, replace(BOOKED, title=title), BERLIN).content
    _, entry = read(replace(BOOKED, title=title))

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert entry["SUMMARY"] == title


def test_the_same_appointment_gives_the_same_bytes() -> None:
    assert calendar_file(Method.REQUEST, BOOKED, BERLIN) == calendar_file(
        Method.REQUEST, BOOKED, BERLIN
    )


Opened = tuple[str, datetime, datetime, str, str, int, str]
"""Method, start, end, place, status, sequence and UID."""


def by_ical(file: str) -> Opened:
    calendar: Any = IcsCalendarStream.calendar_from_ics(file)
    (entry,) = calendar.events
    status = entry.status.value
    times = entry.dtstart, entry.dtend
    return calendar.method, *times, entry.location, status, entry.sequence, entry.uid


def by_vobject(file: str) -> Opened:
    calendar: Any = vobject.readOne(file)
    entry = calendar.vevent
    said = (entry.location, entry.status, entry.sequence, entry.uid)
    place, status, sequence, uid = (one.value for one in said)
    times = entry.dtstart.value, entry.dtend.value
    return calendar.method.value, *times, place, status, int(sequence), uid


def by_ics(file: str) -> Opened:
    calendar: Any = ics.Calendar(file)
    (entry,) = calendar.events
    (sequence,) = (one.value for one in entry.extra if one.name == "SEQUENCE")
    times = entry.begin.datetime, entry.end.datetime
    return calendar.method, *times, entry.location, entry.status, int(sequence), entry.uid


@pytest.mark.parametrize("opened", [by_ical, by_vobject, by_ics])
@pytest.mark.parametrize("starts", [STARTS, datetime(2026, 7, 6, 12, 5, tzinfo=UTC)])
def test_other_people_s_programs_read_what_was_meant(
    opened: Callable[[str], Opened], starts: datetime
) -> None:
    place, long = "Kaiserallee 8, Karlsruhe", timedelta(minutes=20)
    booked = replace(BOOKED, starts=starts, ends=starts + long)
    later = starts + timedelta(days=1)
    moved = replace(booked, starts=later, ends=later + long, sequence=4)
    off = replace(moved, sequence=5)

    told = [
        opened(calendar_file(method, one, BERLIN).content.decode())
        for method, one in (
            (Method.REQUEST, booked),
            (Method.REQUEST, moved),
            (Method.CANCEL, off),
        )
    ]

    (uid,) = {str(one[-1]) for one in told}
    assert told == [
        ("REQUEST", starts, starts + long, place, "CONFIRMED", 3, uid),
        ("REQUEST", later, later + long, place, "CONFIRMED", 4, uid),
        ("CANCEL", later, later + long, place, "CANCELLED", 5, uid),
    ]


def test_an_address_stays_one_address_and_begins_no_fields_of_a_mail() -> None:
    _, entry = read(replace(BOOKED, attendee="a?cc=b&bcc=c%d@example.org"))

    assert str(entry["ATTENDEE"]) == "mailto:a%3Fcc%3Db%26bcc%3Dc%25d@example.org"


def test_what_calendars_know_as_plain_stays_plain() -> None:
    _, entry = read(replace(BOOKED, attendee="o'neil.anna+abh@example.org"))

    assert str(entry["ATTENDEE"]) == "mailto:o'neil.anna+abh@example.org"
