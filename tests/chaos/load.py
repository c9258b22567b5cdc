"""The load of a storm: cases with their events, some sent twice, some strange, and poison.

Everything follows from the seed; nothing here knows the system under test. Two sorts of events
can't be applied: poison comes from nowhere and stands in the topic under a living case's key; a
refused decision is an ordinary event with an id that the storm's database doesn't take
(`refusal.py`), so that controlling gives it up and its case waits for an operator.
"""

import hashlib
import random
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from shared.contacts.contact import Contact
from shared.events.catalogue.case import ApplicationReceived, DecisionMade, DocumentsRequested
from shared.events.errors import Defect
from shared.events.event import Event, encode
from shared.events.kafka_binding import to_kafka
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, IntakeChannel
from tests.chaos import strange

SOURCE = "urn:gleichfall:log:chaos"
POISON_MARK = "chaos-poison"
EVENTS_PER_CASE = 50
HOT_SHARE = 0.05
REPEATED = 0.01
STRANGE = 0.03
ASKS_FOR_DOCUMENTS = 0.03
BATCHES = 200
SMALLEST_BATCH = 50
POISON_OF_EACH_KIND = 7
REFUSED = 4
GAP = 1_000_000
UNLISTED = "unlisted"
_TYPES = ("AufenthG-16b", "AufenthG-18b", "AufenthG-9", UNLISTED)
_BEGIN = datetime(2026, 5, 4, 8, tzinfo=UTC)


class PoisonRecord(NamedTuple):
    """A record that goes into the topic as it is; its headers say which kind it is."""

    kind: str
    key: bytes
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None


def opaque(kind: str, *parts: object) -> str:
    digest = hashlib.sha256(repr((kind, parts)).encode()).digest()[:16]
    return f"{kind}-{b32encode(digest).decode().rstrip('=').lower()}"


@dataclass(frozen=True)
class Load:
    """What is sent in one storm."""

    seed: int
    events: int

    @cached_property
    def cases(self) -> list[str]:
        amount = max(2, self.events // EVENTS_PER_CASE)
        return [opaque("case", self.seed, number) for number in range(amount)]

    def contacts(self) -> list[Contact]:
        return [
            Contact.model_validate({
                "contact_ref": contact_ref(case),
                "language": "de",
                "email": f"applicant-{number}@example.org",
                **(strange.PEOPLE[number // 2 % len(strange.PEOPLE)] if number % 2 else {}),
            })
            for number, case in enumerate(self.cases)
        ]  # fmt: skip

    @cached_property
    def stream(self) -> list[Event]:
        """Every event once, those of a case in order; without the last wave."""
        found = list(self._draft)
        for number, name in self._refused.items():
            wrong = found[number].data.model_copy(update={"decision_id": name})
            found[number] = found[number]._replace(data=wrong)
        return found

    @property
    def refused_ids(self) -> list[str]:
        """What refused decisions are called."""
        return list(self._refused.values())

    @property
    def repairs(self) -> dict[str, Event]:
        """Each refused event as it should have been, by its id."""
        return {self._draft[number].id: self._draft[number] for number in self._refused}

    def lanes(self, amount: int) -> list[list[Sequence[Event]]]:
        """Cut the load into lanes of batches; a case stays in its lane, so its order is known."""
        lane_of = {case: number % amount for number, case in enumerate(self.cases)}
        lanes: list[list[Event]] = [[] for _ in range(amount)]
        chance = random.Random(self.seed + 3)
        for event in self.stream:
            lane = lanes[lane_of[event.subject]]
            lane.append(event)
            if chance.random() < REPEATED:
                lane.append(chance.choice(lane))
        return [self.batches(lane) for lane in lanes]

    def batches(self, events: Sequence[Event]) -> list[Sequence[Event]]:
        """Cut events into what is sent in one request."""
        size = max(SMALLEST_BATCH, self.events // BATCHES)
        return [events[at : at + size] for at in range(0, len(events), size)]

    @cached_property
    def last_wave(self) -> list[Event]:
        """One more decision of each case, to see who still works."""
        return [self._decision(case, self.events + n) for n, case in enumerate(self.cases)]

    @cached_property
    def _draft(self) -> list[Event]:
        return list(self._invent())

    @cached_property
    def _refused(self) -> dict[int, str]:
        """Choose decisions half-way through busy cases; gives each one's wrong id."""
        decisions: dict[str, list[int]] = {}
        for number, event in enumerate(self._draft):
            if isinstance(event.data, DecisionMade):
                decisions.setdefault(event.subject, []).append(number)
        busy = sorted(decisions, key=lambda case: -len(decisions[case]))[1 : REFUSED + 1]
        middles = [decisions[case][len(decisions[case]) // 2] for case in busy]
        return {number: opaque("decision", self.seed, "refused", number) for number in middles}

    def _invent(self) -> Iterator[Event]:
        chance = random.Random(self.seed)
        cases = self.cases
        weights = [1 / (rank + 5) for rank in range(len(cases) - 1)]
        for number, case in enumerate(cases):
            data = ApplicationReceived(
                channel=IntakeChannel.ONLINE,
                service_key="residence-work",
                unit="unit-1",
                contact_ref=contact_ref(case),
            )
            yield self._event(case, number, data)
        for number in range(len(cases), self.events):
            hot = chance.random() < HOT_SHARE
            case = cases[0] if hot else chance.choices(cases[1:], weights)[0]
            if chance.random() < STRANGE:
                yield self._strange(case, number)
            elif chance.random() < ASKS_FOR_DOCUMENTS:
                yield self._event(case, number, DocumentsRequested(items=("passport",)))
            else:
                yield self._decision(case, number)

    def _strange(self, case: str, number: int) -> Event:
        """An event with values at the bounds; each of the tables in turn."""
        kind = number % (len(strange.FACTS) + len(strange.DECISIONS))
        if kind < len(strange.FACTS):
            event = self._event(case, number, strange.FACTS[kind])
            return event._replace(time=strange.moment(number, event.time, counted=False))
        event = self._decision(case, number)
        data = event.data.model_copy(update=strange.DECISIONS[kind - len(strange.FACTS)])
        return event._replace(data=data, time=strange.moment(number, event.time, counted=True))

    def _decision(self, case: str, number: int) -> Event:
        data = DecisionMade(
            decision_id=opaque("decision", self.seed, number),
            type_code=_TYPES[number % len(_TYPES)],
            direction=Direction.ADVERSE if number % 6 == 0 else Direction.FAVOURABLE,
            unit=f"unit-{number % 4 + 1}",
            decider=opaque("decider", number % 37),
            reasons_given=True,
            remedy_instruction="standard",
            features={"family": number % 2 == 0, "years": number % 9},
        )
        return self._event(case, number, data)

    def _event(self, case: str, number: int, data: Facts) -> Event:
        at = _BEGIN + timedelta(seconds=number)
        identity = uuid5(NAMESPACE_OID, f"{self.seed}-{number}")
        return Event(str(identity), SOURCE, case, at, data)

    def poison(self) -> list[PoisonRecord]:
        """Records of every kind that can't be applied, each under the key of a living case."""
        chance = random.Random(self.seed + 1)
        found = []
        for number in range(POISON_OF_EACH_KIND):
            for kind in (*DEFECTS, GAP_KIND):
                case = chance.choice(self.cases)
                one = self._decision(case, 10**9 + number)._replace(
                    id=f"poison-{self.seed}-{kind}-{number}", sequence=GAP
                )
                found.append(_spoil(kind, one))
        chance.shuffle(found)
        return found


def contact_ref(case: str) -> str:
    """The applicant of a case."""
    return opaque("contact", case)


GAP_KIND = "sequence-gap"
DEFECTS = {
    "bad-json": Defect.BODY_NOT_JSON,
    "wrong-schema": Defect.DATA_INVALID,
    "null-header": Defect.HEADER_NULL,
    "non-utf8-header": Defect.HEADER_NOT_UTF8,
    "empty-value": Defect.BODY_EMPTY,
    "oversize": Defect.BODY_TOO_LARGE,
    "unknown-type": Defect.TYPE_UNKNOWN,
}
"""Each kind of poison and what its dead letter must say; a gap is parked, not given up."""


def _spoil(kind: str, event: Event) -> PoisonRecord:
    message = to_kafka(encode(event))
    headers: dict[str, bytes | None] = dict(message.headers)
    value = message.value
    match kind:
        case "bad-json":
            value = b'{"decision_id": '
        case "wrong-schema":
            value = b'{"decision_id": 7}'
        case "null-header":
            headers["ce_id"] = None
        case "non-utf8-header":
            headers["ce_source"] = b"\xff\xfe"
        case "empty-value":
            value = b""
        case "oversize":
            value = b'{"x": "' + b"x" * 1_010_000 + b'"}'
        case "unknown-type":
            headers["ce_type"] = b"gleichfall.decision.forgotten.v1"
    marked = [*headers.items(), (POISON_MARK, kind.encode())]
    return PoisonRecord(kind, event.subject.encode(), marked, value)
