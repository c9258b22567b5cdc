"""How often something happened to cases, by group: all of them were seen, none was drawn.

The intervals take the cases for a sample of what the same practice would go on to give.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

from services.controlling.figures.cases import known, outcome
from services.controlling.figures.report import span
from services.controlling.statistics.charts import Counts, PChart, p_chart
from services.controlling.statistics.consistency import (
    Consistency,
    Homogeneity,
    as_object,
    differences,
    homogeneity,
)
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE, Interval, clopper_pearson
from services.controlling.statistics.suppression import (
    Withheld,
    release,
    release_parts,
)
from services.controlling.statistics.tables import Row
from shared.console import screen
from shared.web.pages.spoken import Spoken

_PARTS = re.compile(r"(\D*)(\d*)")


class Wanted(NamedTuple):
    """What is asked of the cases.

    Attributes:
        outcome: Column of what is counted: yes or no.
        by: Column of the groups.
        alike: Columns in which cases must be the same to be compared between groups.
        in_order: Whether the groups follow each other in time, by name.
        confidence: How sure intervals are.
        false_discoveries: Share of the groups found to differ that may be false.
        widened: Whether limits allow for groups that differ for reasons nobody can name.
    """

    outcome: str
    by: str
    alike: tuple[str, ...] = ()
    in_order: bool = False
    confidence: Fraction = CONFIDENCE
    false_discoveries: Fraction = Fraction(5, 100)
    widened: bool = False


class GroupRate(NamedTuple):
    """How often it happened in one group."""

    counts: Counts
    limits: Interval

    @property
    def rate(self) -> float:
        """Share of the group's cases."""
        return self.counts.errors / self.counts.sample

    def figures(self) -> dict[str, Any]:
        """Write it for programs."""
        n, count = self.counts.sample, self.counts.errors
        return {"n": n, "count": count, "rate": self.rate, **asdict(self.limits)}


@dataclass(frozen=True, slots=True)
class CaseRates:
    """What may be shown of the cases; None stands where too few cases are behind a figure.

    Attributes:
        whole: All cases.
        groups: By name.
        chart: Over time, when the groups follow each other.
        consistency: Between groups, on like cases; None when no two groups have like cases.
        unknown: Cases left out because a column says nothing of them.
    """

    whole: GroupRate | None
    groups: dict[str, GroupRate | None]
    chart: PChart | None
    consistency: tuple[Homogeneity, Consistency] | None
    unknown: int

    def figures(self) -> dict[str, Any]:
        """Write them for programs."""
        return {
            "whole": self.whole and self.whole.figures(),
            "groups": {name: rate and rate.figures() for name, rate in self.groups.items()},
            "out": None if self.chart is None else self._out(self.chart),
            "centre": self.chart and self.chart.centre,
            "consistency": self.consistency and as_object(*self.consistency),
            "unknown": self.unknown,
        }

    def _out(self, chart: PChart) -> list[str]:
        names = list(self.groups)
        return [names[number - 1] for number in chart.out]


def case_rates(rows: Sequence[Row], wanted: Wanted) -> CaseRates:
    """Count.

    Raises:
        NothingReviewed: no case tells what is asked.
    """
    told = known(rows, wanted.outcome, wanted.by, *wanted.alike)
    if not told:
        raise NothingReviewed("the list of cases that tell what is asked")
    counts = _count(told, wanted.outcome, lambda row: row.cells[wanted.by])
    everything = Counts(sum(one.errors for one in counts.values()), len(told))
    (whole,) = release({0: _rate("all", everything, wanted)}).values()
    groups = {name: _rate(name, counts[name], wanted) for name in sorted(counts, key=_natural)}
    return CaseRates(
        whole,
        release_parts(groups),
        p_chart([counts[name] for name in groups]) if wanted.in_order else None,
        _consistency(told, wanted) if wanted.alike else None,
        len(rows) - len(told),
    )


def _rate(name: str, counts: Counts, wanted: Wanted) -> Withheld[GroupRate]:
    limits = clopper_pearson(*counts, wanted.confidence)
    return Withheld({name: counts}, GroupRate(counts, limits))


def _count(rows: Sequence[Row], column: str, group: Callable[[Row], str]) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    for row in rows:
        errors, sample = counts.get(group(row), (0, 0))
        counts[group(row)] = Counts(errors + outcome(row, column), sample + 1)
    return counts


def _consistency(rows: Sequence[Row], wanted: Wanted) -> tuple[Homogeneity, Consistency] | None:
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(" / ".join(row.cells[column] for column in wanted.alike), []).append(row)
    mix = {
        kind: _count(alike, wanted.outcome, lambda row: row.cells[wanted.by])
        for kind, alike in kinds.items()
    }
    if not any(len(groups) > 1 for groups in mix.values()):
        return None
    found = differences(mix, float(wanted.false_discoveries), widened=wanted.widened)
    return homogeneity(mix), found


def _natural(name: str) -> list[tuple[int, str]]:
    """Order Art. 7 before Art. 23, and 2001 before 2002."""
    return [(int(number or 0), text) for text, number in _PARTS.findall(name)]


def print_tables(found: CaseRates, say: Spoken) -> None:
    """Print them for people. Sorted by name: this is no league table."""
    heads = [say(f"head.{one}") for one in ("sample", "count", "rate", "interval")]
    table = screen.table("", numbers=heads, lined=True)
    screen.add(table, say("rates.all"), *_cells(found.whole, say))
    for name, rate in found.groups.items():
        if rate is not None:
            screen.add(table, name, *_cells(rate, say))
    screen.show(table, *_sentences(found, say))


def _cells(rate: GroupRate | None, say: Spoken) -> tuple[str, ...]:
    if rate is None:
        return (say("hidden"), "", "", "")
    n, errors = rate.counts.sample, rate.counts.errors
    return say.number(n), say.number(errors), say.percent(rate.rate), span(rate.limits, say)


def _sentences(found: CaseRates, say: Spoken) -> Iterator[str]:
    figures = found.figures()
    if found.unknown:
        yield say("rates.unknown", count=say.number(found.unknown))
    hidden = [name for name, rate in found.groups.items() if rate is None]
    if hidden:
        yield say("hidden.groups", groups=", ".join(hidden))
    none = say("rates.none")
    if found.chart is not None:
        yield say("rates.out", groups=", ".join(figures["out"]) or none)
    if found.consistency is not None:
        whole, consistency = found.consistency
        differ = [name for name, one in consistency.units.items() if one and one.discovered]
        yield say(
            "rates.alike",
            statistic=say.number(whole.statistic, 1),
            degrees=whole.degrees_of_freedom,
            p=f"{whole.p_value:.3g}",
            groups=", ".join(differ) or none,
        )
        yield from _between(consistency, say)


def _between(found: Consistency, say: Spoken) -> Iterator[str]:
    if (one := found.between) is not None:
        lower, upper = (say.number(100 * sqrt(limit), 1) for limit in (one.lower, one.upper))
        deviation = say.number(100 * one.deviation, 1)
        yield say("rates.between", count=one.units, deviation=deviation, lower=lower, upper=upper)
    if found.overdispersion is not None:
        yield say("rates.widened", factor=say.number(found.overdispersion, 2))
