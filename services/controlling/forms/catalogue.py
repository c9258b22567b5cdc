"""The catalogue of criteria, read from `criteria.yaml` and refused when part of it can't hold."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Self

from pydantic import Field

from services.controlling.forms.automatic import CHECKS
from services.controlling.forms.criterion import AnsweredBy, CheckSettings, Criterion
from shared.configuration.yaml_file import FileInvalid, Mistake, Place, Section, load, nearest
from shared.events.vocabulary import Code
from shared.law.decision_types import DecisionTypes

PACKAGED = Path(__file__).with_name("criteria.yaml")


class CriteriaInvalid(FileInvalid):
    """The catalogue of criteria can't be used; the message names line, field and mend."""


class Catalogue(Section):
    """A file of criteria, in the order in which they are asked."""

    version: Code
    criteria: tuple[Criterion, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Criteria:
    """A catalogue that was checked. A review keeps version and digest of the one it began with."""

    version: str
    digest: str
    criteria: tuple[Criterion, ...]

    @classmethod
    def load(cls, types: DecisionTypes, path: Path = PACKAGED) -> Self:
        """Read a catalogue; without a path, the one that comes with the system.

        Raises:
            CriteriaInvalid: with everything that is wrong, by line and field.
        """

        def contradictions(catalogue: Catalogue) -> Iterator[Mistake]:
            return _contradictions(catalogue, types)

        return cls._of(
            load(path, Catalogue, invalid=CriteriaInvalid, contradictions=contradictions)
        )

    @classmethod
    def kept(cls, document: str) -> Self:
        """Read a catalogue as `document` wrote it; what was valid then stays so."""
        return cls._of(Catalogue.model_validate_json(document))

    @classmethod
    def _of(cls, found: Catalogue) -> Self:
        digest = hashlib.sha256(found.model_dump_json().encode()).hexdigest()
        return cls(found.version, digest, found.criteria)

    @property
    def document(self) -> str:
        """The whole catalogue, of which `digest` is the SHA-256."""
        return Catalogue(version=self.version, criteria=self.criteria).model_dump_json()

    def applies_always(self, code: str) -> bool:
        """Whether a criterion is known and applies to every decision, on whatever day."""
        entries = [one for one in self.criteria if one.code == code]
        return bool(entries) and all(one.applies_always for one in entries)

    def in_force(self, on: date) -> Iterator[Criterion]:
        """Give what is asked of decisions made on a day, in the order of the file."""
        return (one for one in self.criteria if one.in_force(on))


def _contradictions(catalogue: Catalogue, types: DecisionTypes) -> Iterator[Mistake]:
    for position, one in enumerate(catalogue.criteria):
        place = ("criteria", position)
        yield from _in_itself(place, one)
        yield from _names(place, one, types)
        yield from _asked_of_nothing(place, one, types)
        yield from _check(place, one)
    for (_, first), (position, second) in combinations(enumerate(catalogue.criteria), 2):
        if first.code == second.code and first.overlaps(second):
            yield Mistake(
                ("criteria", position, "valid_from"),
                f"{second.code} is in force twice on some day; end the earlier entry with valid_to",
            )
    yield from _without_criteria(catalogue, types)


def _in_itself(place: Place, one: Criterion) -> Iterator[Mistake]:
    if _never_in_force(one):
        yield Mistake((*place, "valid_to"), "ends before valid_from")
    if not one.can_be_answered():
        reason = "needs correct, and minor_error or significant_error"
        yield Mistake((*place, "answers"), reason)
    for name in ("answers", "consequence"):
        given = getattr(one, name)
        if len(set(given)) < len(given):
            yield Mistake((*place, name), "names one twice")


def _never_in_force(one: Criterion) -> bool:
    return one.valid_to is not None and one.valid_to < one.valid_from


def _names(place: Place, one: Criterion, types: DecisionTypes) -> Iterator[Mistake]:
    groups = [group.key for group in types.groups]
    for at, scope in enumerate(one.asked_of):
        way = (*place, "asked_of", at)
        for position, key in enumerate(scope.groups):
            if key not in groups:
                reason = f"there is no group {key}{nearest(key, groups)}"
                yield Mistake((*way, "groups", position), f"{reason}; there are {_list(groups)}")
        for position, code in enumerate(scope.types):
            if code not in types.codes:
                reason = f"there is no decision type {code}{nearest(code, types.codes)}"
                yield Mistake((*way, "types", position), reason)


def _asked_of_nothing(place: Place, one: Criterion, types: DecisionTypes) -> Iterator[Mistake]:
    every = list(types.every())
    for at, scope in enumerate(one.asked_of):
        if _never_in_force(one) or (types.unlisted in scope.groups and not scope.types):
            continue
        if not any(
            scope.covers(kind, direction)
            for kind in every
            if kind.overlaps(one)
            for direction in kind.directions
        ):
            yield Mistake(
                (*place, "asked_of", at),
                f"{one.code} is asked of nothing: no decision type of these days fits all of it; "
                "leave a part out or mend it",
            )


def _check(place: Place, one: Criterion) -> Iterator[Mistake]:
    check = CHECKS.get(one.code)
    if one.answered_by is not AnsweredBy.HUMAN and check is None:
        yield Mistake(
            (*place, "answered_by"),
            f"nothing answers {one.code} by itself; write human (by itself: {_list(CHECKS)})",
        )
    by_itself = one.answered_by is not AnsweredBy.HUMAN
    reads = check.reads if check is not None and by_itself else frozenset()
    for name in CheckSettings.model_fields:
        if getattr(one.check, name) and name not in reads:
            yield Mistake((*place, "check", name), f"no check of {one.code} reads it; leave it out")


def _without_criteria(catalogue: Catalogue, types: DecisionTypes) -> Iterator[Mistake]:
    """Find decisions of which nothing would be asked on the last day of their law."""
    for kind in types.every():
        on = kind.valid_to or date.max
        for direction in kind.directions:
            asked = (
                one.in_force(on) and any(scope.covers(kind, direction) for scope in one.asked_of)
                for one in catalogue.criteria
            )
            if not any(asked):
                yield Mistake(
                    ("criteria",),
                    f"nothing is asked of {kind.code}, {direction.value}; add it to a criterion",
                )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
