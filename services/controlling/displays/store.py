"""Displays in the database, and what is read for one."""

from datetime import datetime

from services.controlling.displays.display import Display, Listed
from services.controlling.displays.wall import Told, Wall, wall
from services.controlling.service_figures import store as service_figures
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.bearer import NewBearer

QUERIES = load(__file__)


async def create(
    connection: Connection, display: NewBearer, place: str, office: str | None
) -> None:
    """Keep the hash of a new display's key."""
    await connection.execute(QUERIES["create"], display.id, place, office, display.hash)


async def every(connection: Connection) -> list[Listed]:
    """Give all displays there ever were, the newest last."""
    return [Listed(**row) for row in await connection.fetch(QUERIES["every"])]


async def revoke(connection: Connection, display: str) -> str | None:
    """End a display's key now; gives where it hangs, None if there is none that could be ended."""
    place: str | None = await connection.fetchval(QUERIES["revoke"], display)
    return place


async def use(connection: Connection, key_hash: bytes) -> Display | None:
    """Count a use of a key; gives whose it is, None if it is nobody's."""
    row = await connection.fetchrow(QUERIES["use"], key_hash)
    return None if row is None else Display(**row)


async def read_wall(
    connection: Connection, organisation: Organisation, office: str | None, now: datetime
) -> Wall:
    """Tell how the service of an office stands, or of all.

    When nothing was told of the last four weeks, that is of the last day of which something was.
    """
    calendar = Calendar.of(organisation)
    today = calendar.day_of(now)
    last = await service_figures.last_told(connection, today)
    _, day = await service_figures.recent_days(connection, today)
    if day != today and last is not None:
        day = calendar.day_of(last)
    told = Told(
        day,
        await service_figures.figures(connection, day, day),
        await service_figures.figures_of_slots(connection, day),
        last,
    )
    return wall(told, organisation, office, now)
