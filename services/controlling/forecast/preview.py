"""What a policy would have done with the decisions in the register."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.controlling.forecast.errors import NothingDecided
from services.controlling.forecast.extra import History, extras
from services.controlling.forecast.forecast import Counted, Forecast, forecast
from services.controlling.forecast.load import Burden, burden
from services.controlling.policy.inspection import Experience
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Kind
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many decisions of a kind there are, and whether their facts were kept."""

    kind: Kind
    decisions: int
    known: bool


@dataclass(frozen=True, slots=True)
class Register:
    """What the register holds from one day to another, counted by kind.

    Attributes:
        experience: What inspections had found by the day from which the policy is to hold.
    """

    first: date
    last: date
    counts: Sequence[KindCount]
    experience: Experience

    @property
    def days(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Preview:
    """A forecast, and what to know when reading it.

    Attributes:
        forecast: What would have been drawn.
        burden: All that it would have put before reviewers in a week.
        merged: Units that decisions still name, and the units they were merged into.
        unknown: Decisions that were registered before their facts were kept; they count as `none`
            in the fields by which the policy splits.
        unlisted: Decision types that changes of law named and the catalogue doesn't: no trigger
            can find a decision by them.
    """

    forecast: Forecast
    burden: Burden
    merged: dict[str, str]
    unknown: int
    unlisted: tuple[str, ...]


def preview(
    policy: Policy,
    register: Register,
    history: History,
    types: DecisionTypes,
    organisation: Organisation,
) -> Preview:
    """Foresee what a policy, as leadership wrote it, would have drawn.

    Decisions that name a unit that was merged into another count as this one's, because the
    policy is for periods to come.

    Raises:
        NothingDecided: there is nothing to count.
    """
    if not register.counts:
        raise NothingDecided(register.first, register.last)
    merged = _merged(register.counts, organisation)
    counted = _counted(register.counts, merged, types)
    unknown = sum(one.decisions for one in register.counts if not one.known)
    found = forecast(policy, counted, register.days, register.experience)
    zone = organisation.jurisdiction.time_zone
    brought = extras(found.policy, history, types, zone)
    return Preview(
        found,
        burden(found, brought, register.days, organisation.staff.review_hours),
        merged,
        unknown if policy.split_by else 0,
        tuple(sorted({one.type_code for one in history.changes} - types.codes)),
    )


def _merged(counts: Sequence[KindCount], organisation: Organisation) -> dict[str, str]:
    units = sorted({one.kind.unit for one in counts})
    return {
        unit: successor.key
        for unit in units
        if (successor := organisation.successor_of(unit)) is not None
    }


def _counted(
    counts: Sequence[KindCount], merged: dict[str, str], types: DecisionTypes
) -> Iterator[Counted]:
    for one in counts:
        kind = one.kind._replace(unit=merged.get(one.kind.unit, one.kind.unit))
        yield Counted(kind, types.group_of(kind.type_code, kind.day), one.decisions)
