"""One look at everything: what processes tell of themselves, and what waits in each schema."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.desk import asking
from deploy.desk.operations import store
from deploy.desk.settings import Watched
from deploy.reconciliation.store import Last, last
from deploy.standing.figures import Figures, figures
from deploy.standing.processes import Process
from deploy.standing.reads import READS
from shared.configuration.places import SERVICES
from shared.held_items import store as held_items
from shared.postgres.backlogs import Backlog, Backlogs, backlogs
from shared.postgres.errors import MigrationChanged
from shared.postgres.migrations import lacking
from shared.postgres.pool import Connection, enter_schema


@dataclass(frozen=True, slots=True)
class Running:
    """A process, whether it can work, and its figures if it tells them."""

    process: Process
    figures: Figures | None

    @property
    def tells_no_lag(self) -> bool:
        """Whether it may have events to read, and doesn't say how many."""
        return self.figures is None or (self.figures.reads and self.figures.lag is None)


@dataclass(frozen=True, slots=True)
class Schema:
    """What waits in a service's schema.

    Attributes:
        service: Whose.
        backlogs: What waits for Kafka, for an earlier event, or for a person.
        held: What its loops pass over.
        unreached: Events that were numbered and that it hasn't come to; None: nobody looked, or it
            reads none.
        behind: Migrations that aren't applied; None: applied ones were edited.
    """

    service: str
    backlogs: Backlogs
    held: Backlog
    unreached: int | None
    behind: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """How everything is, at a moment.

    Attributes:
        at: When.
        running: The processes.
        schemas: What waits.
        reconciled: The last time that the books were held against each other.
        secrets: When the file of each key and password was changed last.
        certificates: Until when each certificate is valid.
    """

    at: datetime
    running: Sequence[Running]
    schemas: Sequence[Schema]
    reconciled: Last | None
    secrets: Mapping[str, datetime]
    certificates: Mapping[str, datetime]

    @property
    def unready(self) -> int:
        """How many processes can't do all their work."""
        return sum(not one.process.ready for one in self.running)

    @property
    def for_people(self) -> int:
        """How much waits until a person has settled it."""
        return sum(one.backlogs.dead_letters.rows + one.held.rows for one in self.schemas)

    @property
    def counts_unreached(self) -> bool:
        """Whether the database was asked what processes don't tell."""
        return any(one.unreached is not None for one in self.schemas)


async def processes(watched: Mapping[str, Watched]) -> list[Running]:
    """Ask all processes at once; one that doesn't answer keeps nobody waiting for long."""
    found, series = await asyncio.gather(asking.ready(watched), asking.told(watched))
    told = {name: figures(one) for name, one in series.items()}
    return [Running(one, told.get(one.name)) for one in found]


async def schemas(connection: Connection, *, unreached: bool) -> list[Schema]:
    """Look into every schema, in a transaction that stays in none of them.

    Args:
        connection: The desk's.
        unreached: Count what services haven't come to; reads all subjects.
    """
    found = []
    async with connection.transaction():
        for service in SERVICES:
            await enter_schema(connection, service)
            found.append(
                Schema(
                    service,
                    await backlogs(connection),
                    await held_items.backlog(connection),
                    await _unreached(connection, service) if unreached else None,
                    await _behind(connection, service),
                )
            )
    return found


async def look(connection: Connection, running: Sequence[Running]) -> Look:
    """Put together what processes told and what the database says."""
    told = [one.figures for one in running if one.figures is not None]
    return Look(
        datetime.now(UTC),
        running,
        await schemas(connection, unreached=any(one.tells_no_lag for one in running)),
        await last(connection),
        secrets=_merged((one.secrets for one in told), min),
        certificates=_merged((one.certificates for one in told), min),
    )


async def _unreached(connection: Connection, service: str) -> int | None:
    topics = READS[service]
    return await store.unreached(connection, topics) if topics else None


async def _behind(connection: Connection, service: str) -> int | None:
    try:
        return len(await lacking(connection, service))
    except MigrationChanged:
        return None


def _merged(
    each: Iterable[Mapping[str, datetime]], choose: Callable[[datetime, datetime], datetime]
) -> dict[str, datetime]:
    """Give one moment for each name, of several processes that tell of it."""
    found: dict[str, datetime] = {}
    for one in each:
        for name, moment in one.items():
            found[name] = choose(found.get(name, moment), moment)
    return dict(sorted(found.items()))
