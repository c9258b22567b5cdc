"""The law and the organisation that checks go by."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from shared.law.decision_types import DecisionType, DecisionTypes
from shared.law.notification_rules import NotificationRule, NotificationRules
from shared.law.participation import Participations
from shared.law.time_limits import TimeLimits
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Law:
    """Every table that a check may look into.

    `calendar` has the Land's holidays only: the authority's own closing days lengthen no deadline.
    """

    types: DecisionTypes
    notification: NotificationRules
    limits: TimeLimits
    participations: Participations
    organisation: Organisation
    calendar: Calendar

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Read the tables that come with the system, for an authority."""
        place = organisation.jurisdiction
        return cls(
            DecisionTypes.load(),
            NotificationRules.load(),
            TimeLimits.load(),
            Participations.load(),
            organisation,
            Calendar(place.holidays, place.time_zone),
        )

    def type_of(self, code: str, on: date) -> DecisionType | None:
        """Give a decision type as it was in force on a day."""
        return self.types.find(code, on)

    def notification_rule(self, channel: str | None, sent_on: date) -> NotificationRule | None:
        """Give when a notice sent that way on a day counts as notified."""
        if channel is None:
            return None
        statute = self.organisation.jurisdiction.procedural_law
        return self.notification.rule(statute, channel, sent_on)
