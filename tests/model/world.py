"""What the real mechanism and the reference both hold, and that they must agree after each step."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiokafka import TopicPartition
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction as DatabaseTransaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import SearchStrategy

from shared.configuration.places import SERVICES
from shared.dead_letters.store import State
from shared.events.catalogue.case import EventDiscarded
from shared.events.event import Event
from shared.kafka.records import Record
from shared.postgres.outbox import OutboxRecord
from tests.model.laboratory import CONSUMERS, Fate, Laboratory, Process, Sight, Stall
from tests.model.log import PARTITIONS, Content, Log
from tests.model.reference import Book, Entry, accounted_for, states

CASES = {name: f"case-{text * 26}" for name, text in zip("abc", "abd", strict=True)}
"""Two that share a partition, a and c, and one in the other."""


class Disagreement(AssertionError):
    """The mechanism is not as the reference says."""


def agree(what: str, found: object, *expected: object) -> None:
    if found not in expected:
        wanted = "\n    or ".join(str(one) for one in expected)
        raise Disagreement(f"{what}\n    is {found}\n    not {wanted}")


def step(**arguments: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a rule after which everything is checked: invariants would be printed at each step."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def checked(machine: "World", *given: Any, **drawn: Any) -> None:
            machine.sight = None
            function(machine, *given, **drawn)
            machine.check()

        return rule(**arguments)(checked)  # type: ignore[call-overload] # any rule's arguments

    return decorate


class Spoil(StrEnum):
    """What may be wrong with an accepted event when a consumer gets it."""

    NOTHING = "nothing"
    BODY_BROKEN = "body_broken"
    BODY_GONE = "body_gone"
    PLACE_UNREADABLE = "place_unreadable"
    KEY_GONE = "key_gone"
    REFUSED = "refused"
    REFUSED_BY_NOTIFY = "refused_by_notify"

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Held:
    """An acceptance whose transaction is still open."""

    connection: PoolConnectionProxy
    transaction: DatabaseTransaction
    events: list[Event]
    spoils: Sequence[Spoil]


@dataclass
class Zombie:
    """A process that was frozen and replaced, and the batch in its hands."""

    at: Stall
    fate: Fate
    task: "asyncio.Task[None]"
    partition: TopicPartition
    batch: list[Record]


@dataclass
class Origin:
    """What a record was before it was spoiled."""

    event: Event
    clean: OutboxRecord


@dataclass
class Letter:
    """Dead letters of one record, and where they are open."""

    record: Record
    partition: TopicPartition
    services: list[str] = field(default_factory=list)


SERVICE = st.sampled_from(CONSUMERS)
PARTITION = st.sampled_from(PARTITIONS).map(lambda at: at.partition)


class World(RuleBasedStateMachine):
    """The mechanism, the log, and the books that must be found in the database."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__()
        self.lab = laboratory
        self.lab.reset()
        self.log = Log()
        self.accepted: dict[str, list[Event]] = {case: [] for case in CASES.values()}
        self.origins: dict[Content, Origin] = {}
        self.unreadable: set[Content] = set()
        self.refused: set[tuple[str, str]] = set()
        self.discarded: set[tuple[str, int]] = set()
        self.held: Held | None = None
        self.noisy = False
        self.zombies: dict[str, Zombie] = {}
        self.books = {(name, at.partition): Book() for name in CONSUMERS for at in PARTITIONS}
        self.written: set[Content] = set()
        self.sight: Sight | None = None
        self.processes = {name: self.start(name) for name in CONSUMERS}

    def start(self, service: str) -> Process:
        return self.lab.process(service, self.log, self.refused)

    def poll(self, service: str, sizes: Sequence[int]) -> dict[int, list[Record]]:
        member = self.processes[service].member
        return {
            at.partition: member.poll(at, size) for at, size in zip(PARTITIONS, sizes, strict=True)
        }

    def only(self, partition: int, size: int) -> tuple[int, int]:
        return (size, 0) if partition == 0 else (0, size)

    def entry(self, record: Record) -> Entry:
        """Read a record as the reference knows it."""
        content = Content.of(record)
        if content in self.unreadable or not record.headers:
            return Entry(record.offset, readable=False)
        headers = {name: (value or b"").decode() for name, value in record.headers}
        filled = headers["ce_type"] == EventDiscarded.event_type
        return Entry(
            record.offset,
            True,
            headers["ce_subject"],
            int(headers["ce_sequence"]),
            None if filled else headers["ce_id"],
        )

    def entries(self, partition: int) -> list[Entry]:
        return [self.entry(record) for record in self.log.records[PARTITIONS[partition]]]

    def allowed(self, service: str, partition: int, batches: dict[int, list[Record]]) -> list[Book]:
        """Give the books that may be found while a service takes a batch."""
        log = self.entries(partition)
        return states(
            self.books[service, partition],
            [log[record.offset] for record in batches[partition]],
            log,
            lambda entry: (service, entry.event) in self.refused,
        )

    def settle(self, service: str, allowed: dict[int, list[Book]]) -> None:
        """Hold the service's books against those allowed, and go on from what was found."""
        sight = self.look()
        for partition, books in allowed.items():
            found = sight.books[service, partition]
            agree(f"{service}, partition {partition}", _shown(found), *map(_shown, books))
            self.books[service, partition] = found

    def look(self) -> Sight:
        self.sight = self.lab.look()
        return self.sight

    def seen(self) -> Sight:
        """Give what this step saw last."""
        return self.sight or self.look()

    def waits(self) -> list[str]:
        return [name for name in SERVICES if self.seen().outbox[name]]

    def letters(self) -> list[Letter]:
        """Give the open dead letters in the order of the log."""
        found: dict[tuple[int, int], Letter] = {}
        for (service, partition), book in self.books.items():
            for offset, state in book.letters.items():
                if state is State.OPEN:
                    at = PARTITIONS[partition]
                    record = self.log.records[at][offset]
                    letter = found.setdefault((partition, offset), Letter(record, at))
                    letter.services.append(service)
        return [found[at] for at in sorted(found)]

    def check(self) -> None:
        self.the_books_are_as_they_must_be()
        self.nothing_written_to_an_outbox_is_lost()
        self.what_was_read_is_accounted_for()
        self.a_case_is_applied_once_and_in_order()
        self.what_is_parked_can_be_found()

    def the_books_are_as_they_must_be(self) -> None:
        for (service, partition), book in self.books.items():
            found = self.seen().books[service, partition]
            agree(f"{service}, partition {partition}", _shown(found), _shown(book))

    def nothing_written_to_an_outbox_is_lost(self) -> None:
        waiting = {one for rows in self.seen().outbox.values() for one in rows.values()}
        self.written |= waiting
        lost = self.written - waiting - self.log.contents
        agree("what left an outbox without reaching the log", lost, set())

    def what_was_read_is_accounted_for(self) -> None:
        for service in CONSUMERS:
            for at in PARTITIONS:
                log = self.entries(at.partition)
                book = self.books[service, at.partition]
                for entry in log[: self.log.committed[service, at]]:
                    if not accounted_for(book, entry, log):
                        raise Disagreement(f"{service} went past {entry} and has nothing of it")

    def a_case_is_applied_once_and_in_order(self) -> None:
        for (service, _), book in self.books.items():
            for subject, case in book.cases.items():
                order = [event.id for event in self.accepted[subject]]
                wanted = [one for one in order if one in case.applied]
                agree(f"what {service} applied of {subject}", case.applied, wanted)

    def what_is_parked_can_be_found(self) -> None:
        agree("what is parked and will never be released", self.seen().hidden, [])

    def abandon(self) -> None:
        """Leave nothing open, however it ended."""
        self.lab.run(self.clean_up())

    async def clean_up(self) -> None:
        if self.held is not None:
            await self.end(self.held, commit=False)
        for zombie in self.zombies.values():
            zombie.task.cancel()
            await asyncio.wait((zombie.task,))

    async def end(self, held: Held, *, commit: bool) -> None:
        if commit:
            await held.transaction.commit()
            self.accepted[held.events[0].subject] += held.events
        else:
            await held.transaction.rollback()
        await self.lab.pools["intake"].release(held.connection)


def _shown(book: Book) -> Book:
    """Leave out cases of which nothing is known: the inbox may have a row for them or not."""
    cases = {
        name: case
        for name, case in sorted(book.cases.items())
        if case.last or case.waiting or case.applied
    }
    return Book(cases, dict(sorted(book.letters.items())))
