"""What is known about an authority: its units, offices, services and hours, as one file says."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    model_validator,
)

from shared.configuration.yaml_file import Section
from shared.events.vocabulary import Code
from shared.organisation.errors import UnitVanished

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Room = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Posts = Annotated[Decimal, Field(ge=0, le=10_000, decimal_places=2)]


class Weekday(StrEnum):
    """A day of the week; the order is that of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """Give the weekday of a date."""
        return _WEEKDAYS[day.weekday()]


_WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a day in local time, from `start` to before `end`; written `08:30-12:30`."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def _span(value: object) -> Span:
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write hours as "08:30-12:30", in quotation marks')
    start, end = (time.fromisoformat(text) for text in found.groups())
    if start >= end:
        raise ValueError("hours end after they start")
    return Span(start, end)


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError):
        raise ValueError("write a time zone of the IANA list, as Europe/Berlin") from None


def _holiday_region(code: str) -> str:
    import holidays

    country, dash, region = code.partition("-")
    known: Mapping[str, list[str]] = holidays.list_supported_countries()
    if country not in known or (dash and region not in known[country]):
        raise ValueError("write a code that the holidays library knows: DE-BW, or a country as AT")
    if code == "DE":  # each Land has days of its own, on which no period ends (§ 193 BGB)
        raise ValueError("write the Land, too, as DE-BW: each has holidays of its own")
    return code


Hours = Annotated[Span, PlainValidator(_span), PlainSerializer(str)]
OpeningHours = dict[Weekday, tuple[Hours, ...]]


class Name(Section):
    """What something is called."""

    de: Text
    en: Text


class ContactPoint(Section):
    """Where applicants turn to, as messages show it."""

    phone: Text
    email: Email
    web: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    address: Text


class Authority(Section):
    """The authority itself."""

    key: Code
    name: Name
    short_name: Annotated[Text, Field(max_length=30)] | None = Field(
        default=None, description="What an SMS calls it, of which every letter is paid for."
    )
    place: Text
    contact: ContactPoint
    staff_email: Email | None = Field(
        default=None,
        description="Where staff read what no message could tell an applicant.",
    )
    leadership_email: Email | None = Field(
        default=None,
        description="Where leadership reads that reviews end soon or measures are overdue.",
    )
    controlling_email: Email | None = Field(
        default=None,
        description="Where controlling reads that reviews are overdue or measures end soon.",
    )
    supervisory_authority: Text = Field(description="Decides appeals that are not remedied.")


class Jurisdiction(Section):
    """Which calendar and which procedural law apply."""

    holidays: Annotated[str, AfterValidator(_holiday_region)]
    closing_days: tuple[Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")], ...] = Field(
        default=(), description="Days of every year, MM-DD, on which the authority is closed."
    )
    time_zone: Annotated[ZoneInfo, PlainValidator(_zone), PlainSerializer(str)]
    procedural_law: Code = Field(description="Statute in the table of notification rules.")


class Staff(Section):
    """Posts in full-time equivalents, for the whole authority only, so never about a person."""

    posts: Posts
    vacant: Posts
    review_hours: Posts | None = Field(
        default=None, description="Hours a week that all reviewers together have for reviews."
    )

    @property
    def filled(self) -> Decimal:
        """Posts that somebody works on."""
        return self.posts - self.vacant


class Audience(StrEnum):
    """Who somebody is to this system; decides what may be seen."""

    LEADERSHIP = "leadership"
    LEGAL = "legal"
    CASE_WORK = "case_work"
    OPERATIONS = "operations"
    AUDIT = "audit"


class Role(Section):
    """A role in the authority."""

    key: Code
    name: Name
    audience: Audience


class Unit(Section):
    """A unit (Sachgebiet) and the groups of decisions that it alone takes."""

    key: Code
    name: Name
    placeholder: bool = Field(default=False, description="The real name is not public.")
    decision_groups: tuple[Code, ...] = Field(min_length=1)
    formerly: tuple[Code, ...] = Field(
        default=(), description="Keys of units that were renamed to or merged into this one."
    )
    split_from: tuple[Code, ...] = Field(
        default=(),
        description="Keys of units of which this one took over a part: its groups of decisions.",
    )
    room: Room | None = Field(default=None, description="If another one than its office's.")
    hours: OpeningHours = Field(default={}, description="If others than its office's.")


class EmergencyCounter(Section):
    """The counter that can be booked on the day itself."""

    slots: int = Field(ge=1, le=1_000, description="Slots per day.")
    hours: OpeningHours


class TelephoneLine(Section):
    """A number on which applicants call; once a key alone, as kept editions of messages hold it."""

    key: Code
    name: Name

    @model_validator(mode="before")
    @classmethod
    def _named_by_its_key(cls, line: object) -> object:
        return {"key": line, "name": {"de": line, "en": line}} if isinstance(line, str) else line


class Office(Section):
    """A place where applicants are served."""

    key: Code
    name: Name
    lines: tuple[TelephoneLine, ...] = Field(default=(), description="Telephone lines.")
    room: Room | None = Field(default=None, description="As it stands at the door: Zimmer 12.")
    hours: OpeningHours
    emergency_counter: EmergencyCounter | None = None

    @property
    def where(self) -> str:
        """Where one goes, as the signs say it: the building and the room."""
        return self.name.de if self.room is None else f"{self.name.de}, {self.room}"


@dataclass(frozen=True, slots=True)
class Reception:
    """Where and when people are received; `room` is None where nobody says it."""

    room: str | None
    hours: Mapping[Weekday, Sequence[Span]]


class Service(Section):
    """Something applicants apply for."""

    key: Code
    leika: Annotated[str, StringConstraints(pattern=r"^\d{14}$")] | None = None
    name: Name
    decision_group: Code
    offices: tuple[Code, ...] = Field(min_length=1)
    duration: Annotated[timedelta, Field(gt=timedelta(), le=timedelta(hours=4))]


class Vocabulary(Section):
    """What events may name besides units, offices, lines and services: nothing else gets in."""

    documents: tuple[Code, ...] = ()
    bodies: tuple[Code, ...] = Field(default=(), description="Authorities that take part.")
    closing_reasons: tuple[Code, ...] = ()
    remedy_instructions: tuple[Code, ...] = Field(default=(), description="Templates.")
    dispatch_channels: tuple[Code, ...] = Field(default=(), description="Ways that notices leave.")


class ServiceGoals(Section):
    """What leadership wants of the service."""

    counter_opens_within: Annotated[timedelta, Field(ge=timedelta(), le=timedelta(hours=4))] = (
        Field(
            default=timedelta(minutes=10),
            description="How much later than its hour the emergency counter may open.",
        )
    )
    answered_within: Annotated[timedelta, Field(gt=timedelta(), le=timedelta(hours=1))] = Field(
        default=timedelta(minutes=3), description="By when a call should be answered."
    )
    answered: Annotated[Decimal, Field(gt=0, lt=1)] = Field(
        default=Decimal("0.8"), description="Share of all calls that should be answered by then."
    )
    free_within: int = Field(
        default=10, ge=0, le=250, description="Working days within which a slot should be free."
    )


class Goals(Section):
    """What leadership wants reviews and the service to show."""

    wrong_decisions: Annotated[Decimal, Field(gt=0, lt=1)] = Field(
        default=Decimal("0.05"), description="Share of decisions that may be wrong at most."
    )
    service: ServiceGoals = ServiceGoals()


class Organisation(Section):
    """One version of the organisation file."""

    version: Code
    valid_from: date
    authority: Authority
    jurisdiction: Jurisdiction
    staff: Staff
    roles: tuple[Role, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    offices: tuple[Office, ...] = Field(min_length=1)
    services: tuple[Service, ...] = Field(min_length=1)
    vocabulary: Vocabulary = Vocabulary()
    goals: Goals = Goals()

    @property
    def groups_of_services(self) -> dict[str, str]:
        """The group of decisions of each service, by its key and its LeiKa key."""
        return {
            key: one.decision_group for one in self.services for key in (one.key, one.leika) if key
        }

    def unit_of(self, group: str) -> Unit | None:
        """Give the unit that takes the decisions of `group`; None when nobody does."""
        return next((unit for unit in self.units if group in unit.decision_groups), None)

    def unit_name(self, key: str, language: str) -> str:
        """Name a unit in a language.

        One that was renamed or merged has the name of its successor; one that is no more its key.
        """
        found = next((unit for unit in self.units if key in (unit.key, *unit.formerly)), None)
        return key if found is None else str(getattr(found.name, language))

    def reception(self, unit: str | None, office: str | None) -> Reception:
        """Give where a unit receives people: what isn't its own is its office's.

        Args:
            unit: Its key, or that of one that was merged into another.
            office: Without it the only one; where there are several, nothing is said of them.
        """
        receives = next((one for one in self.units if unit in (one.key, *one.formerly)), None)
        named = [one for one in self.offices if office in (None, one.key)]
        place = named[0] if len(named) == 1 else None
        return Reception(
            (receives.room if receives else None) or (place.room if place else None),
            (receives.hours if receives else {}) or (place.hours if place else {}),
        )

    def successor_of(self, key: str) -> Unit | None:
        """Give the unit that one was renamed to or merged into; None when there is none."""
        return next((unit for unit in self.units if key in unit.formerly), None)

    def unit_now(self, key: str, group: str) -> str:
        """Give the unit that decisions of a group belong to today, whoever took them.

        Renamed and merged units are followed to their successor, split ones to the part that
        decides the group. What nobody took over stays with the unit that decided it.

        Args:
            key: The unit that decided.
            group: Of decisions, as the catalogue has it.
        """
        for unit in self.units:
            if key in unit.split_from and group in unit.decision_groups:
                return unit.key
        merged = self.successor_of(key)
        return key if merged is None else merged.key

    def former_units(self, key: str, group: str) -> tuple[str, ...]:
        """Give the units whose decisions of a group are today those of a unit."""
        found = next((unit for unit in self.units if unit.key == key), None)
        if found is None:
            return ()
        return found.formerly + (found.split_from if group in found.decision_groups else ())

    @property
    def keys_of_units(self) -> frozenset[str]:
        """The units of this version, and those of earlier ones that it says anything of."""
        return frozenset(
            key for unit in self.units for key in (unit.key, *unit.formerly, *unit.split_from)
        )

    def require_successors(self, before: Iterable[str]) -> None:
        """Make sure that no unit vanishes.

        Args:
            before: The keys of all units of earlier versions.

        Raises:
            UnitVanished: this version doesn't say what became of some of them.
        """
        if vanished := sorted(set(before) - self.keys_of_units):
            raise UnitVanished(self.version, vanished)

    def services_of(self, group: str) -> Iterator[Service]:
        """Give the services whose applications end in a decision of `group`."""
        return (service for service in self.services if service.decision_group == group)

    def office(self, key: str) -> Office:
        """Give an office by its key.

        Raises:
            KeyError: there is no such office.
        """
        for office in self.offices:
            if office.key == key:
                return office
        raise KeyError(key)
