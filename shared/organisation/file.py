"""The organisation file: read, validated, checked for contradictions."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from shared.configuration.yaml_file import Mistake, load, nearest
from shared.law.notification_rules import NotificationRules
from shared.organisation.errors import OrganisationInvalid
from shared.organisation.model import OpeningHours, Organisation

_LEAP_YEAR = 2024


def load_organisation(path: Path) -> Organisation:
    """Read the organisation file.

    Raises:
        OrganisationInvalid: with everything that is wrong, by line and field.
    """
    return load(path, Organisation, invalid=OrganisationInvalid, contradictions=_contradictions)


def _contradictions(organisation: Organisation) -> Iterator[Mistake]:
    yield from _repeated_keys(organisation)
    yield from _shared_groups(organisation)
    yield from _merged_units(organisation)
    yield from _split_units(organisation)
    yield from _loose_services(organisation)
    yield from _impossible_days(organisation)
    yield from _law_without_rules(organisation)
    for position, office in enumerate(organisation.offices):
        yield from _overlapping_hours(("offices", position, "hours"), office.hours)
        if (counter := office.emergency_counter) is not None:
            way = ("offices", position, "emergency_counter", "hours")
            yield from _overlapping_hours(way, counter.hours)
    for position, unit in enumerate(organisation.units):
        yield from _overlapping_hours(("units", position, "hours"), unit.hours)
    if organisation.staff.vacant > organisation.staff.posts:
        yield Mistake(("staff", "vacant"), "there can't be more vacancies than posts")


def _repeated_keys(organisation: Organisation) -> Iterator[Mistake]:
    for section in ("roles", "units", "offices", "services"):
        seen: set[str] = set()
        for position, item in enumerate(getattr(organisation, section)):
            if item.key in seen:
                yield Mistake((section, position, "key"), f"{item.key} is taken; choose another")
            seen.add(item.key)


def _shared_groups(organisation: Organisation) -> Iterator[Mistake]:
    owner: dict[str, str] = {}
    for position, unit in enumerate(organisation.units):
        for place, group in enumerate(unit.decision_groups):
            if group in owner:
                yield Mistake(
                    ("units", position, "decision_groups", place),
                    f"{group} belongs to {owner[group]} already; a group belongs to one unit",
                )
            owner.setdefault(group, unit.key)


def _merged_units(organisation: Organisation) -> Iterator[Mistake]:
    present = {unit.key for unit in organisation.units}
    successor: dict[str, str] = {}
    for position, unit in enumerate(organisation.units):
        for place, key in enumerate(unit.formerly):
            way = ("units", position, "formerly", place)
            if key in present:
                yield Mistake(way, f"{key} is still a unit; a unit that was merged is listed once")
            if key in successor:
                yield Mistake(way, f"{key} was merged into {successor[key]} already")
            successor.setdefault(key, unit.key)


def _split_units(organisation: Organisation) -> Iterator[Mistake]:
    """A unit that was split goes on with what is left of it, or has parts that took it all."""
    present = {unit.key for unit in organisation.units}
    parts = Counter(key for unit in organisation.units for key in set(unit.split_from))
    for position, unit in enumerate(organisation.units):
        for place, key in enumerate(unit.split_from):
            way = ("units", position, "split_from", place)
            successor = organisation.successor_of(key)
            if key == unit.key:
                yield Mistake(way, f"{key} can't be a part of itself; leave it out")
            elif successor is not None:
                yield Mistake(way, f"{key} was merged into {successor.key}; it can't be split, too")
            elif key not in present and parts[key] == 1:
                yield Mistake(way, f"{key} has no other part; name it under formerly")


def _loose_services(organisation: Organisation) -> Iterator[Mistake]:
    offices = {office.key for office in organisation.offices}
    for position, service in enumerate(organisation.services):
        for place, key in enumerate(service.offices):
            if key not in offices:
                yield Mistake(
                    ("services", position, "offices", place),
                    f"there is no office {key}; known: {', '.join(sorted(offices))}",
                )
        if organisation.unit_of(service.decision_group) is None:
            yield Mistake(
                ("services", position, "decision_group"),
                f"no unit decides {service.decision_group}; add it to a unit's decision_groups",
            )


def _impossible_days(organisation: Organisation) -> Iterator[Mistake]:
    for place, text in enumerate(organisation.jurisdiction.closing_days):
        try:
            date.fromisoformat(f"{_LEAP_YEAR}-{text}")
        except ValueError:
            yield Mistake(
                ("jurisdiction", "closing_days", place), "is no day of the year; write MM-DD"
            )


def _law_without_rules(organisation: Organisation) -> Iterator[Mistake]:
    """Refuse a statute by which no decision would ever count as notified."""
    known = {rule.statute for rule in NotificationRules.load().rules}
    statute = organisation.jurisdiction.procedural_law
    if statute not in known:
        yield Mistake(
            ("jurisdiction", "procedural_law"),
            f"notification_rules.yaml has no rule of {statute}{nearest(statute, known)}; "
            f"known: {', '.join(sorted(known))}",
        )


def _overlapping_hours(way: Sequence[str | int], hours: OpeningHours) -> Iterator[Mistake]:
    for weekday, spans in hours.items():
        if any(later.start < earlier.end for earlier, later in itertools.pairwise(spans)):
            yield Mistake(
                (*way, weekday.value),
                "hours overlap or are out of order; list them from morning to evening",
            )
