"""The policy file: read, validated, and refused when part of it can never hold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from services.controlling.policy.calendar import period_of
from services.controlling.policy.inspection import Experience, plan_of, settle
from services.controlling.policy.policy import PRIORITY, Policy, PrioritySet, StratumRate
from services.controlling.policy.strata import FEATURE
from services.controlling.policy.unlisted import floor
from services.controlling.statistics.errors import PlanUnknown
from shared.configuration.yaml_file import FileInvalid, Mistake, Place, load, nearest
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation


class PolicyInvalid(FileInvalid):
    """The sampling policy can't be used."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a policy may speak of: the catalogue of decision types and the authority's units."""

    types: DecisionTypes
    organisation: Organisation

    def mistakes(self, policy: Policy) -> Iterator[Mistake]:
        """Find what can match nothing, because nothing has that name."""
        for position, entry in enumerate(policy.rates):
            yield from self._in_rate(("rates", position), entry)
        yield from self._lowered(policy)
        yield from self._features(policy)
        codes = self.types.codes
        for position, one in enumerate(policy.priority):
            for place, code in enumerate(one.types):
                if code not in codes:
                    way = ("priority", position, "types", place)
                    yield Mistake(way, f"there is no decision type {code}{nearest(code, codes)}")

    def _lowered(self, policy: Policy) -> Iterator[Mistake]:
        """Find rules for unlisted types that say less than what holds for these anyway."""
        own = [
            (position, entry, entry.rate)
            for position, entry in enumerate(policy.rates)
            if entry.group == self.types.unlisted and entry.rate is not None
        ]
        others = _settled_beside(policy, self.types.unlisted) if own else []
        for position, entry, rate in own:
            directions = [one for one in Direction if entry.direction in (None, one)]
            least = max(floor(policy, others, one).rate for one in directions)
            if rate < least:
                yield Mistake(
                    ("rates", position, "rate"),
                    "types outside the catalogue, as misspelt ones, are drawn like the most looked "
                    f"at of their direction: write {least.normalize():f} or more, or leave this "
                    "rule out",
                )

    def _features(self, policy: Policy) -> Iterator[Mistake]:
        """Find features that no decision has: the catalogue of types says which there are."""
        known = [feature.key for feature in self.types.features]
        named: list[tuple[Place, str]] = [
            (("split_by", position), field) for position, field in enumerate(policy.split_by)
        ]
        if policy.twins is not None:
            named += [
                (("twins", "features", position, "field"), feature.field)
                for position, feature in enumerate(policy.twins.features)
            ]
            named += [
                (("twins", "alike_in", position), field)
                for position, field in enumerate(policy.twins.alike_in)
            ]
        for way, field in named:
            name = field.removeprefix(FEATURE)
            if field.startswith(FEATURE) and name not in known:
                yield Mistake(
                    way,
                    f"no decision has the feature {name}{nearest(name, known)}; "
                    f"there are {', '.join(known)}",
                )

    def _in_rate(self, way: Place, entry: StratumRate) -> Iterator[Mistake]:
        groups = [group.key for group in self.types.groups]
        if entry.group is not None and entry.group not in groups:
            reason = f"there is no group {entry.group}{nearest(entry.group, groups)}"
            yield Mistake((*way, "group"), f"{reason}; there are {', '.join(groups)}")
        if entry.unit is None:
            return
        merged = self.organisation.successor_of(entry.unit)
        units = [unit.key for unit in self.organisation.units]
        parts = [one.key for one in self.organisation.units if entry.unit in one.split_from]
        if merged is not None:
            reason = f"{entry.unit} was merged into {merged.key}; name {merged.key}"
            yield Mistake((*way, "unit"), reason)
        elif parts and entry.unit not in units:
            reason = f"{entry.unit} was split; name its parts, {' and '.join(parts)}"
            yield Mistake((*way, "unit"), reason)
        elif entry.unit not in units:
            reason = f"there is no unit {entry.unit}{nearest(entry.unit, units)}"
            yield Mistake((*way, "unit"), f"{reason}; there are {', '.join(units)}")
        elif entry.group is not None:
            yield from self._foreign(way, entry.group, entry.unit)

    def _foreign(self, way: Place, group: str, unit: str) -> Iterator[Mistake]:
        owner = self.organisation.unit_of(group)
        if owner is not None and owner.key != unit:
            yield Mistake(
                (*way, "unit"),
                f"{group} is decided by {owner.key}, so this matches nothing; name {owner.key} "
                "or leave the unit out",
            )


def _settled_beside(policy: Policy, unlisted: str) -> list[StratumRate]:
    """Give the rates for other groups, inspections planned; none where a plan isn't tabled."""
    try:
        rates = settle(policy, Experience()).rates
    except PlanUnknown:
        return []
    return [one for one in rates if one.group != unlisted and PRIORITY not in one.where]


def load_policy(path: Path, names: Names | None = None) -> Policy:
    """Read a policy file.

    Args:
        path: The YAML file.
        names: What rules may speak of; None leaves that unchecked, as for another authority's log.

    Raises:
        PolicyInvalid: names line, field and what is wrong.
    """

    def contradictions(policy: Policy) -> Iterator[Mistake]:
        yield from _contradictions(policy)
        if names is not None:
            yield from names.mistakes(policy)

    return load(path, Policy, invalid=PolicyInvalid, contradictions=contradictions)


def _contradictions(policy: Policy) -> Iterator[Mistake]:
    yield from _off_the_calendar(policy)
    yield from _twice("split_by", policy.split_by)
    yield from _twice("priority", [one.name for one in policy.priority], "name")
    for position, one in enumerate(policy.priority):
        yield from _half_a_window(("priority", position), one)
        yield from _over(("priority", position), one, policy.valid_from)
        yield from _held_before(("priority", position), one, policy.priority[:position])
    for position, entry in enumerate(policy.rates):
        yield from _amount(("rates", position), entry)
        yield from _not_split(("rates", position), entry, policy.split_by)
        yield from _shadowed(("rates", position), entry, policy.rates[:position])
    if policy.twins is not None:
        fields = [feature.field for feature in policy.twins.features]
        yield from _twice("twins.features", fields, "field")


def _off_the_calendar(policy: Policy) -> Iterator[Mistake]:
    if policy.valid_from is None:
        return
    period = period_of(policy.valid_from, policy.period)
    if period.first_day != policy.valid_from:
        yield Mistake(
            ("valid_from",),
            f"{policy.valid_from} lies within the period {period.key}; a policy takes effect at "
            f"the start of one: write {period.first_day} or {period.next.first_day}",
        )


def _twice(section: str, names: Sequence[str], *tail: str) -> Iterator[Mistake]:
    for position, name in enumerate(names):
        if name in names[:position]:
            yield Mistake((*section.split("."), position, *tail), f"{name} stands here twice")


def _half_a_window(way: Place, one: PrioritySet) -> Iterator[Mistake]:
    if (one.changed is None) != (one.days is None):
        lacking = "changed" if one.changed is None else "days"
        yield Mistake(
            (*way, lacking),
            "is missing: changed and days go together, the day of the change and how long all "
            "decisions are reviewed from then on",
        )


def _over(way: Place, one: PrioritySet, valid_from: date | None) -> Iterator[Mistake]:
    if valid_from is None or one.changed is None or one.days is None:
        return
    last = one.changed + timedelta(days=one.days - 1)
    if last < valid_from:
        yield Mistake(
            (*way, "changed"),
            f"its window ends on {last}, before the policy holds ({valid_from}), so this matches "
            "nothing; leave it out, or write the day of the change that is meant",
        )


def _held_before(way: Place, one: PrioritySet, earlier: Iterable[PrioritySet]) -> Iterator[Mistake]:
    held = {code for other in earlier if other.changed is None for code in other.types}
    if held.issuperset(one.types):
        yield Mistake((*way, "types"), "priorities above hold all of these already; leave it out")


def _amount(way: Place, entry: StratumRate) -> Iterator[Mistake]:
    if entry.rate is None and entry.inspection is None:
        yield Mistake((*way, "rate"), "is missing: write a rate or an inspection")
    if entry.inspection is not None:
        for field in ("rate", "minimum"):
            if getattr(entry, field):
                reason = "the inspection's plan decides how many are drawn; leave this out"
                yield Mistake((*way, field), reason)
        try:
            plan_of(entry.inspection)
        except PlanUnknown as error:
            yield Mistake((*way, "inspection", "quality"), str(error))


def _not_split(way: Place, entry: StratumRate, split_by: Sequence[str]) -> Iterator[Mistake]:
    for field in entry.where:
        if field not in split_by:
            yield Mistake(
                (*way, "where", field),
                f"strata aren't made by {field}, so this matches nothing; add it to split_by",
            )


def _shadowed(way: Place, entry: StratumRate, earlier: Iterable[StratumRate]) -> Iterator[Mistake]:
    for position, other in enumerate(earlier):
        if _includes(other, entry):
            yield Mistake(
                way,
                f"never holds: rates.{position} comes first and covers all of it; put the "
                "narrower one above",
            )
            return


def _includes(wide: StratumRate, narrow: StratumRate) -> bool:
    return (
        wide.group in (None, narrow.group)
        and wide.direction in (None, narrow.direction)
        and wide.unit in (None, narrow.unit)
        and wide.where.items() <= narrow.where.items()
    )
