"""From the events of a log to our events: pure, and the same again for the same log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha1
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.rules import EventRule, IgnoreRule
from services.intake.importers.translation.case_memory import CaseMemory, CaseState
from services.intake.importers.translation.identity import Identity
from services.intake.importers.values.date_proof import Dates, Orders
from services.intake.importers.values.identifiers import LOST, is_lost
from services.intake.importers.values.values import Values, ValueUnusable
from shared.events.catalogue.case import DecisionCorrected, DecisionMade
from shared.events.event import Event, invalid_data
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind

_IDS = UUID("5d0ad1c2-6ec3-4f0c-9a3f-0f8f0ff3a6b1").bytes
_DECISION = "decision.made"
_START = "the start of the case"


@dataclass(frozen=True, slots=True)
class Ignored:
    """The mapping leaves the event out on purpose."""

    rule: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The event can't be one of ours; the reason never quotes a value of the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """The made-up recipient of a new case."""

    contact_ref: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Translation:
    """What one event of the log becomes.

    `start` is the event that the beginning of its case implies, `recipient` the one to be
    registered before; both come with the first event of a case only. `correction` is for the case
    that intake has the event with other content. `line` is where it stands, if lines tell.
    """

    activity: str
    outcome: Event | Ignored | Refused
    start: Event | Refused | None = None
    recipient: Recipient | None = None
    correction: Event | Refused | None = None
    line: int | None = None


class Translator:
    """Applies a mapping to the events of one log, in the order of the file.

    An event's id is a UUIDv5 of the log's identity, the case and the event's key in it, so a later
    export gives the same events again, whatever came before or beside them. A decision's id comes
    from the same; events about a decision mean the latest one before them.
    """

    def __init__(
        self, mapping: LogMapping, pseudonymiser: Pseudonymiser, orders: Orders | None = None
    ) -> None:
        """Make it for one log.

        Args:
            mapping: What its activities mean.
            pseudonymiser: Hides who is in it.
            orders: In which order its days are written, where its rows prove that.
        """
        zone = ZoneInfo(mapping.time_zone)
        self._mapping = mapping
        self._values = Values(mapping.source, zone, Dates(mapping, orders), pseudonymiser)
        self._identity = Identity(mapping, orders)
        self._memory = CaseMemory(partial(self._values.pseudonym, PseudonymKind.CASE))

    @property
    def keys(self) -> str:
        """What events are known by, in words."""
        return self._identity.description

    @property
    def cases(self) -> int:
        """How many cases have been seen."""
        return self._memory.cases

    def translate(self, event: LogEvent) -> Translation:
        """Say what the next event of the log becomes."""
        layout = self._mapping.log
        activity = layout.activity_of(event.values) or "(no activity)"
        case_id = event.values.get(layout.case)
        if not case_id:
            return Translation(activity, self._without_case(activity, event), line=event.line)
        if is_lost(case_id):
            return Translation(activity, Refused(f"{layout.case} {LOST}"), line=event.line)
        case = self._memory.recall(case_id)
        case.position += 1
        texts = self._texts(event, case)
        start = recipient = None
        if case.position == 1:
            start, recipient = self._start(case, texts), self._recipient(case)
        outcome = self._outcome(activity, event, case, texts)
        correction = self._correction(outcome, texts)
        return Translation(activity, outcome, start, recipient, correction, event.line)

    def _without_case(self, activity: str, event: LogEvent) -> Ignored | Refused:
        """Refuse an event that names no case, unless the mapping leaves it out anyway."""
        if event.defect is not None:
            return Refused(event.defect)
        rule = self._rule(activity, event.values)
        return (
            rule if isinstance(rule, Ignored) else Refused(f"{self._mapping.log.case} is missing")
        )

    def _texts(self, event: LogEvent, case: CaseState) -> Mapping[str, str]:
        """Give the event's values without the missing ones, on top of what the case carries."""
        absent = self._mapping.missing
        texts = {name: text for name, text in event.values.items() if text and text not in absent}
        if not self._mapping.carry:
            return texts
        case.carried.update((name, texts[name]) for name in self._mapping.carry if name in texts)
        return {**case.carried, **texts}

    def _outcome(
        self, activity: str, event: LogEvent, case: CaseState, texts: Mapping[str, str]
    ) -> Event | Ignored | Refused:
        if event.defect is not None:
            return Refused(event.defect)
        rule = self._rule(activity, event.values)
        if not isinstance(rule, EventRule):
            return rule
        try:
            at = self._values.moment(self._mapping.log.time, texts)
            key = self._identity.of(event.values, at, case)
            return self._event(key, rule, at, case, texts)
        except ValueUnusable as unusable:
            return Refused(str(unusable))

    def _rule(self, activity: str, values: Mapping[str, str]) -> EventRule | Ignored | Refused:
        """Find what the mapping says of an event, by its activity and by conditions."""
        counts = self._mapping.log.when
        if counts is not None and not counts.holds(values):
            return Ignored(f"only {counts} counts")
        rule = self._mapping.activities.get(activity)
        if rule is None:
            return Refused("no mapping")
        if isinstance(rule, IgnoreRule):
            return Ignored(rule.ignore)
        rules = rule if isinstance(rule, tuple) else (rule,)
        for one in rules:
            if one.when is None or one.when.holds(values):
                return one
        return Ignored(f"not {' nor '.join(str(one.when) for one in rules)}")

    def _start(self, case: CaseState, texts: Mapping[str, str]) -> Event | Refused | None:
        rule = self._mapping.case_start
        if rule is None:
            return None
        try:
            at = self._values.moment(rule.time, texts)
            return self._event((_START, rule.event), rule, at, case, texts)
        except ValueUnusable as unusable:
            return Refused(str(unusable))

    def _correction(
        self, outcome: Event | Ignored | Refused, texts: Mapping[str, str]
    ) -> Event | Refused | None:
        """Say that a decision was corrected, under an id of what it says now."""
        rule = self._mapping.corrections
        if rule is None or not isinstance(outcome, Event):
            return None
        if not isinstance(outcome.data, DecisionMade):
            return None
        try:
            at = self._values.moment(rule.time, texts)
        except ValueUnusable as unusable:
            return Refused(str(unusable))
        content = outcome.data.model_dump_json()
        event_id = _uuid(f"{outcome.id}\x1f{outcome.time.isoformat()}\x1f{content}")
        facts = DecisionCorrected(decision_id=outcome.data.decision_id)
        return Event(event_id, outcome.source, outcome.subject, at, facts)

    def _recipient(self, case: CaseState) -> Recipient | None:
        simulated = self._mapping.recipients
        if simulated is None:
            return None
        contact_ref = self._contact_ref(case)
        return Recipient(contact_ref, f"{contact_ref}@{simulated.simulated}", simulated.language)

    def _event(
        self,
        key: tuple[str, ...],
        rule: EventRule,
        at: datetime,
        case: CaseState,
        texts: Mapping[str, str],
    ) -> Event | Refused:
        data = self._automatic(rule, key, case) | self._values.data(rule.data, texts, at)
        try:
            facts = rule.type.model.model_validate(data)
        except ValidationError as error:
            return Refused(str(invalid_data(error, rule.type.model)))
        if rule.event == _DECISION:
            case.decision_id = str(data["decision_id"])
        return Event(self._id(case, *key), self._mapping.source, case.subject, at, facts)

    def _automatic(
        self, rule: EventRule, key: tuple[str, ...], case: CaseState
    ) -> dict[str, object]:
        """Fill the fields that follow from the case: its decision, recipient and language."""
        fields = rule.type.model.model_fields
        data: dict[str, object] = {}
        if "decision_id" in fields and "decision_id" not in rule.data:
            data["decision_id"] = self._decision_id(rule, key, case)
        simulated = self._mapping.recipients
        if simulated is not None and "contact_ref" in fields:
            data["contact_ref"] = self._contact_ref(case)
        if simulated is not None and "language" in fields:
            data["language"] = simulated.language
        return data

    def _decision_id(self, rule: EventRule, key: tuple[str, ...], case: CaseState) -> str | None:
        if rule.event == _DECISION:
            return self._values.pseudonym(PseudonymKind.DECISION, case.id, *key)
        if case.decision_id is None and rule.type.model.model_fields["decision_id"].is_required():
            raise ValueUnusable("no decision before it in its case")
        return case.decision_id

    def _contact_ref(self, case: CaseState) -> str:
        return self._values.pseudonym(PseudonymKind.CONTACT, case.id)

    def _id(self, case: CaseState, *parts: str) -> str:
        return _uuid("\x1f".join((self._mapping.source, case.id, *parts)))


def _uuid(name: str) -> str:
    """Write the UUIDv5 of a name (RFC 9562 § 5.5), in half the time of the standard library."""
    digits = sha1(_IDS + name.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
