"""How a case stands for its applicant: what it asks of them, and their appointments. Pure.

Folded from the events of the case in the order in which they came, so that a text is chosen by what
is true when it leaves and not by its cause alone. What happened earlier and comes later changes
nothing that is known better.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter

from services.notify.duty import Duty
from services.notify.messages.duties import Duties
from shared.events.catalogue.appointment import AppointmentBooked, AppointmentRescheduled
from shared.events.event import Event
from shared.law.time_limits import TimeLimits
from shared.organisation.calendar import Calendar

UNIT = "unit"
"""Among the facts of an event, and of a message: who is at work on the case."""
KEPT = timedelta(days=30)
"""How long an appointment is remembered after it began: it may be reported as missed, or moved. And
how long what made messages untrue: what they tell may come later."""


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """One thing that is open.

    Attributes:
        about: A decision, or the case.
        until: The last day; None if nobody knows it.
    """

    duty: Duty
    about: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """What is known of an appointment; `ends` is after `starts`, and `stated_at` when it was so."""

    starts: datetime
    ends: datetime | None
    office: str | None
    stated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands.

    Attributes:
        duties: What is open.
        appointments: By identity.
        unit: Who is at work on it, as far as an event has said.
        overtaken: By name of a message and what it is about: when something last made it untrue.
    """

    duties: tuple[OpenDuty, ...] = ()
    appointments: Mapping[str, Appointment] = field(default_factory=dict)
    unit: str | None = None
    overtaken: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)

    def open_on(self, day: date) -> frozenset[Duty]:
        """Give what is open on a day."""
        return frozenset(one.duty for one in self.duties if one.until is None or one.until >= day)

    def told_of(self, event: Event) -> Mapping[str, object]:
        """Give what an event leaves unsaid of its case and its appointment and was said before."""
        said = {} if self.unit is None else {UNIT: self.unit}
        known = self.appointments.get(about(event))
        if known is None:
            return said
        return {**said, "starts": known.starts, "ends": known.ends, "office": known.office}

    def forgetting(self, now: datetime) -> "Standing":
        """Give the same without what matters to nobody any more."""
        duties = tuple(one for one in self.duties if one.until is None or one.until >= now.date())
        kept = {name: one for name, one in self.appointments.items() if one.starts + KEPT > now}
        return replace(self, duties=duties, appointments=kept, overtaken=self._overtaken_since(now))

    def _overtaken_since(self, now: datetime) -> dict[str, dict[str, datetime]]:
        fresh = {
            name: {what: time for what, time in since.items() if time + KEPT > now}
            for name, since in self.overtaken.items()
        }
        return {name: since for name, since in fresh.items() if since}


NOTHING_OPEN = Standing()
STANDING = TypeAdapter(Standing)
"""As it is stored."""


@dataclass(frozen=True, slots=True)
class Following:
    """Follows how cases stand, by the rules of duties and the law's time limits.

    Days are those of the authority's calendar: what happened at half past midnight there happened
    on the day before in UTC.
    """

    duties: Duties
    limits: TimeLimits
    calendar: Calendar

    def after(self, standing: Standing, event: Event) -> Standing:
        """Give how the case stands after an event; for most it stands as before."""
        facts = event.data
        unit: str | None = getattr(facts, UNIT, None)
        if unit is not None:
            standing = replace(standing, unit=unit)
        if isinstance(facts, AppointmentBooked | AppointmentRescheduled):
            before = standing.appointments.get(facts.appointment_id)
            moved = _appointment(facts, event.time, before)
            known = {**standing.appointments, facts.appointment_id: moved}
            return replace(standing, appointments=known)
        if facts.event_type not in self.duties.events:
            return standing
        left = [one for one in standing.duties if not self._ends(one, event)]
        found = [*(self._timed(one, event) for one in left), *self._opened(event)]
        duties = {(one.duty, one.about): one for one in found}
        return replace(standing, duties=tuple(duties.values()))

    def _ends(self, one: OpenDuty, event: Event) -> bool:
        closed = any(by.include(event.data) for by in self.duties.rules[one.duty].closed_by)
        return closed and _concerns(event, one)

    def _opened(self, event: Event) -> Iterator[OpenDuty]:
        for duty, rule in self.duties.rules.items():
            if not any(by.include(event.data) for by in rule.opened_by):
                continue
            day = self.calendar.day_of(event.time)
            if rule.of_types is None or self._named_in(rule.of_types, day, event):
                until = self.limits.last_day(rule.lasts, day) if rule.lasts else None
                yield OpenDuty(duty, about(event), until)

    def _timed(self, one: OpenDuty, event: Event) -> OpenDuty:
        begins = self.duties.rules[one.duty].runs_from
        if begins is None or begins.event != event.data.event_type or not _concerns(event, one):
            return one
        began: date = getattr(event.data, begins.day)
        return replace(one, until=self.limits.last_day(begins.lasts, began))

    def _named_in(self, limit: str, day: date, event: Event) -> bool:
        type_code: str | None = getattr(event.data, "type_code", None)
        found = self.limits.find(limit, day, type_code)
        return found is not None and bool(found.types)


def about(event: Event) -> str:
    """Give what an event is about: its appointment, else its decision, else its case."""
    for name in ("appointment_id", "decision_id"):
        found: str | None = getattr(event.data, name, None)
        if found is not None:
            return found
    return event.subject


def _concerns(event: Event, one: OpenDuty) -> bool:
    """Whether an event is about the same as a duty, or one of both about the whole case."""
    return event.subject in (about(event), one.about) or about(event) == one.about


def _appointment(
    facts: AppointmentBooked | AppointmentRescheduled, at: datetime, before: Appointment | None
) -> Appointment:
    """Give an appointment as it is now: what isn't said again stays, and so does its length."""
    newer = Appointment(facts.starts, facts.ends, facts.office, at)
    older = before or newer
    if older.stated_at is not None and older.stated_at > at:
        newer, older = older, newer
    ends = newer.ends
    if ends is None and older.ends is not None:
        ends = newer.starts + (older.ends - older.starts)
    return replace(
        newer,
        ends=ends if ends is not None and ends > newer.starts else None,
        office=newer.office or older.office,
    )
