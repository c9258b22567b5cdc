"""Steps of intake, which accepts and spoils events, and of the relays, which publish."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from shared.configuration.places import SERVICES
from shared.crash_points import CrashPoint
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, new_event
from shared.events.vocabulary import IntakeChannel
from shared.kafka import relay
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord, pack_headers
from tests.model.laboratory import CONSUMERS, ROUND, Crash, Fate
from tests.model.log import PARTITIONS, TOPIC, Broker, Content, batched, place
from tests.model.world import CASES, PARTITION, Held, Origin, Spoil, World, agree, step

RELAY_POINTS = (
    CrashPoint.RELAY_AFTER_SEND, CrashPoint.RELAY_AFTER_ACK, CrashPoint.RELAY_BEFORE_DELETE,
)  # fmt: skip
SPOILS = st.lists(st.sampled_from([*[Spoil.NOTHING] * len(Spoil), *Spoil]), min_size=1, max_size=4)
ROOM = st.integers(1, ROUND)
BEGINNING = st.lists(st.sampled_from([*[Spoil.NOTHING] * len(Spoil), *Spoil]), max_size=4)


class Publishing(World):
    """Intake accepts and publishes; what consumers write is published too."""

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
        room=ROOM,
    )
    def relay_partly(self, service: str, refused: set[int], *, arrives: bool, room: int) -> None:
        """Get some batches acknowledged; the others may have arrived or not."""
        stays, cut_off = [], set()
        contents = [*self.seen().outbox[service].values()][:ROUND]
        for number, (content, batch) in enumerate(
            zip(contents, batched(contents, room), strict=True)
        ):
            if batch in refused:
                cut_off.add((content.topic, content.key))
            if (content.topic, content.key) in cut_off:
                stays.append(number)
        self.round(service, Broker(self.log, refused, lambda _: arrives, room), stays=len(stays))

    @precondition(lambda self: self.waits())
    @step(
        service=st.sampled_from(SERVICES),
        point=st.sampled_from(RELAY_POINTS),
        arrived=st.integers(0, ROUND),
        room=ROOM,
    )
    def relay_and_crash(self, service: str, point: CrashPoint, arrived: int, room: int) -> None:
        """Crash after a round was sent; before its end only some batches have arrived."""
        lost = range(arrived if point is CrashPoint.RELAY_AFTER_SEND else ROUND, ROUND)
        broker = Broker(self.log, lost, room=room)
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
            self.log.append(PARTITIONS[partition], record.key, record.headers, record.value)

    @precondition(lambda self: not self.noisy)
    @step(case=st.sampled_from("abc"))
    def put_noise(self, case: str) -> None:
        """Let a stranger write to the topic."""
        self.noisy = True
        key = CASES[case].encode()
        self.log.append(place(TOPIC, key), key, [], b"noise")
