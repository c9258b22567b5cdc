"""What is done though nothing comes, wired."""

from collections.abc import Mapping, Sequence

from services.notify.follow_up.loop import IDLE, Upkeep
from services.notify.parts import DELIVERY_LIMIT, Parts, Rebalance
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.service.loops import Looping


def wire(
    parts: Parts, carried: frozenset[Channel], rebalance: Sequence[Rebalance]
) -> Mapping[Loop, Looping]:
    """Put the loop together.

    Args:
        parts: What it is made of.
        carried: The channels that somebody carries.
        rebalance: Moves weight between providers of a channel.
    """
    upkeep = Upkeep(
        parts.spine.pool,
        parts.materials.messages,
        carried,
        rebalance,
        parts.spine.holding(Loop.UPKEEP),
        committed=parts.spine.committed,
    )
    look = parts.spine.clock.sure(upkeep.look)
    return {Loop.UPKEEP: parts.every(IDLE, look, Loop.UPKEEP, DELIVERY_LIMIT)}
