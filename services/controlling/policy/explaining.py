"""What a policy says of twins, in words. Pure."""

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from services.controlling.policy.policy import Policy, Twins


class Tolerance(NamedTuple):
    """How far two cases may lie apart in one thing if they are the same in all others.

    Attributes:
        most: 0: not at all; None: as far as they like.
    """

    field: str
    most: Decimal | None


def tolerances(rule: Twins) -> Iterator[Tolerance]:
    """Tell in each thing in which cases are compared how far those may lie apart that are twins."""
    total = sum(feature.weight for feature in rule.features)
    for feature in rule.features:
        allowed = rule.maximum_distance * total / feature.weight
        most = (allowed * (feature.scale or 0)).quantize(Decimal("0.01"), ROUND_FLOOR)
        yield Tolerance(feature.field, None if allowed >= 1 else most)


def twins_in_words(policy: Policy) -> Iterator[str]:
    """Say when cases are twins by a policy, and what their sample costs in a week."""
    rule = policy.twins
    if rule is None or not rule.enabled:
        return
    hours = 2 * rule.per_week * policy.review_hours
    yield (
        f"twins: of {', '.join(rule.alike_in)} the same, at most {rule.within_days} days apart; "
        f"{'; '.join(_features(rule))}"
    )
    yield (
        f"twins: each week {rule.per_week} pairs at most, from the {rule.among} most alike: up to "
        f"{2 * rule.per_week} reviews, {hours.normalize():f} hours"
    )


def _features(rule: Twins) -> Iterator[str]:
    for name, most in tolerances(rule):
        if most is None:
            yield f"{name} may differ"
        elif most:
            yield f"{name} at most {most.normalize():f} apart"
        else:
            yield f"{name} the same"
