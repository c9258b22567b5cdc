"""Signs that harmless decisions were put in so that others are drawn less often. Pure.

A draw takes a share. Who adds many decisions that stand every review lowers the part that chance
gives to the others, though not their own chance. So many decisions of one case, or from one source
within an hour, are shown: never of one officer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from shared.configuration.yaml_file import Section


class Limits(Section):
    """More than these are shown."""

    in_case: int = Field(default=10, ge=1, description="Decisions of one case in one period.")
    in_hour: int = Field(
        default=1000, ge=1, description="Decisions of one period from one source within an hour."
    )


@dataclass(frozen=True, slots=True)
class CrowdedCase:
    """A case with many decisions in one period."""

    case_ref: str
    period: str
    decisions: int


@dataclass(frozen=True, slots=True)
class CrowdedHour:
    """An hour in which one source sent many decisions of one period."""

    source: str
    hour: datetime
    period: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Dilution:
    """What is more than the limits allow, the most first."""

    limits: Limits
    cases: Sequence[CrowdedCase]
    hours: Sequence[CrowdedHour]

    @property
    def footnotes(self) -> Iterator[str]:
        """Give what stands beneath figures; it names no case and no source."""
        if self.cases:
            total = sum(one.decisions for one in self.cases)
            yield (
                f"possible dilution: cases with more than {self.limits.in_case} decisions in the "
                f"period: {len(self.cases)}, with {total} decisions"
            )
        if self.hours:
            total = sum(one.decisions for one in self.hours)
            yield (
                "possible dilution: hours in which one source sent more than "
                f"{self.limits.in_hour} decisions of the period: {len(self.hours)}, with {total} "
                "decisions"
            )
