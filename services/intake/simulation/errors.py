"""What can go wrong when a simulated stream is delivered."""

from shared.errors import GleichfallError, PermanentError


class EventsRefused(PermanentError):
    """Intake refused simulated events: another version, or the same seed with changed files."""


class SimulationInterrupted(GleichfallError):
    """Ctrl-C; what was sent stays, and the same command goes on without doubling."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("interrupted; the same command goes on without doubling anything")
