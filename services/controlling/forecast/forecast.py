"""What a policy would draw, what that costs and what it buys: the numbers leadership decides on.

Chances are counted, no ticket is looked at: a forecast tells nothing about the draw of a period
whose seed is still secret.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from services.controlling.planning.allocation import neyman_for, proportional_for
from services.controlling.planning.reported import (
    Planned,
    all_by_size,
    reported_half_width,
    samples_reaching,
    stratum_sample,
)
from services.controlling.policy.calendar import Period, period_of
from services.controlling.policy.inspection import Experience, settle
from services.controlling.policy.policy import Policy, PrioritySet, Rule
from services.controlling.policy.strata import Kind, Stratum
from services.controlling.statistics.discrete import binomial_cdf
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Counted:
    """So many decisions of one kind, and their group by the catalogue."""

    kind: Kind
    group: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Week:
    """What a week would bring.

    Attributes:
        monday: The week's first day.
        decisions: Decisions taken.
        drawn: Of them expected in the sample, those included that are drawn when the period closes.
        hours: What reviewing these takes.
    """

    monday: date
    decisions: int
    drawn: float
    hours: float


@dataclass(frozen=True, slots=True)
class StratumForecast:
    """What the policy would do with one stratum.

    Attributes:
        decisions: Decisions there were.
        rate: The share that is drawn as they arrive.
        minimum: What each period's sample is topped up to.
        drawn: Expected number in the sample.
        short: In how many periods the stratum holds fewer decisions than its minimum.
        hours: What reviewing takes, second reviews included.
        expected_errors: The error rate that is planned with.
        half_width: How far the report's interval will reach to each side; None when nothing would
            be drawn.
        sizes: Decisions by period: several are reported as one figure, each drawn for itself.
        weeks: The same by week, where there were decisions.
    """

    stratum: str
    decisions: int
    rate: Decimal
    minimum: int
    drawn: float
    short: int
    hours: float
    expected_errors: float
    half_width: float | None
    sizes: tuple[int, ...]
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What a change of law would bring: decisions to expect in its window, at the pace counted."""

    name: str
    days: int
    decisions: float
    hours: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a wanted precision asks for.

    Attributes:
        samples: Reviews by stratum.
        rates: The same as shares of what the stratum holds.
        reviews: All of them.
        hours: What reviewing takes, second reviews included.
        half_width: How far the whole's estimate would reach to each side.
    """

    samples: Mapping[str, int]
    rates: Mapping[str, float]
    reviews: int
    hours: float
    half_width: float


@dataclass(frozen=True)
class Forecast:
    """What a policy would do with the decisions of some days."""

    policy: Policy
    strata: tuple[StratumForecast, ...]
    windows: tuple[Window, ...]

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """All strata together, week by week."""
        found: dict[date, list[Week]] = defaultdict(list)
        for stratum in self.strata:
            for week in stratum.weeks:
                found[week.monday].append(week)
        return tuple(
            Week(
                monday,
                sum(week.decisions for week in found[monday]),
                sum(week.drawn for week in found[monday]),
                sum(week.hours for week in found[monday]),
            )
            for monday in sorted(found)
        )

    @property
    def decisions(self) -> int:
        """All decisions."""
        return sum(stratum.decisions for stratum in self.strata)

    @property
    def drawn(self) -> float:
        """All that are expected to be drawn."""
        return sum(stratum.drawn for stratum in self.strata)

    @property
    def hours(self) -> float:
        """What reviewing them takes."""
        return sum(stratum.hours for stratum in self.strata)

    @property
    def unseen(self) -> int:
        """Decisions in strata of which nothing would be drawn, so nothing could be said."""
        return sum(one.decisions for one in self.strata if one.half_width is None)

    @property
    def half_width(self) -> float | None:
        """How far the estimate over all strata that are seen would reach to each side."""
        planned = [
            Planned(size, float(one.rate), one.minimum, one.expected_errors)
            for one in self.strata
            if one.half_width is not None
            for size in one.sizes
        ]
        return reported_half_width(planned) if planned else None

    def each_to(self, wanted: Fraction) -> Need:
        """Give what every stratum needs to reach a half width by itself."""
        return self._need({
            one.stratum: stratum_sample(float(wanted), one.sizes, one.expected_errors)
            for one in self.strata
        })  # fmt: skip

    def whole_to(self, wanted: Fraction, *, by_size: bool) -> Need:
        """Give what the whole needs to reach a half width.

        Args:
            wanted: Half width.
            by_size: Share out by size, so that every decision has the same chance; else so that
                the fewest reviews are needed: by Neyman, or by size where the report's interval
                asks more of unequal shares than they save.
        """
        ways = (proportional_for,) if by_size else (neyman_for, proportional_for)
        reaching = (
            samples_reaching(find, float(wanted), self._sizes, self._error_rates) for find in ways
        )
        return self._need(min(reaching, key=lambda samples: sum(samples.values())))

    @property
    def _sizes(self) -> dict[str, tuple[int, ...]]:
        return {one.stratum: one.sizes for one in self.strata}

    @property
    def _error_rates(self) -> dict[str, float]:
        return {one.stratum: one.expected_errors for one in self.strata}

    def _need(self, samples: Mapping[str, int]) -> Need:
        hours = sum(
            count * hours_of(self.policy, Stratum.parse(stratum))
            for stratum, count in samples.items()
        )
        return Need(
            samples,
            {stratum: count / sum(self._sizes[stratum]) for stratum, count in samples.items()},
            sum(samples.values()),
            hours,
            reported_half_width(all_by_size(samples, self._sizes, self._error_rates)),
        )


def forecast(
    policy: Policy,
    counted: Iterable[Counted],
    days: int,
    experience: Experience | None = None,
    organisation: Organisation | None = None,
    *,
    unlisted: str | None = None,
) -> Forecast:
    """Foresee what a policy would have done.

    Args:
        policy: As leadership wrote it.
        counted: The decisions of the days to look at.
        days: How many days these are.
        experience: What inspections know; nothing yet if it isn't given.
        organisation: What became of former units; nothing if it isn't given.
        unlisted: The group of types outside the catalogue; None where there is none.
    """
    settled = settle(policy, experience or Experience(), organisation, unlisted)
    cells: dict[str, dict[Period, Counter[date]]] = defaultdict(lambda: defaultdict(Counter))
    types: Counter[str] = Counter()
    for one in counted:
        day = one.kind.day
        stratum = settled.stratum_of(one.kind, one.group).key
        monday = day - timedelta(days=day.weekday())
        cells[stratum][period_of(day, policy.period)][monday] += one.decisions
        types[one.kind.type_code] += one.decisions
    return Forecast(
        settled,
        tuple(_stratum(settled, key, periods) for key, periods in sorted(cells.items())),
        tuple(
            _window(settled, one, types, days) for one in policy.priority if one.days is not None
        ),
    )


def expected_sample(rule: Rule, decisions: int) -> float:
    """Give the expected sample of a period's stratum: drawn by chance, topped up to the minimum.

    E[max(B, m)] = E[B] + sum over k < m of P(B <= k), where B is binomial and m the minimum, or all
    decisions when there are fewer.
    """
    floor = min(rule.minimum, decisions)
    chance = float(binomial_cdf(np.arange(floor), decisions, float(rule.rate)).sum())
    return decisions * float(rule.rate) + chance


def hours_of(policy: Policy, stratum: Stratum) -> float:
    """Give what one drawn decision costs, with its share of second reviews."""
    return float(policy.hours_of(stratum) * (1 + policy.double_reviews))


def _stratum(policy: Policy, key: str, periods: Mapping[Period, Counter[date]]) -> StratumForecast:
    stratum = Stratum.parse(key)
    rule, entry = policy.rule_of(stratum), policy.entry_of(stratum)
    hours = hours_of(policy, stratum)
    decisions, drawn = Counter[date](), defaultdict[date, float](float)
    for weeks in periods.values():
        size = weeks.total()
        share = expected_sample(rule, size) / size
        for monday, count in weeks.items():
            decisions[monday] += count
            drawn[monday] += count * share
    errors = policy.expected_errors if entry is None else entry.expected_errors
    rate = float(errors or policy.expected_errors)
    total = sum(drawn.values())
    sizes = tuple(periods[one].total() for one in sorted(periods))
    planned = [Planned(size, float(rule.rate), rule.minimum, rate) for size in sizes]
    return StratumForecast(
        stratum=key,
        decisions=decisions.total(),
        rate=rule.rate,
        minimum=rule.minimum,
        drawn=total,
        short=sum(weeks.total() < rule.minimum for weeks in periods.values()),
        hours=total * hours,
        expected_errors=rate,
        half_width=reported_half_width(planned) if round(total) else None,
        sizes=sizes,
        weeks=tuple(
            Week(monday, decisions[monday], drawn[monday], drawn[monday] * hours)
            for monday in sorted(decisions)
        ),
    )


def _window(policy: Policy, one: PrioritySet, types: Counter[str], days: int) -> Window:
    assert one.days is not None
    decisions = sum(types[code] for code in set(one.types)) / days * one.days
    hours = float((one.review_hours or policy.review_hours) * (1 + policy.double_reviews))
    return Window(one.name, one.days, decisions, decisions * hours)
