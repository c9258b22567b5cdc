"""How messages are shared between two providers of one channel. Pure: time and chance are given.

The rule is GOV.UK Notify's: each provider has a weight from 0 to 100; one that fails or is slow
loses ten points to the other, at most once in a while, and in calm times both drift back to where
they rest. Every change has a reason, to be written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.notify.sending.chance import Purpose, chance
from services.notify.sending.errors import WeightsInvalid

STEP = 10
HEAVIEST = 100

MOST_ERRORS = 50
"""Errors in `ERROR_WINDOW`; more than these move a provider down."""
ERROR_WINDOW = timedelta(minutes=1)

SLOW_SHARE = 0.15
"""A provider is slow if so much of what it got in `SLOW_WINDOW` wasn't there in `SLOW_AFTER`."""
SLOW_WINDOW = timedelta(minutes=15)
SLOW_AFTER = timedelta(minutes=5)
LEAST_SENT = 10
"""Fewer messages in the window say nothing: two phones that are off aren't a slow provider."""

CALM = timedelta(minutes=15)
"""After the last trouble, until weights drift back."""

_DRIFT_EVERY = timedelta(minutes=5)


class Cause(StrEnum):
    """Why weights changed."""

    ERRORS = "errors"
    SLOW = "slow"
    CALM = "calm"


PAUSES: Mapping[Cause, timedelta] = MappingProxyType(
    {
        Cause.ERRORS: ERROR_WINDOW,
        Cause.SLOW: timedelta(minutes=5),
        Cause.CALM: _DRIFT_EVERY,
    }
)
"""How long weights stay after any change, by what would change them: what is counted must be newer
than the change."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One of two providers; `resting` is its weight in calm times."""

    name: str
    weight: int
    resting: int

    def __post_init__(self) -> None:
        """Refuse a weight that is none.

        Raises:
            WeightsInvalid: a weight is below 0 or above 100.
        """
        for weight in (self.weight, self.resting):
            if not 0 <= weight <= HEAVIEST:
                raise WeightsInvalid(f"{self.name} has {weight}")

    def lighter(self) -> "Provider":
        """Give it with a step less."""
        return replace(self, weight=max(0, self.weight - STEP))

    def heavier(self) -> "Provider":
        """Give it with a step more."""
        return replace(self, weight=min(HEAVIEST, self.weight + STEP))

    def nearer_to_rest(self) -> "Provider":
        """Give it at most a step nearer to its resting weight."""
        away = self.resting - self.weight
        return replace(self, weight=self.weight + max(-STEP, min(STEP, away)))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two providers of one channel, and when their weights changed.

    Attributes:
        providers: Both.
        changed_at: The last change of any cause.
        troubled_at: The last change because of errors or slowness.
    """

    providers: tuple[Provider, Provider]
    changed_at: datetime
    troubled_at: datetime

    def __post_init__(self) -> None:
        """Refuse a pair that rests at nothing.

        Raises:
            WeightsInvalid: both providers rest at 0, or have one name.
        """
        one, other = self.providers
        if one.name == other.name:
            raise WeightsInvalid(f"two are called {one.name}")
        if not one.resting + other.resting:
            raise WeightsInvalid(f"{one.name} and {other.name} both rest at 0")


@dataclass(frozen=True, slots=True)
class Speed:
    """Messages of one provider within `SLOW_WINDOW`.

    Attributes:
        sent: How many were handed over.
        late: Those of them that weren't delivered within `SLOW_AFTER`.
    """

    sent: int
    late: int

    @property
    def is_slow(self) -> bool:
        """Whether the provider is slow."""
        return self.sent >= LEAST_SENT and self.late >= SLOW_SHARE * self.sent


@dataclass(frozen=True, slots=True)
class Change:
    """New weights and what they are for; `troubled` names the provider that lost points."""

    pair: Pair
    cause: Cause
    troubled: str | None = None


def after_errors(pair: Pair, errors: Mapping[str, int], now: datetime) -> Change | None:
    """Move points away from a provider that fails; None when nothing changes.

    Args:
        pair: As it is.
        errors: How often each failed to take a message within `ERROR_WINDOW`, by name.
        now: When they were counted.
    """
    failing = [one.name for one in pair.providers if errors.get(one.name, 0) > MOST_ERRORS]
    return _moved(pair, failing, Cause.ERRORS, now)


def after_slowness(pair: Pair, speeds: Mapping[str, Speed], now: datetime) -> Change | None:
    """Move points away from a slow provider; None when nothing changes.

    Args:
        pair: As it is.
        speeds: By name; one that is missing sent nothing.
        now: When they were measured.
    """
    nothing = Speed(0, 0)
    slow = [one.name for one in pair.providers if speeds.get(one.name, nothing).is_slow]
    return _moved(pair, slow, Cause.SLOW, now)


def after_calm(pair: Pair, now: datetime) -> Change | None:
    """Move both providers towards their resting weights; None when nothing changes."""
    if now - pair.troubled_at < CALM or now - pair.changed_at < PAUSES[Cause.CALM]:
        return None
    one, other = pair.providers
    drifted = one.nearer_to_rest(), other.nearer_to_rest()
    if drifted == pair.providers:
        return None
    return Change(replace(pair, providers=drifted, changed_at=now), Cause.CALM)


def choose(providers: Sequence[Provider], message: UUID, attempt: int) -> Provider:
    """Choose one by weight; for the same message, attempt and weights always the same.

    Args:
        providers: Those that may be asked: without the ones whose circuit is open.
        message: Its id.
        attempt: From 1; the next attempt is drawn anew, so it may take the other one.

    Raises:
        ValueError: there is none.
    """
    if not providers:
        raise ValueError("there is no provider to choose from")
    total = sum(one.weight for one in providers)
    drawn = chance(Purpose.PROVIDER, message, attempt) * total
    for one in providers:
        drawn -= one.weight
        if drawn < 0:
            return one
    return providers[-1]


def _moved(pair: Pair, troubled: Sequence[str], cause: Cause, now: datetime) -> Change | None:
    """Move a step from the troubled one to the other; when both are, neither is better."""
    if len(troubled) != 1 or now - pair.changed_at < PAUSES[cause]:
        return None
    [name] = troubled
    one, other = (
        provider.lighter() if provider.name == name else provider.heavier()
        for provider in pair.providers
    )
    if (one, other) == pair.providers:
        return None
    return Change(Pair((one, other), changed_at=now, troubled_at=now), cause, name)
