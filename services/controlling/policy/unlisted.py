"""Types outside the catalogue are drawn like the most looked at: a typo hides nothing. Pure.

Whoever writes a type's code wrong moves its decision into the group of unlisted types. So in the
policy that a period keeps that group has, for each direction, the highest rate that any rule has
for it, with that rule's minimum. Priorities are no rates: they name their types. A rule for the
group itself may only raise that.
"""

from collections.abc import Iterable, Iterator, Sequence

from services.controlling.policy.policy import PRIORITY, Policy, Rule, StratumRate
from shared.events.vocabulary import Direction

_WHY = "Types outside the catalogue may be misspelt: as the most looked at of their direction."


def with_unlisted(
    policy: Policy, rates: Sequence[StratumRate], unlisted: str
) -> tuple[StratumRate, ...]:
    """Give settled rates with those of unlisted types behind the priorities.

    Args:
        policy: Whose they are.
        rates: Each with a rate; priorities first.
        unlisted: The group of types that aren't in the catalogue.
    """
    whole = [one for one in rates if PRIORITY in one.where]
    own = [one for one in rates if one.group == unlisted and PRIORITY not in one.where]
    others = [one for one in rates if one.group != unlisted and PRIORITY not in one.where]
    if not own and not others:
        return tuple(rates)  # one rate for all
    least = {direction: floor(policy, others, direction) for direction in Direction}
    raised = [one for entry in own for one in _raised(entry, least)]
    rest = [
        StratumRate(
            group=unlisted,
            direction=direction,
            rate=rule.rate,
            minimum=rule.minimum,
            why=_WHY,
        )
        for direction, rule in least.items()
    ]
    return (*whole, *raised, *rest, *others)


def floor(policy: Policy, rates: Iterable[StratumRate], direction: Direction) -> Rule:
    """Give the rule with the highest rate for decisions of a direction, and its minimum."""
    rules = [
        (one.rate, one.minimum)
        for one in rates
        if one.direction in (None, direction) and one.rate is not None
    ]
    return Rule(*max([(policy.default_rate, policy.default_minimum), *rules]))


def _raised(entry: StratumRate, least: dict[Direction, Rule]) -> Iterator[StratumRate]:
    """Give what a rule for the group says of each direction, or what is higher."""
    for direction, rule in least.items():
        if entry.direction not in (None, direction):
            continue
        assert entry.rate is not None, "inspections are settled before"
        higher = max((rule.rate, rule.minimum), (entry.rate, entry.minimum))
        amount = dict(zip(("rate", "minimum"), higher, strict=True))
        yield entry.model_copy(update={"direction": direction, "inspection": None, **amount})
