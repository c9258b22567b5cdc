"""Twins: cases alike in what the policy names, decided in opposite directions. Pure.

Distance after J. C. Gower, "A General Coefficient of Similarity and Some of Its Properties",
Biometrics 27 (1971): the mean of the features' differences, by weight. A value that one of two
cases lacks counts as wholly different, so that nothing is alike only because nothing is known.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from services.controlling.policy.policy import TwinFeature, Twins
from shared.events.vocabulary import FeatureValue

Values = tuple[FeatureValue | None, ...]
"""What a case has in each feature of the policy, in its order."""
_FIRST_LOOK = 4
_FURTHER = 8
"""So many times as many neighbours are looked at, when those looked at don't decide it."""
_MOST_NEIGHBOURS = 2_048
"""Beyond so many combinations of values nobody's twin is looked for: only what weighs too little to
tell cases apart can differ that often, and the nearest in all else are among them."""
_ROUNDING = 1e-9


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


Member = tuple[datetime, str, str]
"""When it was decided, the decision, its case."""


def nearest(rule: Twins, seeking: Sequence[Case], others: Iterable[Case]) -> list[Pair]:
    """Find the twin of each case that has one: least distant, then nearest in time, then by its id.

    All must be alike in what the rule says must be the same. What weighs more than the largest
    distance can't differ: it parts cases into cells, and numbers among it are searched by a tree.
    So the cost grows little faster than the number of cases, however finely a feature is divided.
    """
    search = _Search(rule)
    cells: dict[Values, dict[Values, list[Member]]] = defaultdict(lambda: defaultdict(list))
    for one in others:
        if (key := search.key(one.values)) is not None:
            cells[key][one.values].append((one.decided_at, one.decision_id, one.case_ref))
    wanted: dict[Values, list[Case]] = defaultdict(list)
    for one in seeking:
        key = search.key(one.values)
        if key is not None and key in cells:
            wanted[key].append(one)
    return [pair for key, cases in wanted.items() for pair in search.pairs(cases, cells[key])]


class _Search:
    """Looks for twins by one rule."""

    def __init__(self, rule: Twins) -> None:
        total = sum(feature.weight for feature in rule.features)
        self._distances = Distances(rule.features)
        self._most = int(Fraction(rule.maximum_distance) * self._distances.whole)
        self._reach = float(rule.maximum_distance) + 2 * _ROUNDING
        self._window = timedelta(days=rule.within_days)
        telling = [
            (place, one.scale, one.weight / total)
            for place, one in enumerate(rule.features)
            if one.weight / total > rule.maximum_distance
        ]
        self._same = [place for place, scale, _ in telling if scale is None]
        near = [(place, float(share / scale)) for place, scale, share in telling if scale]
        self._near = [place for place, _ in near]
        self._units = np.array([unit for _, unit in near])

    def key(self, values: Values) -> Values | None:
        """Give what must be the same in a twin; None: there can't be one."""
        key = [values[n] for n in self._same]
        for n in self._near:
            value = values[n]
            if value is None:
                return None
            key.append(None if isinstance(value, int) else value)
        return None if None in key[: len(self._same)] else tuple(key)

    def pairs(self, cases: Sequence[Case], cells: dict[Values, list[Member]]) -> Iterator[Pair]:
        """Find the twins of cases among those that have the same key."""
        places = list(cells)
        members = [sorted(cells[values]) for values in places]
        tree = cKDTree(self._points(places))
        asking = self._points([one.values for one in cases])
        waiting = list(range(len(cases)))
        amount = _FIRST_LOOK
        while waiting:
            amount = min(amount, len(places))
            apart, found = tree.query(
                asking[waiting],
                k=range(1, amount + 1),
                p=1,
                distance_upper_bound=self._reach,
            )
            undecided = []
            for one, least, near in zip(waiting, apart.tolist(), found.tolist(), strict=True):
                pair, certain = self._best(cases[one], least, near, places, members)
                if certain or amount >= min(len(places), _MOST_NEIGHBOURS):
                    if pair:
                        yield pair
                else:
                    undecided.append(one)
            waiting, amount = undecided, amount * _FURTHER

    def _points(self, values: Sequence[Values]) -> NDArray[np.float64]:
        """Give cases as points whose distance (L1) is never above that of the cases."""
        if not self._near:
            return np.zeros((len(values), 1))
        columns = [
            [value if isinstance(value := one[n], int) else 0 for one in values] for n in self._near
        ]
        points: NDArray[np.float64] = np.array(columns, dtype=np.float64).T * self._units
        return points

    def _best(
        self,
        case: Case,
        least: Sequence[float],
        near: Sequence[int],
        places: Sequence[Values],
        members: Sequence[Sequence[Member]],
    ) -> tuple[Pair | None, bool]:
        """Give the best of some neighbours, and whether none further away can be better."""
        best: tuple[int, timedelta, str] | None = None
        enough = self._reach
        for bound, place in zip(least, near, strict=True):
            if place == len(places) or bound > enough:
                return self._pair(case, best), True
            apart = self._distances.steps(case.values, places[place])
            if apart > self._most or (best and apart > best[0]):
                continue
            if closest := self._closest(case, members[place]):
                found = (apart, *closest)
                best = min(best, found) if best else found
                enough = best[0] / self._distances.whole + _ROUNDING
        return self._pair(case, best), False

    def _pair(self, case: Case, best: tuple[int, timedelta, str] | None) -> Pair | None:
        return best and Pair(case.decision_id, best[2], self._distances.share(best[0]))

    def _closest(self, case: Case, members: Sequence[Member]) -> tuple[timedelta, str] | None:
        """Find the case of somebody else that is nearest in time."""
        if len(members) == 1:
            return self._first(case, members)
        place = bisect_left(members, (case.decided_at, "", ""))
        sides = (
            self._first(case, (members[at] for at in range(place - 1, -1, -1))),
            self._first(case, (members[at] for at in range(place, len(members)))),
        )
        return min((one for one in sides if one is not None), default=None)

    def _first(self, case: Case, members: Iterable[Member]) -> tuple[timedelta, str] | None:
        """Find the first on one side of a case in time; of several at one moment, by the id."""
        found: tuple[timedelta, str] | None = None
        for at, decision_id, case_ref in members:
            apart = abs(at - case.decided_at)
            if apart > self._window or (found is not None and apart > found[0]):
                break
            if case_ref != case.case_ref:
                found = min(found or (apart, decision_id), (apart, decision_id))
        return found


class Distances:
    """Measures how far apart cases are by one rule, in whole steps: exact, and quickly."""

    def __init__(self, features: Sequence[TwinFeature]) -> None:
        total = Fraction(sum(feature.weight for feature in features))
        shares = [Fraction(one.weight) / total for one in features]
        steps = [
            None if one.scale is None else share / Fraction(one.scale)
            for one, share in zip(features, shares, strict=True)
        ]
        self.whole = lcm(*(one.denominator for one in (*shares, *steps) if one is not None))
        """So many steps are wholly different in everything."""
        self._units = [
            (int(share * self.whole), None if step is None else int(step * self.whole))
            for share, step in zip(shares, steps, strict=True)
        ]

    def steps(self, first: Values, second: Values) -> int:
        """Give how far apart two cases are: 0 the same, `whole` unlike in everything."""
        apart = 0
        for one, other, (most, step) in zip(first, second, self._units, strict=True):
            if one is None or other is None:
                apart += most
            elif one != other:
                if step is not None and isinstance(one, int) and isinstance(other, int):
                    apart += min(most, abs(one - other) * step)
                else:
                    apart += most
        return apart

    def share(self, steps: int) -> Decimal:
        """Write a distance as a share of what is wholly different."""
        return Decimal(steps) / self.whole
