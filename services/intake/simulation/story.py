"""The life of one case, told as facts in time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from services.intake.simulation.assumptions import Group
from services.intake.simulation.chance import Chance
from services.intake.simulation.truth import TrueDecision
from services.intake.simulation.world import World, simulated_event
from shared.contacts.contact import Contact
from shared.events.event import Event
from shared.events.registry import Facts
from shared.law.decision_types import DecisionType
from shared.organisation.model import Service, Unit

Item = Contact | Event | TrueDecision
Moment = tuple[datetime, Item]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a case is about."""

    group: Group
    decision_type: DecisionType
    unit: Unit
    service: Service | None
    language: str


@dataclass(slots=True)
class Story:
    """Collects what happens in one case; branches may be told one after the other."""

    world: World
    chance: Chance
    ref: str
    contact: Contact
    plan: Plan
    others: tuple[Contact, ...] = ()
    """Who is told about the case as well."""
    _told: list[tuple[datetime, Facts | TrueDecision]] = field(default_factory=list)

    def tell(self, at: datetime, fact: Facts | TrueDecision) -> None:
        """Add what happened at `at`."""
        self._told.append((at.replace(microsecond=0), fact))

    @property
    def end(self) -> datetime:
        """When the last thing told so far happened."""
        return max(at for at, _ in self._told)

    def later(self, after: datetime, shortest: int, longest: int) -> datetime:
        """Give a moment of work some working days after another."""
        return self.world.later(after, self.chance.between(shortest, longest), self.chance)

    def moments(self) -> Iterator[Moment]:
        """Give everything in the order of time, the contacts before the first event."""
        told = sorted(self._told, key=itemgetter(0))
        for contact in (*self.others, self.contact):
            yield told[0][0], contact
        for at, fact in told:
            if isinstance(fact, Facts):
                yield at, simulated_event(self.chance, self.ref, at, fact)
            else:
                yield at, fact
