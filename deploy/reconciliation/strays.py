"""Records in Kafka beside the ledger: which it can take in, which are sent again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deploy.reconciliation.places import Place
from shared.events.catalogue.case import EventDiscarded
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka.burying import place
from shared.kafka.records import Poison, Record, read

Name = tuple[str, str]
"""Source and id of an event."""

_DISCARDED = EventDiscarded.event_type.encode()
_NOTHING = (False, 0, 0)


class Named(NamedTuple):
    """A record that says which event it is, and where it belongs."""

    record: Record
    place: Place
    name: Name


class Stray(NamedTuple):
    """A record whose place the ledger doesn't fill with its event.

    `event` is None where the record can't be read, or its event has another place in the ledger.
    """

    sequence: int
    name: Name
    event: Event | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A case, or another subject, of which Kafka holds more than intake knows.

    Attributes:
        topic: Where.
        subject: Which.
        numbered: How far intake has given numbers.
        strays: What it doesn't know.
    """

    topic: Topic
    subject: str
    numbered: int
    strays: Sequence[Stray]

    @property
    def highest(self) -> int:
        """The highest number that Kafka holds of them."""
        return max(one.sequence for one in self.strays)

    @property
    def rivals(self) -> int:
        """How many have a number that intake has given to another event since."""
        return sum(one.sequence <= self.numbered for one in self.strays)

    @property
    def following(self) -> Sequence[Event]:
        """The events that go on where intake's numbers end: without a gap, one at each place.

        Empty where numbers were given twice: only a person can tell which event has which.
        """
        if self.rivals:
            return ()
        at: dict[int, list[Stray]] = defaultdict(list)
        for one in self.strays:
            at[one.sequence].append(one)
        found: list[Event] = []
        while (here := at[self.numbered + len(found) + 1]) and len(here) == 1:
            if (event := here[0].event) is None:
                break
            found.append(event)
        return found


class Doubled(NamedTuple):
    """A case with numbers given twice, in which it is clear what belongs where.

    `earlier` have numbers that intake has given to others since, one each; `following` go on where
    its numbers end, without a gap.
    """

    topic: Topic
    subject: str
    numbered: int
    earlier: Sequence[Event]
    following: Sequence[Event]


def doubled(one: Unknown) -> Doubled | None:
    """Sort out a case with numbers given twice.

    None where there are none, where one was given three times, an event can't be read, or there is
    a gap behind.
    """
    events = [stray.event for stray in one.strays if stray.event is not None]
    at = {event.sequence: event for event in events}
    earlier = [at[number] for number in sorted(at) if number <= one.numbered]
    following = [at[number] for number in sorted(at) if number > one.numbered]
    gapless = range(one.numbered + 1, one.numbered + 1 + len(following))
    clear = len(at) == len(one.strays) and [event.sequence for event in following] == [*gapless]
    return (
        Doubled(one.topic, one.subject, one.numbered, earlier, following)
        if (clear and earlier)
        else None
    )


def named(record: Record) -> Named | None:
    """Tell what a record says of itself; None where nobody can place it.

    None, too, for what only takes the place of an event that an operator gave up: the record given
    up stands before it.
    """
    subject, sequence = place(record)
    headers = dict(record.headers)
    if subject is None or sequence is None or headers.get("ce_type") == _DISCARDED:
        return None
    name = (_text(headers, "ce_source"), _text(headers, "ce_id"))
    return Named(record, Place(subject, sequence), name)


class Picking:
    """Chooses, of the records at each place of a topic, the one to send again.

    The last that a consumer could apply: the event of the ledger, or what an operator sent in its
    place. Where there is none, the record that nobody can read, so that it is given up on once
    more, and seen. Never what somebody else wrote.

    Args:
        names: What the ledger has at each place.
    """

    def __init__(self, names: Mapping[Place, Name]) -> None:
        self._names = names
        self._chosen: dict[Place, tuple[bool, int, int]] = {}

    def consider(self, records: Iterable[Record]) -> None:
        """Look at records in the order of their partition."""
        for record in records:
            subject, sequence = place(record)
            at = Place(subject or "", sequence or 0)
            if (name := self._names.get(at)) is None:
                continue
            fit = _fit(record, name)
            if fit is not None and fit >= self._chosen.get(at, _NOTHING)[0]:
                self._chosen[at] = (fit, record.partition, record.offset)

    @property
    def chosen(self) -> Mapping[tuple[int, int], Place]:
        """The place of each record that was chosen, by partition and offset."""
        return {(partition, offset): at for at, (_, partition, offset) in self._chosen.items()}


def _fit(record: Record, name: Name) -> bool | None:
    """Tell if a record can be applied at its place; None: it is somebody else's."""
    found = read(record)
    if isinstance(found, Poison):
        said = named(record)
        return False if said is not None and said.name == name else None
    event = found.event
    ours = (event.source, event.id) == name or isinstance(event.data, EventDiscarded)
    return True if ours else None


def _text(headers: Mapping[str, bytes | None], name: str) -> str:
    # What others wrote may be no text, or one that PostgreSQL doesn't take.
    told = (headers.get(name) or b"").decode(errors="replace")
    return told.replace("\0", "\N{REPLACEMENT CHARACTER}")
