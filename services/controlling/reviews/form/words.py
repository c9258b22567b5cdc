"""What the page of a review says beside its own words: the catalogue's, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from services.controlling.forms.criterion import Consequence as Effect
from services.controlling.forms.criterion import Texts
from services.controlling.forms.evidence import Answer, Evidence, Value
from services.controlling.forms.law import Law
from services.controlling.forms.wording import wording, write
from services.controlling.reviews.asked import Asked
from services.controlling.reviews.form.time_line import STEPS
from shared.events.catalogue.case import DecisionMade
from shared.events.registry import CATALOGUE
from shared.events.vocabulary import Direction, Grade
from shared.web.pages.words import Language

_NAMES: Mapping[str, Texts] = MappingProxyType({
    "post": Texts(de="mit der Post", en="by post"),
    "handed-over": Texts(de="übergeben", en="handed over"),
    "mailbox": Texts(de="elektronisches Postfach", en="electronic mailbox"),
    "bamf": Texts(de="Bundesamt für Migration und Flüchtlinge", en="Federal Office (BAMF)"),
    "employment-agency": Texts(de="Bundesagentur für Arbeit", en="Federal Employment Agency"),
})  # fmt: skip
_FEATURES: Mapping[str, Texts] = MappingProxyType({
    "renewal": Texts(de="Verlängerung", en="Renewal"),
    "livelihood-secured": Texts(de="Lebensunterhalt gesichert", en="Livelihood secured"),
    "passport-valid": Texts(de="Pass gültig", en="Passport valid"),
    "years-of-stay": Texts(de="Jahre im Land", en="Years in the country"),
})  # fmt: skip
_BETWEEN = " – "


@dataclass(frozen=True, slots=True)
class Words:
    """Names things for templates; what has a name is never shown by its code alone."""

    language: Language
    law: Law

    @property
    def zone(self) -> ZoneInfo:
        """Where clocks are read."""
        return self.law.calendar.zone

    def kind(self, decision: DecisionMade) -> str:
        """Name the kind of decision; one that isn't listed by its key."""
        for one in self.law.types.every():
            if one.code == decision.type_code:
                return one.name
        return decision.type_code

    def unit(self, key: str) -> str:
        """Name a unit; one that isn't there any more by its key."""
        return self.law.organisation.unit_name(key, self.language)

    def direction(self, direction: Direction) -> str:
        """Say what a decision means for the applicant."""
        return wording().directions[direction].in_language(self.language)

    def question(self, one: Asked) -> str | None:
        """Ask; None for a verdict."""
        return None if one.criterion is None else one.criterion.question.in_language(self.language)

    def help(self, one: Asked) -> str | None:
        """Say what to look at; None for a verdict."""
        return None if one.criterion is None else one.criterion.help.in_language(self.language)

    def grade(self, grade: str) -> tuple[str, str | None]:
        """Give a grade's word and its sentence, if it has one."""
        text = wording().grades[Grade(grade)].in_language(self.language)
        word, _, sentence = text.partition(_BETWEEN)
        return word, sentence or None

    def effect(self, effect: Effect) -> str:
        """Say what an error does."""
        return wording().consequences[effect].in_language(self.language)

    def told(self, answer: Answer) -> str:
        """Say what the events say, with names in the place of keys."""
        values = {name: self._named(name, value) for name, value in answer.values.items()}
        return write(answer.sentence, values, self.language)

    def named(self, key: str) -> str:
        """Name a body or a way of sending; one that we don't know by its key."""
        return _NAMES[key].in_language(self.language) if key in _NAMES else key

    def feature(self, key: str) -> str:
        """Name what makes cases alike; what we don't know by its key."""
        return _FEATURES[key].in_language(self.language) if key in _FEATURES else key

    def untold(self) -> str:
        """Say that they can't tell."""
        return wording().untold.in_language(self.language)

    def step(self, evidence: Evidence) -> str:
        """Give the key of what happened."""
        return STEPS[CATALOGUE[evidence.event_type].model].value

    def day(self, moment: datetime) -> date:
        """Give the day of a moment where the authority is."""
        return self.law.calendar.day_of(moment)

    def read_day(self, text: object) -> date:
        """Read a day as answers keep it."""
        return date.fromisoformat(str(text))

    def clock(self, moment: datetime) -> str:
        """Write a time of day."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def _named(self, name: str, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        if name in ("unit", "owner"):
            return self.unit(value)
        if name == "group":
            groups = {one.key: one.name for one in self.law.types.groups}
            return str(getattr(groups.get(value), self.language.value, value))
        return self.named(value)
