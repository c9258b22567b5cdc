"""What can be wrong with witnessing or closing a period."""

from collections.abc import Sequence
from datetime import date, datetime

from shared.errors import PermanentError


class PeriodNotOver(PermanentError):
    """A seed that is revealed too early would let deciders foresee the draw."""

    def __init__(self, key: str, last_day: date) -> None:
        super().__init__(
            f"the review period {key} is not over: it lasts until {last_day}; "
            "its seed stays secret until then"
        )


class PeriodClosed(PermanentError):
    """A closed period stays closed: its seed is public."""

    def __init__(self, key: str, closed_at: datetime) -> None:
        super().__init__(
            f"the review period {key} was closed on {closed_at:%Y-%m-%d}; "
            "its seed is public, so it can neither be closed again nor reopened"
        )


class WitnessTooWeak(PermanentError):
    """What was typed in may be no chance, or too little of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the value can't be taken: {reason}; throw a die 20 times or more and type "
            "what it shows, 20 to 200 digits or letters"
        )


class WitnessedByOne(PermanentError):
    """Whoever is alone can type in what they like."""

    def __init__(self) -> None:
        super().__init__(
            "one role alone witnesses nothing: name two or more of those who watched, each with "
            "--role"
        )


class WitnessTooLate(PermanentError):
    """A value that enters when decisions are taken could be chosen knowing them."""

    def __init__(self, key: str, until: datetime) -> None:
        super().__init__(
            f"the review period {key} can't be witnessed any more: its first day began first on "
            f"earth at {until:%Y-%m-%d %H:%M} UTC; it stays not witnessed, and says so"
        )


class WitnessStands(PermanentError):
    """A period is witnessed once."""

    def __init__(self, key: str, at: datetime) -> None:
        super().__init__(
            f"the review period {key} was witnessed on {at:%Y-%m-%d}; "
            "its value is public and stays: gleichfall draw show"
        )


class CommitmentUnstamped(PermanentError):
    """Without a stamp nobody outside says that the commitment was there before the value."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the commitment of the review period {key} has no time stamp yet: controlling asks "
            "for it every minute; where no time stamping service is configured, say --unstamped"
        )


class StampAhead(PermanentError):
    """A value must not be older than the stamp on the commitment."""

    def __init__(self, key: str, at: datetime) -> None:
        super().__init__(
            f"by its time stamp the commitment of {key} was made at {at:%Y-%m-%d %H:%M:%S} UTC, "
            "which is later than this machine's clock shows: look at the clock, or wait until then"
        )


class DrawBegun(PermanentError):
    """Tickets were made from the seed alone."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"decisions of the review period {key} are registered already, with tickets from its "
            "seed alone; it stays not witnessed, and says so"
        )


class SimulatedInProduction(PermanentError):
    """Periods of an invented authority stand among real ones."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"the review periods {', '.join(keys)} have the clock of an invented authority, which "
            "production (GLEICHFALL_PRODUCTION) refuses: begin with a database of its own"
        )
