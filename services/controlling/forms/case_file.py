"""What the events of a case tell about one decision in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, Self, TypeVar

from shared.errors import PermanentError
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.registry import Facts
from shared.organisation.calendar import Calendar

Fact = TypeVar("Fact", bound=Facts)
SeenFact_co = TypeVar("SeenFact_co", bound=Facts, covariant=True)


class DecisionNotInCase(PermanentError):
    """The events of a case don't tell of a decision."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(
            f"no decision.made of {decision_id} is among the case's events; name a decision of "
            "this case, or bring all of its events"
        )


@dataclass(frozen=True, slots=True)
class Seen(Generic[SeenFact_co]):
    """An event of the case, and the authority's date of it."""

    event: Event
    day: date
    data: SeenFact_co


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A decision, and what happened in the case before and after it.

    What served one decision of a case doesn't speak for another: `before` begins after the decision
    before this one, `after` ends with the next. `about` is what names this decision, at any time.
    """

    decided: Seen[DecisionMade]
    before: tuple[Seen[Facts], ...]
    after: tuple[Seen[Facts], ...]
    about: tuple[Seen[Facts], ...]

    @classmethod
    def of(cls, events: Iterable[Event], decision_id: str, calendar: Calendar) -> Self:
        """Look at the events of a case from one decision; repeated ones count once.

        Raises:
            DecisionNotInCase: no event tells of the decision.
        """
        once = {(event.source, event.id): event for event in events}.values()
        line = [
            Seen(event, calendar.day_of(event.time), event.data)
            for event in sorted(once, key=lambda event: (event.time, event.sequence))
        ]
        made = [at for at, one in enumerate(line) if isinstance(one.data, DecisionMade)]
        here = next((at for at in made if _names(line[at].data, decision_id)), None)
        if here is None:
            raise DecisionNotInCase(decision_id)
        first = max((at + 1 for at in made if at < here), default=0)
        last = min((at for at in made if at > here), default=len(line))
        data = line[here].data
        assert isinstance(data, DecisionMade)
        return cls(
            Seen(line[here].event, line[here].day, data),
            tuple(line[first:here]),
            tuple(line[here + 1 : last]),
            tuple(one for one in line if _names(one.data, decision_id)),
        )

    @property
    def decision(self) -> DecisionMade:
        """What was decided."""
        return self.decided.data

    @property
    def day(self) -> date:
        """The day of the decision."""
        return self.decided.day

    def earlier(self, kind: type[Fact]) -> tuple[Seen[Fact], ...]:
        """Give the events of a kind before the decision, the oldest first."""
        return tuple(_of_kind(self.before, kind))

    def later(self, kind: type[Fact]) -> tuple[Seen[Fact], ...]:
        """Give the events of a kind after the decision, the oldest first."""
        return tuple(_of_kind(self.after, kind))

    def naming_it(self, kind: type[Fact]) -> tuple[Seen[Fact], ...]:
        """Give the events of a kind that name the decision, the oldest first."""
        return tuple(_of_kind(self.about, kind))


def decisions_in(events: Iterable[Event]) -> tuple[str, ...]:
    """Give the ids of the decisions that events tell of, each once."""
    made = (event.data for event in events if isinstance(event.data, DecisionMade))
    return tuple(dict.fromkeys(data.decision_id for data in made))


def _names(data: Facts, decision_id: str) -> bool:
    return getattr(data, "decision_id", None) == decision_id


def _of_kind(seen: Iterable[Seen[Facts]], kind: type[Fact]) -> Iterator[Seen[Fact]]:
    for one in seen:
        if isinstance(one.data, kind):
            yield Seen(one.event, one.day, one.data)
