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
        taken_over: Units that decisions still name, and those that took them over since.
        unknown: Decisions that were registered before their facts were kept; they count as `none`
            in the fields by which the policy splits.
        unlisted: Decision types that changes of law named and the catalogue doesn't: no trigger
            can find a decision by them.
    """

    forecast: Forecast
    burden: Burden
    taken_over: dict[str, list[str]]
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

    Decisions that name a unit that was renamed, merged or split since count as its heir's, because
    the policy is for periods to come.

    Raises:
        NothingDecided: there is nothing to count.
    """
    if not register.counts:
        raise NothingDecided(register.first, register.last)
    counted = list(_counted(register.counts, types, organisation))
    unknown = sum(one.decisions for one in register.counts if not one.known)
    known = (register.experience, organisation)
    found = forecast(policy, counted, register.days, *known, unlisted=types.unlisted)
    zone = organisation.jurisdiction.time_zone
    brought = extras(found.policy, history, types, zone, organisation.unit_now)
    return Preview(
        found,
        burden(found, brought, register.days, organisation.staff.review_hours),
        _taken_over(register.counts, counted),
        unknown if policy.split_by else 0,
        tuple(sorted({one.type_code for one in history.changes} - types.codes)),
    )


def _taken_over(before: Sequence[KindCount], after: Sequence[Counted]) -> dict[str, list[str]]:
    heirs: dict[str, set[str]] = {}
    for one, today in zip(before, after, strict=True):
        if one.kind.unit != today.kind.unit:
            heirs.setdefault(one.kind.unit, set()).add(today.kind.unit)
    return {unit: sorted(found) for unit, found in sorted(heirs.items())}


def _counted(
    counts: Sequence[KindCount], types: DecisionTypes, organisation: Organisation
) -> Iterator[Counted]:
    for one in counts:
        group = types.group_of(one.kind.type_code, one.kind.day)
        kind = one.kind._replace(unit=organisation.unit_now(one.kind.unit, group))
        yield Counted(kind, group, one.decisions)
