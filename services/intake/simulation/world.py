"""The authority in which the simulated cases live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from services.intake.simulation.assumptions import Assumptions, Group
from services.intake.simulation.chance import Chance, lasting_pseudonym
from services.intake.simulation.errors import NothingToDecide
from shared.events.event import Event
from shared.events.registry import Facts
from shared.law.decision_types import DecisionType, DecisionTypes
from shared.law.notification_rules import NotificationRules
from shared.organisation.calendar import Calendar
from shared.organisation.model import OpeningHours, Organisation, Service, Unit
from shared.security.pseudonyms import PseudonymKind

SOURCE = "urn:gleichfall:simulator"

_DESK_OPENS = time(8)
_DESK_CLOSES = time(16, 30)
_LAST_LOOK = time(15, 30)
_FEWEST_DECIDERS = 2  # who decides and who co-signs


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is the same for all cases of one run."""

    seed: int
    organisation: Organisation
    calendar: Calendar
    types: DecisionTypes
    rules: NotificationRules
    assumptions: Assumptions
    groups: Mapping[str, Group]
    unit_factor: Mapping[str, float]

    @classmethod
    def of(
        cls, seed: int, organisation: Organisation, types: DecisionTypes, assumptions: Assumptions
    ) -> Self:
        """Build the world that the files describe."""
        spread = assumptions.errors.unit_factor
        factors = {
            unit.key: Chance(seed, "unit", unit.key).factor(spread.lowest, spread.highest)
            for unit in organisation.units
        } | assumptions.errors.unit_factors
        return cls(
            seed,
            organisation,
            Calendar.of(organisation),
            types,
            NotificationRules.load(),
            assumptions,
            _groups(organisation, assumptions),
            factors,
        )

    def pick_type(self, group: str, on: date, chance: Chance) -> DecisionType | None:
        """Choose a type of a group, by relative frequency; None when no law is in force."""
        weights = self.assumptions.groups[group].weights
        possible = {
            item.code: weights.get(item.code, 1.0)
            for item in self.types.in_force(on)
            if item.group == group
        }
        return self.types.find(chance.pick(possible), on) if possible else None

    def decider(self, unit: Unit, number: int, at: datetime) -> str:
        """Give the pseudonym that the unit's officer `number` has in the quarter of `at`."""
        day = self.calendar.day_of(at)
        quarter = f"{day.year}-{(day.month - 1) // 3 + 1}"
        return lasting_pseudonym(PseudonymKind.DECIDER, self.seed, unit.key, number, quarter)

    def deciders_in(self, unit: Unit) -> int:
        """Give how many officers decide in a unit: filled posts shared out evenly."""
        units = self.organisation.units
        filled = int(self.organisation.staff.filled)
        return max(_FEWEST_DECIDERS, (filled + len(units) - 1 - units.index(unit)) // len(units))

    def desk_moment(self, day: date, chance: Chance) -> datetime:
        """Give a moment at which somebody works, on `day` or the next working day."""
        day = self.calendar.on_or_after(day)
        return chance.moment(
            self.calendar.moment(day, _DESK_OPENS), self.calendar.moment(day, _DESK_CLOSES)
        )

    def later(self, after: datetime, working_days: int, chance: Chance) -> datetime:
        """Give a moment of work that many working days later; always after `after`."""
        day = self.calendar.day_of(after)
        target = self.calendar.add_working_days(day, working_days)
        if target > day:
            return self.desk_moment(target, chance)
        if after < self.calendar.moment(day, _LAST_LOOK):
            return max(after, self.calendar.moment(day, _DESK_OPENS)) + timedelta(
                minutes=chance.between(5, 60)
            )
        return self.desk_moment(day + timedelta(days=1), chance)

    def slot(
        self, service: Service, hours: OpeningHours, day: date, chance: Chance
    ) -> datetime | None:
        """Give a free slot on the first day from `day` on with opening hours; None without any."""
        for _ in range(31):
            open_times = self.calendar.open_times(day, hours)
            starts = [
                span.start + position * service.duration
                for span in open_times
                for position in range((span.end - span.start) // service.duration)
            ]
            if starts:
                return starts[chance.between(0, len(starts) - 1)]
            day += timedelta(days=1)
        return None


def _groups(organisation: Organisation, assumptions: Assumptions) -> dict[str, Group]:
    """Give the groups that this authority decides and can be applied to for.

    Raises:
        NothingToDecide: there are none.
    """
    groups = {
        key: group
        for key, group in assumptions.groups.items()
        if organisation.unit_of(key) is not None
        and (group.ex_officio or any(organisation.services_of(key)))
    }
    if not groups:
        raise NothingToDecide({key for unit in organisation.units for key in unit.decision_groups})
    return groups


def simulated_event(chance: Chance, subject: str, at: datetime, facts: Facts) -> Event:
    """Make an event whose id follows from chance, so that a repeated run repeats it."""
    return Event(chance.event_id(at), SOURCE, subject, at, facts)
