"""The exit where numbers were given twice: of two events with one number, one gets another.

Intake's database was older than Kafka and has taken events since. So Kafka holds, under one number,
an earlier event that the ledger has forgotten and a later one that it has. A consumer has applied
one and dropped the other as a repeat, or has never read it. Which, its tables don't say: whoever
restored knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from deploy.reconciliation import topic as kafka
from deploy.reconciliation.mending import BATCH, Order, by_topic, names
from deploy.reconciliation.places import Place
from deploy.reconciliation.reading import CONSUMERS, strangers
from deploy.reconciliation.strays import Doubled, Name, Unknown, doubled, named
from deploy.reconciliation.topic import Extent, Show
from services.controlling.audit.entry import Act
from services.controlling.audit.store import write
from services.intake import store
from services.intake.store import Subject
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.records import Received, read
from shared.postgres.pool import enter_schema, operator_connection


class Applied(StrEnum):
    """Which of two events with one number consumers have applied.

    EARLIER: intake's database alone was restored. LATER: those of the consumers, too.
    """

    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Renumbered:
    """How many events of how many cases have another number, and what had to be left."""

    events: int
    subjects: int
    left: Sequence[Unknown]


@dataclass(frozen=True, slots=True)
class _Settled:
    """What is to be done about a case: what leaves under another number, what is entered as is."""

    case: Doubled
    leaving: Sequence[Event]
    entered: Sequence[Event]


async def renumber(
    database_url: str, brokers: Brokers, applied: Applied, order: Order, show: Show
) -> Renumbered:
    """Let the events that no consumer has applied leave again, under the next numbers.

    Some hundred cases at a time, each time all or nothing; repeated, it finds nothing left.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us read.
    """
    within = await kafka.extent(brokers, CONSUMERS)
    async with operator_connection(database_url) as connection:
        twice = [one for one in await strangers(connection, brokers, within, show) if one.rivals]
        clear = [case for one in twice if (case := doubled(one)) is not None]
        if applied is Applied.EARLIER:
            settled = _places_back(clear, await _later(connection, brokers, within, clear, show))
        else:
            settled = [_Settled(case, case.earlier, case.following) for case in clear]
        events, taken = 0, set[Subject]()
        for topic in kafka.TOPICS:
            mine = [one for one in settled if one.case.topic is topic]
            for first in range(0, len(mine), BATCH):
                batch = mine[first : first + BATCH]
                done = await _settle(connection, topic, batch, applied, order)
                taken |= done
                events += sum(len(one.leaving) for one in batch if _subject(one.case) in done)
    left = [one for one in twice if (one.topic.value, one.subject) not in taken]
    return Renumbered(events, len(taken), left)


def _subject(case: Doubled) -> Subject:
    return case.topic.value, case.subject


def _places_back(
    cases: Sequence[Doubled], later: Mapping[Subject, Sequence[Event]]
) -> list[_Settled]:
    """Let the earlier events have their places again, where all of the later ones were found."""
    return [
        _Settled(case, found, [*case.earlier, *case.following])
        for case in cases
        if len(found := later.get(_subject(case), ())) == len(case.earlier)
    ]


async def _later(
    connection: asyncpg.Connection,
    brokers: Brokers,
    within: Extent,
    cases: Sequence[Doubled],
    show: Show,
) -> Mapping[Subject, Sequence[Event]]:
    """Read in Kafka what the ledger has at the places of the earlier events.

    Nothing of a case in which Kafka has an event under two numbers: its sender has repeated it when
    the ledger had forgotten it, and consumers have applied it under its first.
    """
    wanted = {}
    for topic in kafka.TOPICS:
        every = [event for case in cases if case.topic is topic for event in case.earlier]
        places = [Place(event.subject, event.sequence) for event in every]
        wanted[topic] = await names(connection, topic, places) if places else {}
    found: dict[Subject, dict[int, Event]] = {_subject(case): {} for case in cases}
    numbers: dict[tuple[Subject, Name], int] = {}
    repeated: set[Subject] = set()
    async for batch in kafka.records(brokers, within, show):
        for topic, records in by_topic(batch).items():
            for record in records:
                said = named(record)
                if said is None or (subject := (topic.value, said.place.subject)) not in found:
                    continue
                number = said.place.sequence
                if numbers.setdefault((subject, said.name), number) != number:
                    repeated.add(subject)
                if wanted[topic].get(said.place) != said.name:
                    continue
                if isinstance(one := read(record), Received):
                    found[subject][number] = one.event
    return {
        subject: [at[number] for number in sorted(at)]
        for subject, at in found.items()
        if subject not in repeated
    }


async def _settle(
    connection: asyncpg.Connection,
    topic: Topic,
    batch: Sequence[_Settled],
    applied: Applied,
    order: Order,
) -> set[Subject]:
    """Settle cases, unless intake numbers one meanwhile; gives those that were."""
    numbered = {_subject(one.case): one.case.numbered for one in batch}
    if order.dry_run:
        return set(numbered)
    async with connection.transaction():
        await enter_schema(connection, "intake")
        entered = [event for one in batch for event in one.entered]
        taken = await store.adopt(connection, entered, numbered)
        mine = [event for one in batch if _subject(one.case) in taken for event in one.leaving]
        await store.number_again(connection, mine, known=applied is Applied.EARLIER)
        await enter_schema(connection, "controlling")
        if mine:
            await write(connection, order.entry(Act.EVENTS_RENUMBERED, topic, len(mine)))
    return set(taken)
