"""Where a decision belongs in the sampling frame: its period and its stratum."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.controlling.sampling.periods import Period, period_of
from services.controlling.sampling.strata import Stratum
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes

# Types, directions, units and days repeat all the time; their places are worked out once.
_PLACES_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A decision's place in the frame.

    Compared by identity: `Frame` makes each place once.
    """

    period: Period
    period_key: str
    stratum: str
    type_code: str


class Frame:
    """Finds places by the authority's law and calendar."""

    def __init__(self, decision_types: DecisionTypes, zone: ZoneInfo) -> None:
        self._decision_types = decision_types
        self._zone = zone
        self._place = lru_cache(_PLACES_REMEMBERED)(self._work_out)

    def place(self, decision: DecisionMade, decided_at: datetime) -> Place:
        """Give the place of a decision made at a time."""
        day = decided_at.astimezone(self._zone).date()
        return self._place(decision.type_code, decision.direction, decision.unit, day)

    def _work_out(self, type_code: str, direction: Direction, unit: str, day: date) -> Place:
        group = self._decision_types.group_of(type_code, day)
        stratum = Stratum(group, direction, unit)
        period = period_of(day)
        return Place(period, period.key, stratum.key, type_code)
