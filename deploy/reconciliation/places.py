"""Every event that intake accepted has one place in each consumer; what became of each. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shared.events.registry import Topic


class Place(NamedTuple):
    """The place of one event in its case."""

    subject: str
    sequence: int


class Fate(StrEnum):
    """What became of an accepted event in one consumer."""

    APPLIED = "applied"
    PARKED = "parked"
    DEAD_LETTER = "dead_letter"
    UNDER_WAY = "under_way"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a consumer's tables tell of a place at the second look."""

    applied: bool
    parked: bool
    dead_letter: bool
    settled_lately: bool


@dataclass(frozen=True, slots=True)
class Surplus:
    """A case applied further than intake's ledger goes."""

    subject: str
    applied: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What one consumer made of what intake accepted for a topic.

    Attributes:
        service: The consumer.
        topic: The topic.
        accepted: Events in the ledger at the first look.
        discarded: How many of them an operator gave up for ever.
        amounts: How many met which fate; they sum to `accepted`, with the discarded ones.
        missing: The places that nothing accounts for.
        surplus: Cases of which more was applied than accepted.
    """

    service: str
    topic: Topic
    accepted: int
    discarded: int
    amounts: Mapping[Fate, int]
    missing: Sequence[Place]
    surplus: Sequence[Surplus]

    @property
    def holds(self) -> bool:
        """Whether everything is accounted for."""
        return not self.missing and not self.surplus


def fate(seen: Sighting, *, published: bool, behind: bool) -> Fate:
    """Judge one place.

    Args:
        seen: What the consumer's tables tell now.
        published: Whether all there is to it was in Kafka at the first look.
        behind: Whether the consumer has not yet read all that was in Kafka then.
    """
    if seen.applied:
        return Fate.APPLIED
    if seen.parked:
        return Fate.PARKED
    if seen.dead_letter:
        return Fate.DEAD_LETTER
    if behind or not published or seen.settled_lately:
        return Fate.UNDER_WAY
    return Fate.MISSING


def balance(
    service: str,
    topic: Topic,
    accepted: int,
    discarded: int,
    fates: Mapping[Place, Fate],
    *,
    surplus: Sequence[Surplus],
) -> Balance:
    """Add a consumer's places up; whatever isn't among `fates` was applied at the first look."""
    amounts = Counter(fates.values())
    amounts[Fate.APPLIED] += accepted - len(fates) - discarded
    missing = sorted(place for place, found in fates.items() if found is Fate.MISSING)
    return Balance(
        service, topic, accepted, discarded, {one: amounts[one] for one in Fate}, missing, surplus
    )
