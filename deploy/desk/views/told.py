"""What processes tell of themselves, at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.desk import asking
from deploy.desk.settings import Watched
from deploy.standing.series import Series

_STARTED = "process_start_time_seconds"


@dataclass(frozen=True, slots=True)
class Look:
    """What processes tell.

    Attributes:
        at: When they were asked.
        told: Their figures, by their names.
        silent: Those that don't tell any.
    """

    at: datetime
    told: Mapping[str, Series]
    silent: Sequence[str]

    @property
    def since(self) -> Mapping[str, datetime]:
        """Since when each has counted: since its start."""
        return {
            name: datetime.fromtimestamp(sample.value, UTC)
            for name, series in self.told.items()
            for sample in series.get(_STARTED, ())
        }


async def look(watched: Mapping[str, Watched]) -> Look:
    """Ask all processes at once."""
    told = await asking.told(watched)
    return Look(datetime.now(UTC), told, [name for name in watched if name not in told])
