"""Whether somebody could send something now: that nothing comes is news only then."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from shared.observe.gauges import OFFICE_OPEN
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation


def opening(
    organisation: Organisation, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[], Awaitable[None]]:
    """Give what tells whether an office of the authority is open."""
    calendar = Calendar.of(organisation)

    async def tell() -> None:
        moment = now()
        OFFICE_OPEN.set(any(calendar.is_open(office, moment) for office in organisation.offices))

    return tell
