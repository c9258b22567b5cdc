"""A calendar file for an appointment (RFC 5545), as e-mail carries it (iTIP, RFC 5546). Pure.

Whoever opens it gets an entry; a later file with the same UID and a higher SEQUENCE moves or
removes that entry. The entry is private (CLASS): who shares a calendar shows others "busy".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
)

from services.notify.messages.description import Method

# Made once at random; another one would put every appointment into calendars twice.
_IDENTITIES = UUID("a4b0b7d1-6d0c-4a52-9f25-0c0a6a1f8f4e")
_PRODUCT = "-//Gleichfall//notify//DE"
_AHEAD = timedelta(days=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PLAIN_IN_A_URI = "@!$'*+"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A file and what it asks for; the same in the type of its part in a mail."""

    method: Method
    content: bytes


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar must know.

    Attributes:
        case_ref: The case; with `identity` it makes the UID, which gives away neither.
        identity: The same for every message about this appointment.
        sequence: Grows with every message about it.
        title: How the entry is called.
        organizer: The address that invites.
        attendee: Whose calendar it is: without its owner's address no program enters it.
        stated_at: When this was so.
        starts: None where it doesn't matter any more.
        ends: None if nobody said.
        place: None if nobody said; then it is where it was.
    """

    case_ref: str
    identity: str
    sequence: int
    title: str
    organizer: str
    attendee: str
    stated_at: datetime
    starts: datetime | None = None
    ends: datetime | None = None
    place: str | None = None

    @property
    def uid(self) -> UUID:
        """The identity that calendars see."""
        return uuid5(_IDENTITIES, f"{self.case_ref} {self.identity}")


def calendar_file(method: Method, appointment: Appointment, zone: ZoneInfo) -> CalendarFile:
    """Write the file; the same appointment always gives the same bytes."""
    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", _PRODUCT)
    whole.add("method", method)
    if appointment.starts is not None:
        whole.add_component(_time_zone(zone, appointment.starts.astimezone(zone).year))
    whole.add_component(_entry(method, appointment, zone))
    return CalendarFile(method, whole.to_ical())


def _entry(method: Method, appointment: Appointment, zone: ZoneInfo) -> Event:
    entry = Event()
    entry.add("uid", str(appointment.uid))
    entry.add("sequence", appointment.sequence)
    entry.add("dtstamp", appointment.stated_at.astimezone(UTC))
    entry.add("organizer", _mailto(appointment.organizer))
    attendee = _mailto(appointment.attendee)
    attendee.params["rsvp"] = "FALSE"  # nobody reads an answer
    entry.add("attendee", attendee)
    entry.add("summary", appointment.title)
    entry.add("class", "PRIVATE")
    for name, moment in (("dtstart", appointment.starts), ("dtend", appointment.ends)):
        if moment is not None:
            entry.add(name, moment.astimezone(zone))
    if appointment.place is not None:
        entry.add("location", appointment.place)
    if method is Method.CANCEL:
        entry.add("status", "CANCELLED")
        return entry
    entry.add("status", "CONFIRMED")
    entry.add_component(_alarm(appointment.title))
    return entry


def _mailto(address: str) -> vCalAddress:
    """Write an address as a URI (RFC 6068): `?` in it must not begin fields of a mail."""
    return vCalAddress(f"mailto:{quote(address, safe=_PLAIN_IN_A_URI)}")


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -_AHEAD)
    alarm.add("description", title)
    return alarm


@lru_cache(maxsize=64)
def _time_zone(zone: ZoneInfo, year: int) -> Timezone:
    """Describe how the clocks go in a year, as rules that hold since the year before.

    One rule for each change, as Outlook, Google and Apple write them: Outlook passes over a list
    of days. Written here because `Timezone.from_tzinfo` of icalendar 7.3 gives the onset of summer
    time by the clock after it (03:00), where RFC 5545 (3.6.5) asks for the clock before it (02:00).
    """
    described = Timezone()
    described.add("tzid", str(zone))
    for onset in _changes(zone, year):
        before = _offset(zone, onset - _HOUR) or timedelta()
        local = (onset + before).replace(tzinfo=None)
        observance = _observance(zone, onset, before, _year_before(local))
        observance.add("rrule", _yearly(local.date()))
        described.add_component(observance)
    if not described.subcomponents:
        always = datetime(year - 1, 1, 1, tzinfo=zone)
        offset = _offset(zone, always) or timedelta()
        described.add_component(_observance(zone, always, offset, always.replace(tzinfo=None)))
    return described


def _observance(
    zone: ZoneInfo, onset: datetime, before: timedelta, since: datetime
) -> TimezoneStandard | TimezoneDaylight:
    after = onset.astimezone(zone)
    observance = TimezoneDaylight() if after.dst() else TimezoneStandard()
    observance.add("dtstart", since)
    observance.add("tzoffsetfrom", before)
    observance.add("tzoffsetto", after.utcoffset() or timedelta())
    observance.add("tzname", after.tzname() or str(zone))
    return observance


def _yearly(day: date) -> dict[str, str | int]:
    """Give the rule of a day as zones have them: the last Sunday of March."""
    return {
        "freq": "YEARLY",
        "bymonth": day.month,
        "byday": f"{_which(day)}{_WEEKDAYS[day.weekday()]}",
    }


def _which(day: date) -> int:
    """Tell which of its month's days of that name a day is: 1 to 4, or -1 for the last."""
    return -1 if (day + _WEEK).month != day.month else (day.day - 1) // 7 + 1


def _year_before(onset: datetime) -> datetime:
    """Give the moment that the same rule means in the year before."""
    first = onset.replace(year=onset.year - 1, day=1)
    days = [first + number * _DAY for number in range(31)]
    same = [one for one in days if one.month == first.month and one.weekday() == onset.weekday()]
    which = _which(onset.date())
    return same[which if which < 0 else which - 1]


def _changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """Give the moments at which the offset changes, in UTC; clocks change on full hours."""
    first = datetime.combine(date(year, 1, 1), datetime.min.time(), UTC)
    for number in range(366):
        day = first + number * _DAY
        if _offset(zone, day) == _offset(zone, day + _DAY):
            continue
        hours = (day + hour * _HOUR for hour in range(1, 25))
        yield next(one for one in hours if _offset(zone, one) != _offset(zone, day))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
