"""What can go wrong when the books are compared."""

from collections.abc import Sequence

from deploy.summary.agreement import Comparison
from shared.errors import PermanentError


class NotRunning(PermanentError):
    """There is nothing to add up."""

    def __init__(self) -> None:
        super().__init__("nothing is running; start it with 'gleichfall up'")


class NumbersDisagree(PermanentError):
    """Two parts say different things and nothing is under way any more."""

    def __init__(self, rows: Sequence[Comparison]) -> None:
        told = "; ".join(
            f"{row.what}: {row.upstream} {row.upstream_count}, "
            f"{row.downstream} {row.downstream_count}"
            for row in rows
        )
        super().__init__(f"the numbers disagree: {told}. See docs/operations/local.md")


class SimulationFailed(PermanentError):
    """`gleichfall simulate` ended with an error; it has said why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the simulation ended with exit code {code}")
