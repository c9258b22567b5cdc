"""The life of a case as strangers write it down, and what our code would tell of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any, Self, cast

from icalendar import Calendar as CalendarFile
from icalendar import Event as Entry

from services.notify.cases.standing import NOTHING_OPEN, Following, Standing
from services.notify.channels.email.writing import write
from services.notify.contacts.vault import Vault
from services.notify.message import Attempt, Claim
from services.notify.messages.catalogue import load_messages
from services.notify.messages.duties import Duties
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.stationery import load_stationery
from services.notify.planning.expiry import Times
from services.notify.planning.plan import Plan, PlannedMessage, plan
from services.notify.recipients.preferences import Wishes
from services.notify.sending.opening import Opening, Prepared
from shared.configuration.places import ROOT
from shared.contacts.contact import Contact
from shared.events.event import Event, new_event
from shared.events.registry import CATALOGUE, Facts
from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
MATERIALS = Materials(load_messages(), load_stationery(), HERE, Sender("Amt", "amt@example.org"))
TIMES = Times.of(Calendar.of(HERE), patience=timedelta(days=2))
FOLLOWING = Following(Duties.load(), TIMES.limits, TIMES.calendar)
VAULT = Vault(b"m" * 32)
OPENING = Opening(VAULT, b"edition")

CASE = "case-" + "a" * 26
CONTACT = "contact-" + "a" * 26
DECISION = "decision-" + "a" * 26
BEGINNING = datetime(2026, 11, 29, 11, tzinfo=UTC)
WISHES = {CONTACT: Wishes("en", frozenset({Channel.EMAIL}))}
CONTACT_COMES = "contact.registered"
ANNA = Contact.model_validate(
    {"contact_ref": CONTACT, "language": "en", "name": "Anna", "email": "anna@example.org"}
)

_OFFICES = [office.key for office in HERE.offices]
_STEP = re.compile(r"\+(?P<count>\d+) ?(?P<unit>s|min|h|hours?|days?|weeks?)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_DAY = re.compile(r"\b(\d{1,2}) (January|February|March|April|May|June|July|August|September"
                  r"|October|November|December)\b")  # fmt: skip
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_IN_DAYS = re.compile(r"\bin (\d+) days?\b")
_ORDINALS = ("first", "second", "third")
_ADVERSE = ("refusal", "refused", "adverse", "expulsion", "removal", "revocation")
_LEAVE = ("expulsion", "removal", "leave")


@dataclass(frozen=True, slots=True)
class Told:
    """A message that our code planned, and what the case stood like then."""

    message: PlannedMessage
    read_at: datetime


@dataclass(frozen=True, slots=True)
class InCalendar:
    """What an appointment looks like in a calendar."""

    start: datetime
    end: datetime
    place: str


@dataclass
class Story:
    """A life of a case, read event by event as it happens, or all of it long afterwards."""

    read_now: bool = False
    registered_at: datetime | None = BEGINNING
    clock: datetime = BEGINNING
    last_at: datetime = BEGINNING
    standing: Standing = NOTHING_OPEN
    told: list[Told] = field(default_factory=list)
    ever: list[Told] = field(default_factory=list)
    appointments: dict[str, datetime] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, steps: Sequence[str], *, read_now: bool = False) -> Self:
        """Live through a story."""
        comes_later = any(CONTACT_COMES in step for step in steps)
        story = cls(read_now, None if comes_later else BEGINNING)
        for step in steps:
            if CONTACT_COMES in step:
                story.register(step)
                continue
            if (passed := _STEP.fullmatch(step.strip())) is not None:
                story.clock += _length(passed)
            else:
                story.happen(step)
        return story

    def register(self, step: str) -> None:
        """Take the contact data, some time after what happened before."""
        if (passed := _STEP.search(step)) is not None:
            self.clock += _length(passed)
        self.registered_at = self.clock

    def leaves(self, one: Told) -> bool:
        """Whether a message leaves in the end: its contact comes while it waits and is of use."""
        message, known_at = one.message, self.registered_at
        if message.reason is not None or known_at is None:
            return False
        in_time = message.expires_at is None or known_at < message.expires_at
        waits = message.wanted_at is None or (
            message.leaves_at is not None and known_at <= message.leaves_at
        )
        return in_time and waits

    def happen(self, step: str) -> None:
        """Let one event happen, and plan what follows from it."""
        if (year := _YEAR.search(step)) is not None:
            self.clock = self.clock.replace(year=int(year[0]))
        facts = self._facts(step)
        event = new_event("urn:gleichfall:test", CASE, facts, time=self.clock)
        event = event._replace(sequence=len(self.events) + 1)
        self.events.append(event)
        read_at = BEGINNING if self.read_now else self.clock
        found = plan(
            [event],
            {CASE: CONTACT},
            WISHES if self.registered_at else {},
            MATERIALS.messages,
            TIMES,
            following=FOLLOWING,
            standings={CASE: self.standing},
            parties={},
            now=read_at,
            passed=read_at,
        )
        self.standing = found.standings[CASE]
        self.told = [one for one in self.told if not _untrue(one, found)]
        asked = [Told(one, read_at) for one in found.messages]
        self.told += asked
        self.ever += asked
        self.last_at = self.clock

    def leaving_last(self) -> Iterator[Told]:
        """Give what the last event asks for, and what still waits."""
        for one in self.told:
            if one.message.reason is None and (
                one.read_at >= self.last_at or one.message.leaves_at is not None
            ):
                yield one

    def written(self, one: Told) -> str:
        """Write a message as it leaves at the end of the story."""
        mail = OPENING.written(self._claim(one), lambda claim, who: write(MATERIALS, claim, who))
        assert isinstance(mail, Prepared)
        parsed = message_from_bytes(mail.parcel.content, policy=policy.default)
        body = parsed.get_body(("plain",))
        assert body is not None
        return f"{parsed['Subject']}\n\n{body.get_content()}"

    def calendar_entry(self, one: Told) -> InCalendar | None:
        """Read the calendar file beside a mail with a library that isn't ours, if there is one."""
        mail = OPENING.written(self._claim(one), lambda claim, who: write(MATERIALS, claim, who))
        assert isinstance(mail, Prepared)
        parsed = message_from_bytes(mail.parcel.content, policy=policy.default)
        for part in parsed.walk():
            if part.get_content_type() == "text/calendar":
                whole = CalendarFile.from_ical(cast("bytes", part.get_payload(decode=True)))
                entry = cast("Entry", next(iter(whole.walk("VEVENT"))))
                starts, ends = cast("tuple[datetime, datetime]", (entry.start, entry.end))
                return InCalendar(starts, ends, str(entry["LOCATION"]))
        return None

    def _claim(self, one: Told) -> Claim:
        wrapped = VAULT.new_key(CONTACT)
        key = VAULT.key_of(CONTACT, wrapped)
        message = one.message
        return Claim(
            attempt=Attempt(
                id=message.id,
                name=message.name,
                case_ref=CASE,
                contact_ref=CONTACT,
                channel=message.channel,
                language=message.language,
                cause_id=None,
                traceparent=None,
                number=1,
                lane=message.lane,
                planned_at=one.read_at,
                expires_at=message.expires_at,
            ),
            about=message.about,
            sequence=message.sequence,
            thread=message.thread,
            facts={},
            sealed=key.seal(message.thread, message.facts.encode()),
            ciphertext=VAULT.lock(ANNA, wrapped).ciphertext,
            wrapped_key=wrapped,
            duties=self.standing.open_on(self.clock.date()),
        )

    def _facts(self, step: str) -> Facts:
        word = step.split(maxsplit=1)[0]
        name = word if "." in word else f"appointment.{word}"
        values: dict[str, Any] = dict(_KNOWN)
        values |= self._of_appointment(step) if name.startswith("appointment.") else {}
        if name.startswith("decision.made"):
            adverse = any(one in step for one in _ADVERSE)
            values["direction"] = "adverse" if adverse else "favourable"
            if any(one in step for one in _LEAVE):
                values["type_code"] = "AufenthG-59"
        if "due" in step and (days := _IN_DAYS.search(step)):
            values["due"] = self.clock + timedelta(days=int(days[1]))
            if name != "application.received":
                values["due"] = values["due"].date()
        if "complete" in step:
            values["complete"] = "incomplete" not in step
        model = CATALOGUE[f"gleichfall.{name}.v1"].model
        given = {one: values[one] for one in model.model_fields if one in values}
        return model.model_validate(given)

    def _of_appointment(self, step: str) -> dict[str, Any]:
        nth = next((at for at, one in enumerate(_ORDINALS) if one in step), None)
        if step.startswith(("booked", "appointment.booked")):
            named = "appointment-" + "abcdefgh"[len(self.appointments)] * 26
        else:
            known = list(self.appointments) or ["appointment-" + "a" * 26]
            named = known[nth if nth is not None else -1]
        day = self.appointments.get(named, self.clock + timedelta(days=9)).date()
        if (days := _IN_DAYS.search(step)) is not None:
            day = (self.clock + timedelta(days=int(days[1]))).date()
        if (found := _DAY.search(step)) is not None:
            day = datetime.strptime(f"{found[0]} {self.clock.year}", "%d %B %Y").date()  # noqa: DTZ007 - a day has no zone
        times = [_moment(day, int(hour), int(minute)) for hour, minute in _CLOCK.findall(step)]
        values: dict[str, Any] = {"appointment_id": named, "starts": None, "ends": None}
        values["starts"], values["ends"] = (*times, None, None)[:2]
        if values["starts"] is None:
            values["starts"] = self.appointments.get(named, _moment(day, 9, 0))
        self.appointments[named] = values["starts"]
        values["office"] = _OFFICES[0]
        if not step.startswith(("booked", "appointment.booked")) and "office" not in step:
            del values["office"]
        return values


def _length(passed: re.Match[str]) -> timedelta:
    return timedelta(seconds=int(passed["count"]) * _UNITS[passed["unit"][0]])


def _untrue(one: Told, found: Plan) -> bool:
    """Whether an event made a message untrue."""
    return any(
        untrue.name == one.message.name and one.message.about in {untrue.about, CASE}
        for untrue in found.untrue
    )


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), HERE.jurisdiction.time_zone)


_KNOWN: dict[str, Any] = {
    "channel": "online",
    "service_key": "permit",
    "unit": "unit-1",
    "contact_ref": CONTACT,
    "items": ["passport"],
    "decision_id": DECISION,
    "type_code": "AufenthG-18b",
    "decider": "decider-" + "a" * 26,
    "notified_on": BEGINNING.date(),
    "outcome": "upheld",
    "body": "employment-agency",
}
