"""What can go wrong when a simulated stream is delivered."""

from collections.abc import Iterable

from shared.errors import GleichfallError, PermanentError


class EventsRefused(PermanentError):
    """Intake refused simulated events: another version, or the same seed with changed files."""


class NothingToDecide(PermanentError):
    """The authority decides nothing that the simulator has assumptions about."""

    def __init__(self, groups: Iterable[str]) -> None:
        super().__init__(
            "the simulator assumes nothing of what this authority decides "
            f"({', '.join(sorted(groups))}): name a file of assumptions with these groups "
            "(--assumptions, GLEICHFALL_ASSUMPTIONS)"
        )


class SimulationInterrupted(GleichfallError):
    """Ctrl-C; what was sent stays, and the same command goes on without doubling."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("interrupted; the same command goes on without doubling anything")
