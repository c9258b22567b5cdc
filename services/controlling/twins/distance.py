"""Twins: cases alike in what the policy names, decided in opposite directions. Pure.

Distance after J. C. Gower, "A General Coefficient of Similarity and Some of Its Properties",
Biometrics 27 (1971): the mean of the features' differences, by weight. A value that one of two
cases lacks counts as wholly different, so that nothing is alike only because nothing is known.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from services.controlling.policy.policy import TwinFeature, Twins
from shared.events.vocabulary import FeatureValue

Values = tuple[FeatureValue | None, ...]
"""What a case has in each feature of the policy, in its order."""
_DISTANCES_REMEMBERED = 65_536


class Case(NamedTuple):
    """A decision as one half of a pair of twins."""

    decision_id: str
    case_ref: str
    decided_at: datetime
    values: Values


class Pair(NamedTuple):
    """A decision and its twin, decided the other way."""

    decision_id: str
    twin: str
    distance: Decimal


class Neighbours:
    """Cases of one direction that are alike in all that must be the same.

    They are kept by their values, in order of time. So finding the nearest costs one distance for
    each combination of values that occurs, however many cases have it.
    """

    def __init__(self, twins: Twins) -> None:
        self._most = twins.maximum_distance
        self._window = timedelta(days=twins.within_days)
        self._cells: dict[Values, list[tuple[datetime, str, str]]] = {}
        self._distance = lru_cache(_DISTANCES_REMEMBERED)(
            lambda first, second: distance(first, second, twins.features)
        )

    def add(self, case: Case) -> None:
        """Add a case."""
        insort(
            self._cells.setdefault(case.values, []),
            (case.decided_at, case.decision_id, case.case_ref),
        )

    def nearest(self, case: Case) -> Pair | None:
        """Find the twin of a case: least distant, then nearest in time, then by its id."""
        found: list[tuple[Decimal, timedelta, str]] = []
        for values, members in self._cells.items():
            apart = self._distance(case.values, values)
            if apart <= self._most and (closest := self._closest(case, members)):
                found.append((apart, *closest))
        if not found:
            return None
        apart, _, twin = min(found)
        return Pair(case.decision_id, twin, apart)

    def _closest(
        self, case: Case, members: Sequence[tuple[datetime, str, str]]
    ) -> tuple[timedelta, str] | None:
        """Find the case of somebody else that is nearest in time."""
        place = bisect_left(members, (case.decided_at, "", ""))
        sides = (
            self._first(case, (members[at] for at in range(place - 1, -1, -1))),
            self._first(case, (members[at] for at in range(place, len(members)))),
        )
        return min((one for one in sides if one is not None), default=None)

    def _first(
        self, case: Case, members: Iterable[tuple[datetime, str, str]]
    ) -> tuple[timedelta, str] | None:
        """Find the first on one side of a case in time; of several at one moment, by the id."""
        found: tuple[timedelta, str] | None = None
        for at, decision_id, case_ref in members:
            apart = abs(at - case.decided_at)
            if apart > self._window or (found is not None and apart > found[0]):
                break
            if case_ref != case.case_ref:
                found = min(found or (apart, decision_id), (apart, decision_id))
        return found


def distance(first: Values, second: Values, features: Sequence[TwinFeature]) -> Decimal:
    """Give how far apart two cases are: 0 the same, 1 unlike in everything."""
    total = sum(feature.weight for feature in features)
    apart = sum(
        feature.weight * _difference(one, other, feature.scale)
        for one, other, feature in zip(first, second, features, strict=True)
    )
    return Decimal(apart) / total


def _difference(
    one: FeatureValue | None, other: FeatureValue | None, scale: Decimal | None
) -> Decimal:
    if one is None or other is None:
        return Decimal(1)
    if scale is not None and isinstance(one, int) and isinstance(other, int):
        return min(Decimal(1), abs(one - other) / scale)
    return Decimal(one != other)
