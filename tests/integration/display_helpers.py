"""A screen on a wall, and a day that it shows."""

from datetime import UTC, datetime, timedelta

from services.controlling.displays import store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.loop import FigureCounter
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.appointment import AppointmentCapacityPublished
from shared.events.catalogue.office import (
    CallAnswered,
    CallReceived,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
)
from shared.events.event import new_event
from shared.events.registry import Facts
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.security.bearer import NewBearer, new_bearer
from tests.integration.controlling_helpers import apply, holding_of, office_events, policy

OFFICE = "kaiserallee"
KARLSRUHE = load_organisation(ORGANISATION)
CLOCKS = Clocks.of(KARLSRUHE)


async def a_day(pool: Pool, calls: int = 10, days_ago: int = 0) -> None:
    """Let an office be called and offer slots; its counter has three bookings and eight slots."""
    now = datetime.now(UTC) - timedelta(days=days_ago)
    day = CLOCKS.calendar.day_of(now)
    facts: list[Facts] = [CallReceived(line="direct") for _ in range(calls)]
    facts += [CallAnswered(line="direct", waited_seconds=75) for _ in range(calls - 1)]
    facts += [EmergencyWindowOpened(office=OFFICE, day=day, slots=8)]
    facts += [EmergencyWindowSlotBooked(office=OFFICE, starts=now) for _ in range(3)]
    facts += [
        AppointmentCapacityPublished(
            office=OFFICE,
            service_key=service.key,
            day=CLOCKS.calendar.add_working_days(day + timedelta(days=1), number),
            slots=3,
        )
        for number, service in enumerate(KARLSRUHE.services)
    ]
    hours = CLOCKS.calendar.open_times(day, KARLSRUHE.office(OFFICE).hours)
    opened = min([now, *(span.start for span in hours)])
    events = [
        new_event(
            "urn:test", OFFICE, one, time=opened if isinstance(one, EmergencyWindowOpened) else now
        )._replace(sequence=number)
        for number, one in enumerate(facts, 1 + 100 * days_ago)
    ]
    await apply(pool, office_events(policy()), *events)
    await FigureCounter(pool, CLOCKS, holding_of(pool, Loop.SERVICE_FIGURES)).look()


async def hung_up(pool: Pool, office: str | None = None) -> NewBearer:
    """Make a key for a screen."""
    made = new_bearer()
    async with pool.acquire() as connection:
        await store.create(connection, made, "Wartebereich", office)
    return made
