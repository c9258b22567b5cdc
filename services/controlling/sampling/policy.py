"""The sampling policy: how much of each stratum is drawn. Leadership's document, not code."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from services.controlling.sampling.strata import Stratum
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import Code, Direction

Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=8)]
Minimum = Annotated[int, Field(ge=0, le=10_000)]


class PolicyInvalid(FileInvalid):
    """The sampling policy can't be used."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one stratum is drawn.

    Attributes:
        rate: The probability with which each decision is drawn as it arrives.
        minimum: How many decisions the sample holds at least once the period is closed; all
            when the stratum has fewer.
    """

    rate: Decimal
    minimum: int


class StratumRate(Section):
    """The rule for every stratum that has all the named properties."""

    group: Code | None = None
    direction: Direction | None = None
    unit: Code | None = None
    rate: Rate
    minimum: Minimum = 0
    why: str = Field(min_length=3, max_length=300, description="For those who check the draw.")

    def covers(self, stratum: Stratum) -> bool:
        """Whether this rule is meant for the stratum."""
        return (
            self.group in (None, stratum.group)
            and self.direction in (None, stratum.direction)
            and self.unit in (None, stratum.unit)
        )


class Policy(Section):
    """One version of the policy. Rates are tried in order; the first that covers a stratum wins.

    A period keeps the version with which it opened.
    """

    version: Code
    period: Literal["month"] = "month"
    default_rate: Rate
    default_minimum: Minimum = 0
    close_after_days: int = Field(
        default=7, ge=0, le=366, description="Days left for decisions that arrive late."
    )
    rates: tuple[StratumRate, ...] = ()

    def rule_of(self, stratum: Stratum) -> Rule:
        """Tell how a stratum is drawn."""
        for entry in self.rates:
            if entry.covers(stratum):
                return Rule(entry.rate, entry.minimum)
        return Rule(self.default_rate, self.default_minimum)


def load_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        PolicyInvalid: names line, field and what is wrong.
    """
    return load(path, Policy, invalid=PolicyInvalid)
