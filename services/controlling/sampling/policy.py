"""The sampling policy: at which rate each stratum is drawn. Leadership's document, not code."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from services.controlling.sampling.strata import Stratum
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import Code, Direction

Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=8)]


class PolicyInvalid(FileInvalid):
    """The sampling policy can't be used."""


class StratumRate(Section):
    """A rate for every stratum that has all the named properties."""

    group: Code | None = None
    direction: Direction | None = None
    unit: Code | None = None
    rate: Rate
    why: str = Field(min_length=3, max_length=300, description="For those who check the draw.")

    def covers(self, stratum: Stratum) -> bool:
        """Whether this rate is meant for the stratum."""
        return (
            self.group in (None, stratum.group)
            and self.direction in (None, stratum.direction)
            and self.unit in (None, stratum.unit)
        )


class Policy(Section):
    """One version of the policy. Rates are tried in order; the first that covers a stratum wins."""

    version: Code
    period: Literal["month"] = "month"
    default_rate: Rate
    rates: tuple[StratumRate, ...] = ()

    def rate_of(self, stratum: Stratum) -> Decimal:
        """Give the inclusion probability of a decision of this stratum."""
        for entry in self.rates:
            if entry.covers(stratum):
                return entry.rate
        return self.default_rate


def load_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        PolicyInvalid: names line, field and what is wrong.
    """
    return load(path, Policy, invalid=PolicyInvalid)
