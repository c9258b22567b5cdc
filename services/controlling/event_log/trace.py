"""A case as an event log has it: its events in the order in which they happened. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from operator import attrgetter

from shared.events.event import Event


@dataclass(frozen=True, slots=True)
class Trace:
    """A case with its events.

    Attributes:
        case: Its pseudonym.
        events: What is known of it, by time; at one time by number.
    """

    case: str
    events: tuple[Event, ...]

    @property
    def is_whole(self) -> bool:
        """Whether no number is missing, up to the last one that is known."""
        return len(self.events) == max(one.sequence for one in self.events)


def trace(case: str, events: Iterable[Event]) -> Trace:
    """Put what is known of a case in order.

    The register keeps no numbers of decisions. One gets the first number that is free behind what
    happened before it, so that it stands in its place among events of the same moment.

    Args:
        case: Its pseudonym.
        events: Its events in any order; decisions with 0 as their number.
    """
    told = list[Event]()
    decisions = list[Event]()
    for one in events:
        (told if one.sequence else decisions).append(one)
    taken = {one.sequence for one in told}
    for decision in sorted(decisions, key=attrgetter("time")):
        before = max((one.sequence for one in told if one.time < decision.time), default=0)
        free = next(number for number in count(before + 1) if number not in taken)
        taken.add(free)
        told.append(decision._replace(sequence=free))
    return Trace(case, tuple(sorted(told, key=attrgetter("time", "sequence"))))
