"""All that a policy puts before reviewers, by what asks for it, beside what they have. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from itertools import chain

from services.controlling.forecast.extra import Extra
from services.controlling.forecast.forecast import Forecast, StratumForecast
from services.controlling.policy.policy import PRIORITY, Policy, StratumRate, TriggerKind
from services.controlling.policy.strata import Stratum

_WEEK = 7
_STEP = Decimal("0.0001")


class Sampling(StrEnum):
    """What asks for reviews beside triggers and twins."""

    CERTAINTY = "certainty"
    """Strata that are reviewed whole."""
    CHANCE = "chance"
    MINIMUM = "minimum"
    """What is drawn at the close to reach a minimum."""
    SECOND = "second reviews"


class Twin(StrEnum):
    """Like cases with opposite decisions."""

    TWIN = "twins"


Asks = Sampling | TriggerKind | Twin


@dataclass(frozen=True, slots=True)
class Load:
    """What one of them asks for in a week, on average. A decision is reviewed once for all."""

    asks: Asks
    reviews: float
    hours: float


class Lever(StrEnum):
    """What in a policy can be changed to ask for less."""

    RATE = "rate"
    TRIGGER = "trigger"
    TWINS = "twins"
    TWINS_OFF = "twins_off"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change.

    Attributes:
        name: Where it stands in the policy, or the trigger's name.
        saves: Hours a week, no more than are lacking.
        write: What to write there.
        now: What stands there.
    """

    lever: Lever
    name: str
    saves: float
    write: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Burden:
    """What a policy asks for in a week.

    Attributes:
        loads: By what asks for it.
        capacity: The hours that the organisation has for reviews; None if it doesn't say.
        advice: What to change, each with what it would save; empty when it fits.
    """

    loads: tuple[Load, ...]
    capacity: float | None
    advice: tuple[Advice, ...]

    @property
    def reviews(self) -> float:
        """All of them."""
        return sum(one.reviews for one in self.loads)

    @property
    def hours(self) -> float:
        """What reviewing them takes."""
        return sum(one.hours for one in self.loads)


def burden(found: Forecast, extras: Sequence[Extra], days: int, capacity: Decimal | None) -> Burden:
    """Add up what a policy asks for, of the decisions of some days.

    Args:
        found: What chance, minimum and certainty would draw.
        extras: What triggers and twins would bring beside that.
        days: How many days were looked at.
        capacity: Hours a week.
    """
    weeks = days / _WEEK
    reviews: dict[Asks, float] = {}
    hours: dict[Asks, float] = {}
    for asks, amount, each in chain(_sampled(found), _brought(found, extras)):
        reviews[asks] = reviews.get(asks, 0.0) + amount / weeks
        hours[asks] = hours.get(asks, 0.0) + amount * each / weeks
    order = (*Sampling, *TriggerKind, *Twin)
    loads = tuple(Load(one, reviews[one], hours[one]) for one in order if reviews.get(one))
    most = None if capacity is None else float(capacity)
    over = 0.0 if most is None else sum(hours.values()) - most
    advice = tuple(_advice(found, loads, weeks, over)) if over > 0 else ()
    return Burden(loads, most, advice)


def _sampled(found: Forecast) -> Iterator[tuple[Asks, float, float]]:
    for one in found.strata:
        each = float(found.policy.hours_of(Stratum.parse(one.stratum)))
        by_rate = one.decisions * float(one.rate)
        if one.rate == 1:
            yield Sampling.CERTAINTY, by_rate, each
        else:
            yield Sampling.CHANCE, by_rate, each
            yield Sampling.MINIMUM, max(0.0, one.drawn - by_rate), each
        yield Sampling.SECOND, one.drawn * float(found.policy.double_reviews), each


def _brought(found: Forecast, extras: Sequence[Extra]) -> Iterator[tuple[Asks, float, float]]:
    share = {one.stratum: one.drawn / one.decisions for one in found.strata}
    for one in extras:
        each = float(found.policy.hours_of(Stratum.parse(one.stratum)))
        left = 1 - share[one.stratum]
        if one.trigger is not None:
            yield one.trigger, left, each
        elif one.twin:
            yield Twin.TWIN, left * one.twin, each


def _advice(found: Forecast, loads: Sequence[Load], weeks: float, over: float) -> Iterator[Advice]:
    """Name what to change, the dearest first, and what each saves by itself."""
    policy = found.policy
    levers = [
        *_rates(found, weeks, over),
        *(_extra(policy, one, over) for one in loads if not isinstance(one.asks, Sampling)),
    ]
    minimum = next((one for one in loads if one.asks is Sampling.MINIMUM), None)
    if minimum is not None:
        levers.append(Advice(Lever.MINIMUM, "minimum", minimum.hours))
    second = next((one for one in loads if one.asks is Sampling.SECOND), None)
    if second is not None and policy.double_reviews:
        levers.append(_cut("double_reviews", policy.double_reviews, second.hours, over))
    for one in sorted(levers, key=lambda lever: (lever.saves, lever.name), reverse=True):
        yield replace(one, saves=min(one.saves, over))


def _rates(found: Forecast, weeks: float, over: float) -> Iterator[Advice]:
    """Give the rates that could be lower, each with the hours that they ask for."""
    asked: dict[tuple[str, Decimal], float] = {}
    for one in found.strata:
        entry = found.policy.entry_of(Stratum.parse(one.stratum))
        place = (_name(entry), one.rate)
        asked[place] = asked.get(place, 0.0) + _by_rate(found.policy, one) / weeks
    for (name, rate), hours in asked.items():
        if hours:
            yield _cut(name, rate, hours, over)


def _by_rate(policy: Policy, one: StratumForecast) -> float:
    each = float(policy.hours_of(Stratum.parse(one.stratum)))
    return one.decisions * float(one.rate) * each


def _name(entry: StratumRate | None) -> str:
    if entry is None:
        return "default_rate"
    said = [str(part) for part in (entry.group, entry.direction, entry.unit) if part]
    if PRIORITY in entry.where:
        return f"priority: {entry.where[PRIORITY]}"
    said += [f"{field} {text}" for field, text in entry.where.items()]
    return f"rates ({', '.join(said)})" if said else "rates"


def _extra(policy: Policy, one: Load, over: float) -> Advice:
    if isinstance(one.asks, TriggerKind):
        return Advice(Lever.TRIGGER, one.asks.value, one.hours)
    budget = 1 if policy.twins is None else policy.twins.per_week
    left = max(0, int(budget * (1 - over / one.hours))) if one.hours else 0
    if not left:
        return Advice(Lever.TWINS_OFF, "twins", one.hours)
    return Advice(Lever.TWINS, "twins", one.hours, str(left), str(budget))


def _cut(name: str, rate: Decimal, hours: float, over: float) -> Advice:
    """Say which rate would make all of it fit, or that 0 isn't enough alone."""
    left = rate * Decimal(max(0.0, 1 - over / hours))
    write = f"{left.quantize(_STEP, ROUND_FLOOR).normalize():f}"
    return Advice(Lever.RATE, name, hours, write, f"{rate.normalize():f}")


def as_rows(found: Burden) -> Sequence[Mapping[str, object]]:
    """Give the loads as objects for programs."""
    return [
        {"asks": one.asks.value, "reviews": one.reviews, "hours": one.hours} for one in found.loads
    ]
