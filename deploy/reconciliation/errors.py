"""What can be wrong between intake's ledger and what consumers applied."""

from collections.abc import Sequence

from deploy.reconciliation.places import Balance
from shared.errors import PermanentError


class EventsUnaccounted(PermanentError):
    """An accepted event is neither applied nor waiting anywhere, or one was applied too much."""

    def __init__(self, wrong: Sequence[Balance]) -> None:
        told = "; ".join(
            f"{one.service}: {len(one.missing):,} missing, {len(one.surplus):,} cases with surplus"
            for one in wrong
        )
        super().__init__(
            f"not everything is accounted for: {told}. See docs/operations/dead-letters.md"
        )
