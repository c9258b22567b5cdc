"""What strata come from: the organisation changes, and so does what a policy splits by. Pure."""

from collections.abc import Callable, Iterable

from services.controlling.policy.policy import PRIORITY, Policy, StratumRate
from services.controlling.policy.strata import Stratum
from shared.organisation.model import Organisation

UnitNow = Callable[[str, str], str]
"""Gives the unit to which the decisions of a unit and group belong today."""
_Holder = tuple[str | None, str | None]
"""A unit, and a group of its decisions; None for every one."""


def as_named(unit: str, _: str) -> str:
    """Take units as those who decided named them."""
    return unit


def now(stratum: Stratum, unit_now: UnitNow, split_by: Iterable[str]) -> Stratum:
    """Give what a stratum is today: of the unit that took it over, as far as it is split today."""
    cells = dict(stratum.narrowed)
    return Stratum(
        stratum.group,
        stratum.direction,
        unit_now(stratum.unit, stratum.group),
        tuple((field, cells[field]) for field in (PRIORITY, *split_by) if field in cells),
    )


def comes_from(later: Stratum, earlier: Stratum, unit_now: UnitNow) -> bool:
    """Whether a stratum may hold decisions of the kind that an earlier one held."""
    cells = dict(earlier.narrowed)
    return (
        (later.group, later.direction) == (earlier.group, earlier.direction)
        and later.unit in (earlier.unit, unit_now(earlier.unit, earlier.group))
        and all(cells.get(field, text) == text for field, text in later.narrowed)
    )


def meets(rate: StratumRate, stratum: Stratum) -> bool:
    """Whether a rule may cover decisions of a stratum, be it of one that is split less."""
    cells = dict(stratum.narrowed)
    return (
        rate.group in (None, stratum.group)
        and rate.direction in (None, stratum.direction)
        and rate.unit in (None, stratum.unit)
        and all(cells.get(field, text) == text for field, text in rate.where.items())
    )


def with_todays_units(policy: Policy, organisation: Organisation) -> Policy:
    """Let rules that name a former unit hold for whoever took its decisions over.

    So do rules for a unit that goes on with less, where no rule names who took the rest over.
    """
    named = frozenset((entry.unit, entry.group) for entry in policy.rates)
    rates = [
        entry.model_copy(update={"unit": unit, "group": group})
        for entry in policy.rates
        for unit, group in _todays(entry, organisation, named)
    ]
    return policy.model_copy(update={"rates": tuple(rates)})


def _todays(
    entry: StratumRate, organisation: Organisation, named: frozenset[_Holder]
) -> Iterable[_Holder]:
    """Give the units and groups for which a rule holds today."""
    if entry.unit is None:
        return [(None, entry.group)]
    if entry.group is not None:
        return [(organisation.unit_now(entry.unit, entry.group), entry.group)]
    parts = [unit for unit in organisation.units if entry.unit in unit.split_from]
    if entry.unit in {unit.key for unit in organisation.units}:
        moved = [
            (unit.key, group)
            for unit in parts
            for group in unit.decision_groups
            if named.isdisjoint({(unit.key, None), (unit.key, group)})
        ]
        return [(entry.unit, None), *moved]
    heirs = [unit for unit in organisation.units if entry.unit in unit.formerly or unit in parts]
    return [(unit.key, None) for unit in heirs] or [(entry.unit, None)]
