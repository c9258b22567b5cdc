"""What a policy says of twins, in words. Pure."""

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from services.controlling.policy.policy import Policy, Twins


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
    """Say of each feature how far it may differ if all others are the same."""
    total = sum(feature.weight for feature in rule.features)
    for feature in rule.features:
        name, allowed = feature.field, rule.maximum_distance * total / feature.weight
        if allowed >= 1:
            yield f"{name} may differ"
        elif feature.scale is None:
            yield f"{name} the same"
        else:
            most = (allowed * feature.scale).quantize(Decimal("0.01"), ROUND_FLOOR)
            yield f"{name} at most {most.normalize():f} apart"
