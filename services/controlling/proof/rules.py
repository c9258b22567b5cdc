"""What of a period's policy its draw follows from: the rates and minima by stratum.

All else in the document may grow without a verifier having to know it.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.controlling.policy.policy import Rule
from services.controlling.policy.strata import LATE, Stratum

_RATE = r"^(0(\.[0-9]{1,8})?|1(\.0{1,8})?|[0-9](\.[0-9])?E-[78])$"
RateText = Annotated[str, StringConstraints(pattern=_RATE)]
"""A rate from 0 to 1 as `Decimal` writes it: below a millionth with an exponent."""
Minimum = Annotated[int, Field(ge=0, le=10_000)]
Days = Annotated[int, Field(ge=0, le=366)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class StratumRule(_Part):
    """One of the rates: for every stratum that has all the named properties."""

    group: str | None = None
    direction: str | None = None
    unit: str | None = None
    where: dict[str, str] = Field(default_factory=dict)
    rate: RateText
    minimum: Minimum

    def covers(self, stratum: Stratum) -> bool:
        """Whether this rule is meant for the stratum."""
        return (
            self.group in (None, stratum.group)
            and self.direction in (None, stratum.direction)
            and self.unit in (None, stratum.unit)
            and self.where.items() <= set(stratum.narrowed)
        )


class DrawRules(_Part):
    """The rates in their order, the grace before the close, and what holds for all the rest."""

    rates: tuple[StratumRule, ...]
    default_rate: RateText
    default_minimum: Minimum
    close_after_days: Days
    late_rate: RateText = "1"

    def rule_of(self, stratum: Stratum) -> Rule:
        """Tell how a stratum is drawn: by the first of the rates that covers it.

        What came too late has a rate of its own, before all of them.
        """
        if stratum.group == LATE:
            return Rule(Decimal(self.late_rate), 0)
        for one in self.rates:
            if one.covers(stratum):
                return Rule(Decimal(one.rate), one.minimum)
        return Rule(Decimal(self.default_rate), self.default_minimum)
