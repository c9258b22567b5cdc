"""The figures of a panel, made of what processes tell; as its query makes them of the same. Pure.

Only Prometheus knows what was before: here a counter has what it counted since its process began,
and so has a histogram.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

from deploy.dashboards.shown import (
    Count,
    Duration,
    Elsewhere,
    Joined,
    Level,
    Share,
    Shown,
    Silence,
    Until,
    Where,
)
from deploy.standing.series import Series

_HALF, _MOST = 0.5, 0.95
_JOIN: Mapping[Joined, Callable[[Sequence[float]], float]] = {
    Joined.GREATEST: max,
    Joined.LEAST: min,
    Joined.SUM: sum,
    Joined.NUMBER: len,
}
Told = Mapping[str, Series]
"""What processes tell, by their names; up to a hyphen a name is the label `service`."""
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """How long things took.

    Attributes:
        number: Of how many.
        half: Half of them took no longer, in seconds; infinite: longer than any bound.
        most: So 95 of 100.
    """

    number: float
    half: float
    most: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for the values of some labels.

    Attributes:
        value: NaN: unknown, or there is none.
    """

    labels: Labels
    value: float | Times


def figures(shown: Shown, told: Told, now: float) -> list[Figure]:
    """Give what a panel shows.

    Args:
        shown: What is asked for.
        told: What processes told.
        now: Seconds since 1970.
    """
    return [Figure(labels, value) for labels, value in sorted(_found(shown, told, now).items())]


def _found(shown: Shown, told: Told, now: float) -> Mapping[Labels, float | Times]:
    match shown:
        case Level(metric, by) | Until(metric, by):
            begin = now if isinstance(shown, Until) else 0
            levels = _joined(shown.joined, _grouped(told, metric, by))
            return {labels: level - begin for labels, level in levels.items()}
        case Silence(metric, limit, by):
            limits = _joined(Joined.LEAST, _grouped(told, limit, by))
            last = _joined(Joined.LEAST, _grouped(told, metric, by))
            both = last.keys() & limits
            return {labels: (now - last[labels]) / limits[labels] for labels in both}
        case Count(metric, by):
            return _joined(Joined.SUM, _grouped(told, metric, by, shown.where))
        case Duration(metric, by):
            return _times(_grouped(told, f"{metric}_bucket", (*by, "le")))
        case Share():
            return _share(shown, told)
        case Elsewhere():
            return {}


def _grouped(
    told: Told, metric: str, by: Labels, where: Where | None = None
) -> Mapping[Labels, list[float]]:
    found: dict[Labels, list[float]] = defaultdict(list)
    for process, series in told.items():
        service, _, _ = process.partition("-")
        for sample in series.get(metric, ()):
            labels = {**sample.labels, "service": service}
            if where is None or re.fullmatch(where.pattern, labels.get(where.label, "")):
                found[tuple(labels.get(one, "") for one in by)].append(sample.value)
    return found


def _joined(how: Joined, groups: Mapping[Labels, list[float]]) -> dict[Labels, float]:
    """Make one of each group; what is unknown counts only where all is."""
    known = {key: [one for one in group if not isnan(one)] for key, group in groups.items()}
    return {key: _JOIN[how](group) if group else nan for key, group in known.items()}


def _times(buckets: Mapping[Labels, list[float]]) -> dict[Labels, Times]:
    bounds: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for (*labels, bound), numbers in buckets.items():
        bounds[tuple(labels)].append((float(bound), sum(numbers)))
    return {labels: _read(sorted(each)) for labels, each in bounds.items()}


def _read(bounds: Sequence[tuple[float, float]]) -> Times:
    """Read a histogram.

    Args:
        bounds: From the least to infinity, each with how many took no longer.
    """
    _, number = bounds[-1]
    return Times(number, _within(bounds, number * _HALF), _within(bounds, number * _MOST))


def _within(bounds: Iterable[tuple[float, float]], wanted: float) -> float:
    return next((bound for bound, number in bounds if number >= wanted > 0), nan)


def _share(shown: Share, told: Told) -> dict[Labels, float]:
    bound = (*shown.by, "le")
    buckets = _grouped(told, f"{shown.metric}_bucket", bound, shown.where)
    within: dict[Labels, float] = defaultdict(float)
    everything: dict[Labels, float] = defaultdict(float)
    for (*labels, le), numbers in buckets.items():
        key = tuple(labels)
        within[key] += sum(numbers) if float(le) == shown.within else 0
        everything[key] += sum(numbers) if float(le) == inf else 0
    return {key: within[key] / number if number else nan for key, number in everything.items()}
