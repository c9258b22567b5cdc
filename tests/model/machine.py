"""Steps that the real mechanism and the reference both take; after each, both must agree.

Hypothesis draws the steps. Those that fail are shortened until no step can be left out.
"""

import asyncio
import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import hypothesis
from aiokafka import TopicPartition
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction as DatabaseTransaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import SearchStrategy

from shared.crash_points import CrashPoint
from shared.dead_letters import settlement
from shared.dead_letters.settlement import (
    NeverNumbered,
    Operator,
    Outcome,
    PlaceTaken,
    PlaceUnknown,
    Repair,
    StillPoison,
)
from shared.dead_letters.store import Filter, State, find, gaps
from shared.events.catalogue.case import ApplicationReceived, EventDiscarded
from shared.events.event import Event, new_event
from shared.events.registry import Topic
from shared.events.vocabulary import IntakeChannel
from shared.kafka import relay
from shared.kafka.burying import PREFIX
from shared.kafka.records import Record
from shared.postgres import outbox
from shared.postgres.migrations import SERVICES
from shared.postgres.outbox import OutboxRecord, pack_headers
from tests.model.laboratory import (
    CONSUMERS,
    ROUND,
    Crash,
    Fate,
    Laboratory,
    Process,
    Sight,
    Stall,
    message_id,
    start,
    until_stalled,
)
from tests.model.log import PARTITIONS, TOPIC, Broker, Content, Log, partition_of
from tests.model.reference import Book, Case, Entry, accounted_for, states

OPERATOR = Operator("ops-1", "the model")
CASES = {name: f"case-{name * 26}" for name in "abc"}
CONSUMER_POINTS = (
    CrashPoint.AFTER_POLL, CrashPoint.AFTER_INBOX, CrashPoint.DEAD_LETTER,
    CrashPoint.BEFORE_COMMIT, CrashPoint.AFTER_COMMIT, CrashPoint.AFTER_OFFSETS,
)  # fmt: skip
RELAY_POINTS = (
    CrashPoint.RELAY_AFTER_SEND, CrashPoint.RELAY_AFTER_ACK, CrashPoint.RELAY_BEFORE_DELETE,
)  # fmt: skip


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
        def checked(machine: "Spine", *given: Any, **drawn: Any) -> None:
            machine.sight = None
            function(machine, *given, **drawn)
            machine.check()

        return rule(**arguments)(checked)  # type: ignore[call-overload] # any rule's arguments

    return decorate


async def ended(task: "asyncio.Task[None]") -> None:
    await task


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
SPOILS = st.lists(st.sampled_from([*[Spoil.NOTHING] * len(Spoil), *Spoil]), min_size=1, max_size=4)
BEGINNING = st.lists(st.sampled_from([*[Spoil.NOTHING] * len(Spoil), *Spoil]), max_size=4)
SIZE = st.integers(1, 6)


class Spine(RuleBasedStateMachine):
    """Intake accepts and publishes; controlling and notify consume; an operator settles."""

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

    # Intake

    @initialize(a=BEGINNING, b=BEGINNING, c=BEGINNING)
    def begin(self, a: list[Spoil], b: list[Spoil], c: list[Spoil]) -> None:
        """Have something on the log, so that steps find something to do."""
        for case, spoils in zip("abc", (a, b, c), strict=True):
            if spoils:
                self.do_accept(case, spoils)
        self.relay_all("intake")

    @step(case=st.sampled_from("abc"), spoils=SPOILS, publish=st.booleans())
    def accept(self, case: str, spoils: list[Spoil], *, publish: bool) -> None:
        self.do_accept(case, spoils)
        if publish:
            self.relay_all("intake")

    def do_accept(self, case: str, spoils: list[Spoil]) -> None:
        if self.held and self.held.events[0].subject == CASES[case]:
            return  # it would wait for the open transaction
        held = self.lab.run(self.append(CASES[case], spoils))
        self.lab.run(self.end(held, commit=True))

    @precondition(lambda self: self.held is None)
    @step(case=st.sampled_from("abc"), spoils=SPOILS)
    def begin_to_accept(self, case: str, spoils: list[Spoil]) -> None:
        self.held = self.lab.run(self.append(CASES[case], spoils))

    @precondition(lambda self: self.held is not None)
    @step(commit=st.booleans())
    def end_to_accept(self, *, commit: bool) -> None:
        self.do_end(commit=commit)

    def do_end(self, *, commit: bool) -> None:
        if self.held is not None:
            self.lab.run(self.end(self.held, commit=commit))
            self.held = None

    async def append(self, subject: str, spoils: Sequence[Spoil]) -> Held:
        facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="a", unit="u")
        events = [
            new_event("urn:gleichfall:test", subject, facts, time=datetime.now(UTC)) for _ in spoils
        ]
        connection = await self.lab.pools["intake"].acquire()
        transaction = connection.transaction()
        await transaction.start()
        numbered = await outbox.number(connection, events)
        records = [self.spoil(*pair) for pair in zip(numbered, spoils, strict=True)]
        await outbox.write(connection, records)
        return Held(connection, transaction, numbered, spoils)

    def spoil(self, event: Event, spoil: Spoil) -> OutboxRecord:
        """Give the record that consumers will get, and remember what it was."""
        clean = outbox.record(event)
        changed = clean
        match spoil:
            case Spoil.BODY_BROKEN:
                changed = clean._replace(value=b"{")
            case Spoil.BODY_GONE:
                changed = clean._replace(value=None)
            case Spoil.KEY_GONE:
                changed = clean._replace(key=None)
            case Spoil.PLACE_UNREADABLE:
                headers = [(n, None if n == "ce_sequence" else v) for n, v in clean.headers]
                changed = clean._replace(headers=headers)
            case Spoil.REFUSED:
                self.refused |= {(name, event.id) for name in CONSUMERS}
            case Spoil.REFUSED_BY_NOTIFY:
                self.refused.add(("notify", event.id))
        content = Content(changed.topic, changed.key, pack_headers(changed.headers), changed.value)
        self.origins[content] = Origin(event, clean)
        if changed is not clean:
            self.unreadable.add(content)
        return changed

    async def end(self, held: Held, *, commit: bool) -> None:
        if commit:
            await held.transaction.commit()
            self.accepted[held.events[0].subject] += held.events
        else:
            await held.transaction.rollback()
        await self.lab.pools["intake"].release(held.connection)

    # The relay

    def waits(self) -> list[str]:
        return [name for name in SERVICES if self.seen().outbox[name]]

    @precondition(lambda self: self.waits())
    @step(service=st.sampled_from(SERVICES))
    def relay(self, service: str) -> None:
        self.round(service, Broker(self.log), stays=0)

    def relay_all(self, service: str) -> None:
        with self.lab.rounds_of(1_000):
            self.round(service, Broker(self.log), stays=0)

    @precondition(lambda self: self.waits())
    @step(
        service=st.sampled_from(SERVICES),
        refused=st.sets(st.integers(0, ROUND - 1), min_size=1),
        arrives=st.booleans(),
    )
    def relay_partly(self, service: str, refused: set[int], *, arrives: bool) -> None:
        """Get some records acknowledged; the others may have arrived or not."""
        stays, cut_off = [], set()
        for number, content in enumerate([*self.seen().outbox[service].values()][:ROUND]):
            if number in refused:
                cut_off.add((content.topic, content.key))
            if (content.topic, content.key) in cut_off:
                stays.append(number)
        self.round(service, Broker(self.log, refused, lambda _: arrives), stays=len(stays))

    @precondition(lambda self: self.waits())
    @step(
        service=st.sampled_from(SERVICES),
        point=st.sampled_from(RELAY_POINTS),
        arrived=st.integers(0, ROUND),
    )
    def relay_and_crash(self, service: str, point: CrashPoint, arrived: int) -> None:
        """Crash after a round was sent; before its end only some records have arrived."""
        lost = range(arrived if point is CrashPoint.RELAY_AFTER_SEND else ROUND, ROUND)
        broker = Broker(self.log, lost)
        self.round(service, broker, stays=ROUND, fate=Fate(point))

    def round(self, service: str, broker: Broker, *, stays: int, fate: Fate | None = None) -> None:
        before = self.seen().outbox[service]
        if not before:
            return

        async def work() -> None:
            async with self.lab.pools[service].acquire() as connection:
                try:
                    await relay.send_round(connection, broker)
                except relay.RoundFailed:
                    if not stays:
                        raise

        crashed = self.lab.attempt(work(), fate)
        agree("the crash of the relay", isinstance(crashed, Crash), fate is not None)
        left = len(before) - min(relay.BATCH, len(before)) + min(stays, len(before))
        agree(f"how many records {service} has left", len(self.look().outbox[service]), left)

    @precondition(lambda self: any(self.log.length(at) for at in PARTITIONS))
    @step(partition=PARTITION, nth=st.integers(0, 20))
    def repeat(self, partition: int, nth: int) -> None:
        """Let a record come a second time."""
        records = self.log.records[PARTITIONS[partition]]
        if records:
            record = records[nth % len(records)]
            self.log.append(TOPIC, record.key, record.headers, record.value)

    @precondition(lambda self: not self.noisy)
    @step(case=st.sampled_from("abc"))
    def put_noise(self, case: str) -> None:
        """Let a stranger write to the topic."""
        self.noisy = True
        self.log.append(TOPIC, CASES[case].encode(), [], b"noise")

    # Consumers

    def start(self, service: str) -> Process:
        return self.lab.process(service, self.log, self.refused)

    @step(service=SERVICE, sizes=st.tuples(st.integers(0, 6), st.integers(0, 6)))
    def consume(self, service: str, sizes: tuple[int, int]) -> None:
        self.do_consume(service, sizes)

    def do_consume(self, service: str, sizes: tuple[int, int]) -> None:
        batches = self.poll(service, sizes)
        if not any(batches.values()):
            return
        self.lab.attempt(self.processes[service].consume(_together(batches)))
        self.settle(service, {at: self.allowed(service, at, batches)[-1:] for at in (0, 1)})
        for partition, batch in zip(PARTITIONS, batches.values(), strict=True):
            if batch:
                committed = self.log.committed[service, partition]
                agree(f"the offset of {service}", committed, batch[-1].offset + 1)

    @step(
        service=SERVICE,
        partition=PARTITION,
        size=SIZE,
        point=st.sampled_from(CONSUMER_POINTS),
        passes=st.integers(1, 3),
    )
    def consume_and_crash(
        self, service: str, partition: int, size: int, point: CrashPoint, passes: int
    ) -> None:
        batches = self.poll(service, self.only(partition, size))
        work = self.processes[service].consume(batches[partition])
        crashed = self.lab.attempt(work, Fate(point, passes))
        allowed = self.allowed(service, partition, batches)
        self.settle(service, {partition: allowed if crashed else allowed[-1:]})
        if crashed:
            self.processes[service] = self.start(service)

    @step(service=SERVICE, sizes=st.tuples(st.integers(0, 6), st.integers(0, 6)), away=PARTITION)
    def consume_while_the_database_goes_away(
        self, service: str, sizes: tuple[int, int], away: int
    ) -> None:
        batches = self.poll(service, sizes)
        records = _together(batches)
        self.lab.attempt(self.processes[service].consume(records), Fate(away_for=away))
        allowed = {at: self.allowed(service, at, batches)[-1:] for at in (0, 1)}
        allowed[away] = self.allowed(service, away, batches)
        self.settle(service, allowed)

    @step(service=SERVICE)
    def restart(self, service: str) -> None:
        self.processes[service] = self.start(service)

    @step(service=SERVICE, partition=PARTITION)
    def lose_offsets(self, service: str, partition: int) -> None:
        self.log.committed[service, PARTITIONS[partition]] = 0
        self.processes[service] = self.start(service)

    @step(
        service=SERVICE,
        partition=PARTITION,
        size=SIZE,
        at=st.sampled_from([Stall.POLLED, Stall.POSITIONS_READ, Stall.OFFSETS]),
    )
    def freeze(self, service: str, partition: int, size: int, at: Stall) -> None:
        """Freeze a consumer at its work; another one takes over."""
        if service in self.zombies:
            return
        process = self.processes[service]
        batches = self.poll(service, self.only(partition, size))
        if not batches[partition]:
            return
        fate = Fate(stall_at=at)

        async def begin() -> "asyncio.Task[None]":
            task = start(process.consume(batches[partition]), fate)
            await until_stalled(task, fate)
            return task

        task = self.lab.run(begin())
        self.zombies[service] = Zombie(at, fate, task, PARTITIONS[partition], batches[partition])
        process.member.replaced = True
        self.processes[service] = self.start(service)
        allowed = self.allowed(service, partition, batches)
        self.settle(service, {partition: allowed[-1:] if at is Stall.OFFSETS else allowed[:1]})

    @precondition(lambda self: self.zombies)
    @step(service=SERVICE)
    def wake(self, service: str) -> None:
        """Let the frozen consumer go on with what it believes to be its own."""
        self.do_wake(service)

    def do_wake(self, service: str) -> None:
        zombie = self.zombies.pop(service, None)
        if zombie is None:
            return
        zombie.fate.woken.set()
        self.lab.run(ended(zombie.task))
        partition = zombie.partition.partition
        batches = {partition: [] if zombie.at is Stall.OFFSETS else zombie.batch}
        self.settle(service, {partition: self.allowed(service, partition, batches)})

    @step(service=SERVICE, partition=PARTITION, size=SIZE, crash=st.booleans())
    def race(self, service: str, partition: int, size: int, *, crash: bool) -> None:
        """Let two consumers have the same batch; the slower one already holds the rows."""
        slower, faster = self.processes[service], self.start(service)
        batches = self.poll(service, self.only(partition, size))
        batch = batches[partition]
        again = faster.member.poll(PARTITIONS[partition], size)
        if not batch:
            return
        fate = Fate(CrashPoint.BEFORE_COMMIT if crash else None, stall_at=Stall.HANDLER)

        async def both() -> None:
            first = start(slower.consume(batch), fate)
            await until_stalled(first, fate)
            slower.member.replaced = True
            second = start(faster.consume(again), Fate())
            await self.lab.until_blocked(second)
            fate.woken.set()
            await asyncio.gather(first, second, return_exceptions=True)

        self.lab.run(both())
        self.processes[service] = self.start(service)
        self.settle(service, {partition: self.allowed(service, partition, batches)})
        # Who of the two came how far is chance, so the new owner reads it all once more.
        self.do_consume(service, self.only(partition, size))

    def only(self, partition: int, size: int) -> tuple[int, int]:
        return (size, 0) if partition == 0 else (0, size)

    def poll(self, service: str, sizes: Sequence[int]) -> dict[int, list[Record]]:
        member = self.processes[service].member
        return {
            at.partition: member.poll(at, size) for at, size in zip(PARTITIONS, sizes, strict=True)
        }

    # What must be

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

    # The operator

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

    @precondition(lambda self: self.refused)
    @step()
    def mend_the_handlers(self) -> None:
        self.refused.clear()

    @precondition(lambda self: self.letters())
    @step(nth=st.integers(0, 9), repaired=st.booleans())
    def replay(self, nth: int, *, repaired: bool) -> None:
        letters = self.letters()
        self.do_replay(letters[nth % len(letters)], repaired=repaired)

    @precondition(lambda self: self.letters())
    @step(nth=st.integers(0, 9), named=st.booleans())
    def discard(self, nth: int, *, named: bool) -> None:
        letters = self.letters()
        self.do_discard(letters[nth % len(letters)], named=named)

    def do_replay(self, letter: Letter, *, repaired: bool) -> object:
        content = Content.of(letter.record)
        origin = self.origins.get(content)
        repair = Repair()
        if origin is not None and repaired:
            headers = {n: (v or b"").decode() for n, v in origin.clean.headers}
            repair = Repair(origin.clean.value, headers)
        expected: object = Outcome.REPLAYED
        # The key is the subject, so nobody has to repair it.
        broken = content in self.unreadable and content.key is not None
        if origin is None or (broken and not repaired):
            expected = StillPoison
        elif self.reached(letter, origin.event.subject) >= origin.event.sequence:
            expected = PlaceTaken
        return self.command(letter, expected, State.REPLAYED, sends=True, repair=repair)

    def do_discard(self, letter: Letter, *, named: bool) -> object:
        origin = self.origins.get(Content.of(letter.record))
        headers = dict(letter.record.headers)
        subject = (letter.record.key or headers["ce_subject"] or b"").decode()
        readable = headers.get("ce_sequence")
        sequence = int(readable) if readable else None
        if sequence is None and named and origin is not None:
            sequence = origin.event.sequence
        reached = self.reached(letter, subject)
        expected: object = Outcome.DISCARDED
        if sequence is None and reached < len(self.accepted[subject]):
            expected = PlaceUnknown
        sends = sequence is not None and reached < sequence
        if expected is Outcome.DISCARDED and sequence is not None:
            self.discarded.add((subject, sequence))
        return self.command(letter, expected, State.DISCARDED, sends=sends, sequence=sequence)

    def reached(self, letter: Letter, subject: str) -> int:
        partition = partition_of(subject.encode())
        return min(
            self.books[service, partition].cases.get(subject, Case()).last
            for service in letter.services
        )

    def command(
        self,
        letter: Letter,
        expected: object,
        state: State,
        *,
        sends: bool,
        repair: Repair | None = None,
        sequence: int | None = None,
    ) -> object:
        """Let the operator settle a letter, and see that just what was expected happened."""
        waiting = len(self.seen().outbox["intake"])

        async def work() -> object:
            name, offset = letter.services[0], letter.record.offset
            found = await find(self.lab.owner, Filter(state=State.OPEN), [name])
            [one] = [
                one
                for one in found
                if (one.record.partition, one.record.offset) == (letter.partition.partition, offset)
            ]
            try:
                if repair is None:
                    return await settlement.discard(
                        self.lab.owner, one.id, OPERATOR, sequence=sequence
                    )
                return await settlement.replay(self.lab.owner, one.id, repair, OPERATOR)
            except (StillPoison, PlaceTaken, PlaceUnknown, NeverNumbered) as refusal:
                return type(refusal)

        outcome = self.lab.run(work())
        agree("what the command says", outcome, expected)
        done = isinstance(outcome, Outcome)
        if done:
            for service in letter.services:
                self.books[service, letter.partition.partition].letters[letter.record.offset] = (
                    state
                )
        sent = len(self.look().outbox["intake"]) - waiting
        agree("how many records the command sent", sent, int(done and sends))
        return outcome

    # The end

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.come_to_rest()
                self.see_that_all_is_done()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Leave nothing open, however it ended."""
        self.lab.run(self.clean_up())

    def come_to_rest(self) -> None:
        """Let everything go on undisturbed, with the faults mended and the dead letters settled."""
        self.do_end(commit=True)
        for service in CONSUMERS:
            self.do_wake(service)
        self.settle_letters(lambda content: content in self.unreadable)
        self.refused.clear()
        self.settle_letters(lambda content: content in self.origins)
        for letter in self.letters():
            self.do_discard(letter, named=False)  # what a stranger wrote
        self.work_off()
        agree("the open dead letters", self.letters(), [])

    def settle_letters(self, concerned: Callable[[Content], bool]) -> None:
        for _ in range(50):
            self.work_off()
            letters = [one for one in self.letters() if concerned(Content.of(one.record))]
            if not letters:
                return
            for letter in letters:
                if self.do_replay(letter, repaired=True) is PlaceTaken:
                    self.do_discard(letter, named=True)
            self.check()
        raise Disagreement("dead letters never end")

    def work_off(self) -> None:
        for _ in range(20):
            self.sight = None
            self.relay_all("intake")
            for service in CONSUMERS:
                self.do_consume(service, (100, 100))
                self.relay_all(service)
            self.check()
            if not self.waits() and all(
                self.log.committed[service, at] == self.log.length(at)
                for service in CONSUMERS
                for at in PARTITIONS
            ):
                return
        raise Disagreement("the work never ends")

    def see_that_all_is_done(self) -> None:
        for subject, events in self.accepted.items():
            for service in CONSUMERS:
                book = self.books[service, partition_of(subject.encode())]
                case = book.cases.get(subject, Case())
                agree(f"how far {service} came in {subject}", case.last, len(events))
                agree(f"what {service} has parked of {subject}", case.waiting, {})
                left_out = {one.sequence for one in events if one.id not in case.applied}
                given_up = {number for name, number in self.discarded if name == subject}
                agree(f"what {service} lost of {subject}", left_out - given_up, set())
                agree(
                    f"what {service} published of {subject}",
                    self.published(service, subject),
                    [(n, message_id(service, one)) for n, one in enumerate(case.applied, 1)],
                )
        agree("the gaps", self.lab.run(gaps(self.lab.owner)), [])
        self.see_that_dead_letters_were_published()

    def published(self, service: str, subject: str) -> list[tuple[int, str]]:
        """Give what a service's own topic says of a case, without repeats."""
        found: dict[int, str] = {}
        records = self.log.records[TopicPartition(Topic.NOTIFICATION_EVENTS.value, 0)]
        for record in records:
            headers = dict(record.headers)
            if record.key == subject.encode() and headers["ce_source"] == (
                f"urn:gleichfall:{service}".encode()
            ):
                said = (record.value or b"").decode().split('"message_id":"')[1][:36]
                found.setdefault(int(headers["ce_sequence"] or b"0"), said)
        return sorted(found.items())  # a consumer brings into order what a failed send left out

    def see_that_dead_letters_were_published(self) -> None:
        about = (PREFIX + "consumer", PREFIX + "partition", PREFIX + "offset")
        records = self.log.records[TopicPartition(Topic.CASE_EVENTS.dead_letter, 0)]
        found = {
            tuple((dict(record.headers)[name] or b"").decode() for name in about)
            for record in records
        }
        wanted = {
            (service, str(partition), str(offset))
            for (service, partition), book in self.books.items()
            for offset in book.letters
        }
        agree("the published dead letters", found, wanted)

    async def clean_up(self) -> None:
        if self.held is not None:
            await self.end(self.held, commit=False)
        for zombie in self.zombies.values():
            zombie.task.cancel()
            await asyncio.wait((zombie.task,))


def _shown(book: Book) -> Book:
    """Leave out cases of which nothing is known: the inbox may have a row for them or not."""
    cases = {
        name: case
        for name, case in sorted(book.cases.items())
        if case.last or case.waiting or case.applied
    }
    return Book(cases, dict(sorted(book.letters.items())))


def _together(batches: dict[int, list[Record]]) -> list[Record]:
    return [record for batch in batches.values() for record in batch]


SETTINGS = settings(
    stateful_step_count=15,
    deadline=None,
    report_multiple_bugs=False,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def explore(
    laboratory: Laboratory,
    how: settings,
    seed: int | None = None,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Draw steps and take them; `begun` hears of each sequence.

    Raises:
        Disagreement: with the shortest steps found that lead to it in its notes.
    """

    class Drawn(Spine):
        def __init__(self) -> None:
            begun()
            super().__init__(laboratory)

    Drawn.__name__ = Spine.__name__
    machine = Drawn if seed is None else hypothesis.seed(seed)(Drawn)
    run_state_machine_as_test(machine, settings=how)
