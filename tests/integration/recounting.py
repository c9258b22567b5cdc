"""The figures of the service counted from the topics, of which nothing that is kept takes part."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain

from services.controlling.service_figures import store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.counts import Counts, Figure, count_days
from services.controlling.service_figures.fact import Fact, Part, facts_in
from services.controlling.service_figures.process import count_cases
from shared.configuration.places import ORGANISATION
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka.records import Received, read
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database_at
from shared.postgres.pool import Pool
from shared.security.secrets import SecretStore
from tests.chaos.findings import read_topics

Counted = Mapping[tuple[Part, date, str], Counts]
_WAITS = "SELECT EXISTS (SELECT FROM process_due UNION ALL SELECT FROM process_day)"


async def counted_from_topics(servers: str) -> Counted:
    """Count everything that is on the topics, each event once."""
    topics = await read_topics(servers)
    records = chain(topics[Topic.CASE_EVENTS.value], topics[Topic.OFFICE_EVENTS.value])
    told = [one.event for one in map(read, records) if isinstance(one, Received)]
    events = {(one.source, one.id): one for one in told}.values()
    return _by_place(_counted(events, Clocks.of(load_organisation(ORGANISATION))))


def _counted(events: Iterable[Event], law: Clocks) -> Iterable[Figure]:
    day_of = law.calendar.day_of
    facts: dict[Part, list[Fact]] = {part: [] for part in Part}
    for _, fact in facts_in(events, day_of):
        facts[fact.part].append(fact)
    for part, happened in facts.items():
        yield from count_days(part, happened, {one.day for one in happened}, day_of)
    for (day, service), cases in count_cases(events, law).items():
        yield Figure(Part.PROCESS, day, service, cases)


async def kept(server: str, secrets: SecretStore) -> Counted | None:
    """Give the figures that controlling keeps; None while it hasn't counted everything."""

    async def work(pool: Pool) -> Counted | None:
        async with pool.acquire() as connection:
            if await connection.fetchval(_WAITS):
                return None
            for part in Part:
                if await store.anything_uncounted(connection, part, date.min, date.max):
                    return None
            return _by_place(await store.figures(connection, date.min, date.max))

    return await on_database_at(server, secrets, "controlling", work)


def _by_place(figures: Iterable[Figure]) -> Counted:
    return {(one.part, one.day, one.place): one.counts for one in figures}
