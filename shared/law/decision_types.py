"""The catalogue of decision types, read from `decision_types.yaml`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from shared.configuration.places import law_file
from shared.configuration.yaml_file import Mistake, Section, load, nearest
from shared.events.vocabulary import Code, Direction, FeatureValue, LegalBasis
from shared.law.citation import is_citation
from shared.law.errors import DecisionTypesInvalid
from shared.law.rule import Rule

FILE = "decision_types.yaml"
RESERVED_GROUP = "late"
"""No group of a catalogue: decisions that come after the close of their period are drawn as it."""

_BY_DEFAULT = (Direction.FAVOURABLE, Direction.ADVERSE)
_WHEN_ADVERSE = (Direction.ADVERSE,)
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class GroupName(Section):
    """What a group is called."""

    de: _Text
    en: _Text


class DecisionGroup(Section):
    """A group of decision types; strata are made of group, direction and unit."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    name: GroupName


class DecisionType(Rule):
    """One type of decision, as the law has it on some days."""

    code: Code
    group: Code
    legal_basis: LegalBasis
    name: _Text
    directions: tuple[Direction, ...] = Field(default=_BY_DEFAULT, min_length=1)
    discretion: bool = Field(default=False, description="Discretion is typical.")
    written_form: tuple[Direction, ...] = Field(
        default=_WHEN_ADVERSE, description="Directions in which written form is compulsory."
    )
    reasons: tuple[Direction, ...] = Field(
        default=_WHEN_ADVERSE, description="Directions in which reasons are compulsory."
    )
    hearing: tuple[Direction, ...] = Field(
        default=(), description="Directions that take something away, so a hearing is compulsory."
    )


class Feature(Section):
    """Something that makes cases alike: yes or no, unless it names numbers or words."""

    key: Code
    groups: tuple[Code, ...] = Field(default=(), description="Whose decisions have it; all.")
    least: int | None = Field(default=None, description="Makes it a number.")
    most: int | None = None
    one_of: tuple[Code, ...] = Field(default=(), description="Makes it one of these words.")

    def takes(self, value: FeatureValue) -> bool:
        """Tell whether it can have a value."""
        if self.one_of:
            return value in self.one_of
        if self.least is None or self.most is None:
            return isinstance(value, bool)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number and self.least <= int(value) <= self.most


class _Catalogue(Section):
    groups: tuple[DecisionGroup, ...] = Field(min_length=1)
    unlisted: Code
    features: tuple[Feature, ...] = ()
    types: tuple[DecisionType, ...]


@dataclass(frozen=True, slots=True)
class DecisionTypes:
    """Every decision type of every time, found by code and day."""

    groups: tuple[DecisionGroup, ...]
    unlisted: str
    features: tuple[Feature, ...]
    _by_code: Mapping[str, tuple[DecisionType, ...]]

    @classmethod
    def load(cls, path: Path | None = None, statutes: Collection[str] | None = None) -> Self:
        """Read a catalogue.

        Args:
            path: The file; without it, that of the law in force here.
            statutes: What its citations may name; None leaves that unchecked.

        Raises:
            DecisionTypesInvalid: with everything that is wrong, by line and field.
        """

        def contradictions(catalogue: _Catalogue) -> Iterator[Mistake]:
            yield from _contradictions(catalogue)
            if statutes is not None:
                yield from _unknown_statutes(catalogue, statutes)

        catalogue = load(
            path or law_file(FILE),
            _Catalogue,
            invalid=DecisionTypesInvalid,
            contradictions=contradictions,
        )
        by_code: dict[str, tuple[DecisionType, ...]] = {}
        for item in catalogue.types:
            by_code[item.code] = (*by_code.get(item.code, ()), item)
        return cls(
            catalogue.groups, catalogue.unlisted, catalogue.features, MappingProxyType(by_code)
        )

    @property
    def codes(self) -> frozenset[str]:
        """Every code of every time."""
        return frozenset(self._by_code)

    def find(self, code: str, on: date) -> DecisionType | None:
        """Give the type with this code that is in force on a day; None when there is none."""
        return next((item for item in self._by_code.get(code, ()) if item.in_force(on)), None)

    def group_of(self, type_code: str, on: date) -> str:
        """Give the group of a decision taken on a day.

        A code that isn't known, or isn't in force on that day, belongs to the declared group
        `unlisted`: logs of other authorities bring codes of their own, and a decision on law that
        is no longer in force must not disappear in a stratum of lawful ones.
        """
        found = self.find(type_code, on)
        return self.unlisted if found is None else found.group

    def every(self) -> Iterator[DecisionType]:
        """Give every type of every time, in the order of the file."""
        return (item for items in self._by_code.values() for item in items)

    def in_force(self, on: date) -> Iterator[DecisionType]:
        """Give the types in force on a day, in the order of the file."""
        return (item for item in self.every() if item.in_force(on))


def _contradictions(catalogue: _Catalogue) -> Iterator[Mistake]:
    known = {group.key for group in catalogue.groups}
    yield from _reserved(catalogue)
    yield from _loose_features(catalogue, known)
    if catalogue.unlisted not in known:
        yield Mistake(("unlisted",), f"{catalogue.unlisted} is no group; add it to groups")
    for position, item in enumerate(catalogue.types):
        if item.group not in known:
            yield Mistake(("types", position, "group"), f"there is no group {item.group}")
        if item.valid_to is not None and item.valid_to < item.valid_from:
            yield Mistake(("types", position, "valid_to"), "ends before valid_from")
        for name in ("written_form", "reasons", "hearing"):
            if not set(getattr(item, name)) <= {*item.directions, *_WHEN_ADVERSE}:
                yield Mistake(("types", position, name), "names a direction the type hasn't")
    for (_, first), (position, second) in combinations(enumerate(catalogue.types), 2):
        if first.code == second.code and first.overlaps(second):
            yield Mistake(
                ("types", position, "valid_from"),
                f"{second.code} is in force twice on some day; end the earlier entry with valid_to",
            )


def _reserved(catalogue: _Catalogue) -> Iterator[Mistake]:
    for position, group in enumerate(catalogue.groups):
        if group.key == RESERVED_GROUP:
            reason = "is what decisions are drawn as that come too late; choose another"
            yield Mistake(("groups", position, "key"), reason)


def no_type(code: str, codes: Collection[str]) -> str:
    """Say that no such type is in the catalogue, and which is nearest."""
    return f"there is no decision type {code}{nearest(code, codes)}"


def _unknown_statutes(catalogue: _Catalogue, statutes: Collection[str]) -> Iterator[Mistake]:
    for position, item in enumerate(catalogue.types):
        if not is_citation(item.legal_basis, statutes):
            yield Mistake(
                ("types", position, "legal_basis"),
                f"cites no statute of statutes.yaml, or not as § 5 (1) GewO: {item.legal_basis}",
            )


def _loose_features(catalogue: _Catalogue, known: Collection[str]) -> Iterator[Mistake]:
    for position, feature in enumerate(catalogue.features):
        if (feature.least is None) != (feature.most is None):
            yield Mistake(("features", position), "a number has least and most")
        for place, group in enumerate(feature.groups):
            if group not in known:
                yield Mistake(("features", position, "groups", place), f"there is no group {group}")
