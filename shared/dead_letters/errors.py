"""Why nothing was done about a dead letter."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.dead_letters.claimed_event import Moved
from shared.dead_letters.store import Settlement, State
from shared.errors import PermanentError
from shared.events.errors import EventError


class DeadLetterUnknown(PermanentError):
    """No service has this dead letter."""

    def __init__(self, letter: UUID) -> None:
        super().__init__(
            f"there is no dead letter {letter}; 'gleichfall dead-letters list' shows what is there"
        )


class StillPoison(PermanentError):
    """The record, as repaired, could not be applied either."""

    def __init__(self, letter: UUID, why: EventError) -> None:
        self.why = why
        super().__init__(
            f"{letter} would be given up on again: {why}. Nothing was sent. Repair the value with "
            "--data and headers with --header NAME=VALUE or --drop-header NAME"
        )


class SettledOtherwise(PermanentError):
    """Somebody has done something else with it before."""

    exit_code = 3

    def __init__(self, letter: UUID, state: State, settled: Settlement) -> None:
        self.state = state
        self.settled = settled
        super().__init__(
            f"{letter} was {state} by {settled.by} at {settled.at:%F %T} UTC, because: "
            f"{settled.because}. Nothing was done; "
            f"'gleichfall dead-letters show {letter}' tells all of it"
        )


class IdentityChanged(PermanentError):
    """The repaired record would be another event than the one that was given up on."""

    def __init__(self, letter: UUID, moved: Sequence[Moved]) -> None:
        self.moved = moved
        changes = "; ".join(f"{one.name} is {one.was} and would be {one.would}" for one in moved)
        super().__init__(
            f"{letter} would become another event: {changes}. A repair mends what can't be read "
            "and moves nothing. Nothing was sent"
        )


class TimeUnfit(PermanentError):
    """The repaired record would have happened before all files, or after it was written."""

    def __init__(self, letter: UUID, time: datetime) -> None:
        self.time = time
        super().__init__(
            f"{letter} would have happened at {time.isoformat()}: after it was written, or before "
            "1990. Nothing was sent; say when it was with --header ce_time=TIME"
        )


class OneOfOurs(PermanentError):
    """The record has a place that was given out: it can't be waved aside."""

    def __init__(self, letter: UUID) -> None:
        super().__init__(
            f"{letter} may be one of our own events, for its place was given out. Nothing was "
            "done; replay or discard it"
        )


class StillComing(PermanentError):
    """What was sent again is on its way, or has arrived."""

    def __init__(self, letter: UUID) -> None:
        super().__init__(
            f"{letter} was sent again, and waits in the outbox or has arrived. Nothing was done; "
            "'gleichfall parked list' shows what its case waits for"
        )


class NeverNumbered(PermanentError):
    """The sequence is not one that the topic's writer has given out yet."""

    def __init__(self, letter: UUID, subject: str, sequence: int, last: int) -> None:
        self.sequence = sequence
        self.last = last
        super().__init__(
            f"{letter} claims to be event {sequence} of {subject}, but only {last} were numbered: "
            "the record is not ours, and taking that place would lose the real event. "
            "Nothing was done; 'gleichfall dead-letters acknowledge' closes it"
        )


class PlaceUnknown(PermanentError):
    """A record of a case that isn't complete, and nobody knows which event it was."""

    def __init__(self, letter: UUID, subject: str) -> None:
        super().__init__(
            f"{letter} does not say which event of {subject} it was, and that case has a gap or "
            "events under way. Nothing was done; say which with --sequence "
            "('gleichfall parked list' shows what the case waits for)"
        )


class PlaceTaken(PermanentError):
    """Every consumer has gone past the record's place."""

    def __init__(self, letter: UUID, subject: str, sequence: int) -> None:
        self.sequence = sequence
        super().__init__(
            f"{subject} is past event {sequence} already, so every consumer would drop {letter} as "
            "a repeat. Nothing was sent; 'gleichfall dead-letters discard' settles it"
        )
