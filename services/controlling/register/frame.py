"""Where a decision belongs in the sampling frame: its day and its stratum."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.controlling.periods.deadlines import start_of
from services.controlling.periods.draw import PeriodDraw
from services.controlling.policy.strata import LATE, Kind, Stratum
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionType, DecisionTypes
from shared.organisation.model import Organisation

# Types, directions, units and days repeat all the time; what follows is worked out once.
_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A decision's place in the frame.

    Compared by identity: `Frame` makes each place once.

    Attributes:
        late_group: The group of the type, where the stratum is that of late decisions.
        unit: The unit that events name, where the stratum has another one.
    """

    period_key: str
    stratum: str
    type_code: str
    late_group: str | None = None
    unit: str | None = None


class Frame:
    """Finds places by the authority's calendar, and by policy and catalogue of the period.

    Attributes:
        zone: Where its days begin and end.
    """

    def __init__(
        self,
        decision_types: DecisionTypes,
        zone: ZoneInfo,
        organisation: Organisation | None = None,
    ) -> None:
        """Wire it.

        Args:
            decision_types: The catalogue.
            zone: Where days begin and end.
            organisation: What became of former units; None: they are as events name them.
        """
        self._organisation = organisation
        self._group_of = decision_types.group_of
        self.zone = zone
        self._place = lru_cache(_REMEMBERED)(self._work_out)
        self._late_place = lru_cache(_REMEMBERED)(Place)
        self._type = lru_cache(_REMEMBERED)(decision_types.find)

    def day(self, decided_at: datetime) -> date:
        """Give the day of a decision where the authority is."""
        return decided_at.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Give the moment at which a day begins there."""
        return start_of(day, self.zone)

    def type_of(self, decision: DecisionMade, day: date) -> DecisionType | None:
        """Give the type of a decision, as the law has it on a day; None outside the catalogue."""
        return self._type(decision.type_code, day)

    def group_of(self, decision: DecisionMade, day: date) -> str:
        """Give the group of a decision by the catalogue of a day."""
        return self._group_of(decision.type_code, day)

    def place(self, period: PeriodDraw, decision: DecisionMade, day: date) -> Place:
        """Give the place of a decision made on a day of a period."""
        policy = period.policy
        texts = policy.texts_of(decision) if policy.split_by else ()
        # Not a `Kind`: making one for each decision costs a tenth of deciding.
        return self._place(
            period, (decision.type_code, decision.direction, decision.unit, day, texts)
        )

    def late_place(self, period: PeriodDraw, decision: DecisionMade, day: date) -> Place:
        """Give the place in an open period of a decision whose own period is closed."""
        stratum = Stratum(LATE, decision.direction, decision.unit).key
        group = self.group_of(decision, day)
        return self._late_place(period.key, stratum, decision.type_code, group)

    def _work_out(
        self, period: PeriodDraw, fields: tuple[str, Direction, str, date, tuple[str, ...]]
    ) -> Place:
        kind = Kind(*fields)
        group_of = period.groups.group_of if period.groups else self._group_of
        group = group_of(kind.type_code, kind.day)
        found = kind._replace(unit=self._unit(period, kind, group))
        stratum = period.policy.stratum_of(found, group)
        named = None if stratum.unit == kind.unit else kind.unit
        return Place(period.key, stratum.key, kind.type_code, unit=named)

    def _unit(self, period: PeriodDraw, kind: Kind, group: str) -> str:
        """Give the unit to whose strata a decision belongs.

        Since the organisation changed, that is its successor; but a period whose policy still
        names the former unit goes on as it was opened.
        """
        organisation = self._organisation
        if organisation is None or kind.day < organisation.valid_from:
            return kind.unit
        now = organisation.unit_now(kind.unit, group)
        named = {entry.unit for entry in period.policy.rates}
        if now in named:
            return now
        return next((one for one in organisation.former_units(now, group) if one in named), now)
