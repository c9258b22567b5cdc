"""Three consumers with the same effects: ours, the hand-written ceiling, the naive FastStream one.

Each runs in a process of its own, drains a filled topic into an empty schema, and prints one JSON
line. All write the same rows: inbox position, decision, draw, numbered outbox record.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from consistent_sampler import first_fraction, sha256_hex
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from pydantic_core import to_json

from services.controlling.chain.entering import LOOK, Chainer
from services.controlling.handlers import CaseEvents
from services.controlling.periods.opening import Periods
from services.controlling.policy.file import load_policy
from services.controlling.policy.strata import FIELDS, Kind
from services.controlling.register.frame import Frame
from shared.events.registry import Topic
from shared.events.vocabulary import Direction
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.kafka.brokers import Brokers
from shared.kafka.consumer import Consumer
from shared.kafka.relay import Relay, RelayReport
from shared.kafka.subscription import subscribe
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool, open_pool
from shared.service.runtime import calm_garbage_collection
from tests.shelf import Shelf

ROOT = Path(__file__).resolve().parents[2]
TOPIC = Topic.CASE_EVENTS.value
ZONE = ZoneInfo("Europe/Berlin")
POLICY = ROOT / "tests" / "policy.yaml"
SEED_KEY = bytes(range(32))
Records = Sequence[Any]
FACTS = (*FIELDS, "features")


@dataclass(frozen=True, slots=True)
class Race:
    """What a contestant is told."""

    bootstrap_servers: str
    database_url: str
    events: int
    group: str


@dataclass(slots=True)
class Clock:
    """Runs from the first record to the last commit; counts this process's own CPU time."""

    goal: int
    done: int = 0
    began: float = 0.0
    cpu_began: float = 0.0
    ended: float = 0.0
    cpu_ended: float = 0.0

    def start(self) -> None:
        if not self.began:
            self.began, self.cpu_began = time.perf_counter(), time.process_time()

    def add(self, events: int) -> None:
        self.done += events
        self.ended, self.cpu_ended = time.perf_counter(), time.process_time()

    async def finished(self) -> None:
        async with asyncio.timeout(300):
            while self.done < self.goal:
                await asyncio.sleep(0.02)

    def result(self) -> dict[str, float]:
        return {
            "events": self.done,
            "events_per_second": self.done / (self.ended - self.began),
            "cpu_seconds_per_1000": (self.cpu_ended - self.cpu_began) / self.done * 1000,
            "peak_mib": peak_mib(os.getpid()),
        }


def peak_mib(pid: int) -> float:
    """Largest resident size of a process; rusage would count what its parent had at the fork."""
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


class Observed(Consumer):
    """Our consumer, which tells of each batch before and after it."""

    def __init__(
        self, race: Race, pool: Pool, began: Callable[[], None], ended: Callable[[Records], None]
    ) -> None:
        policy = load_policy(POLICY)
        case_events = CaseEvents(Frame(DecisionTypes.load(), ZONE), Periods(SEED_KEY, policy))
        super().__init__(race.group, pool, {TOPIC: case_events}, committed=lambda: None)
        self.began = began
        self.ended = ended

    async def _partition(self, partition: TopicPartition, raw: Records) -> None:
        self.began()
        await super()._partition(partition, raw)
        self.ended(raw)


@asynccontextmanager
async def consuming(
    race: Race, began: Callable[[], None], ended: Callable[[Records], None]
) -> AsyncIterator[AIOKafkaConsumer]:
    """Our consumer as the service runs it: what it registers is chained, its relay is left out."""
    pool = await open_pool(race.database_url, service="controlling")
    broker = subscribe(Brokers(race.bootstrap_servers), [TOPIC], Observed(race, pool, began, ended))
    await broker.start()
    linking = asyncio.create_task(_chaining(pool))
    yield broker.subscribers[0].consumer  # type: ignore[attr-defined] # set by start
    linking.cancel()
    await asyncio.wait([linking])
    await broker.stop()
    await pool.close()


async def _chaining(pool: Pool) -> None:
    """The loop beside the handler, as the service runs it."""
    chainer = Chainer(pool, Holding(HeldItems(pool), Loop.REGISTER_CHAIN))
    while True:
        if not await chainer.look():
            await asyncio.sleep(LOOK.total_seconds())


async def controlling(race: Race, clock: Clock) -> None:
    """Our consumer on its own."""
    async with consuming(race, clock.start, lambda raw: clock.add(len(raw))):
        await clock.finished()


async def member(race: Race, clock: Clock) -> None:
    """One of several of our consumers: reads nothing until told to, then until its input ends.

    Tells of its partitions whenever it gets some, and at the end of what it did.
    """
    told = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    async with consuming(race, clock.start, lambda raw: clock.add(len(raw))) as kafka:
        mine: set[TopicPartition] = set()
        go = asyncio.create_task(told.readline())
        while not go.done():
            if kafka.assignment() != mine:
                mine = kafka.assignment()
                kafka.pause(*mine)
                print(len(mine), flush=True)
            await asyncio.sleep(0.01)
        kafka.resume(*mine)
        await told.read()


async def prompt(race: Race, clock: Clock) -> None:
    """Our consumer, and when it had committed each event: seconds of the machine's clock by id."""
    committed: dict[str, float] = {}

    def ended(raw: Records) -> None:
        now = time.monotonic()
        committed.update({dict(record.headers)["ce_id"].decode(): now for record in raw})
        clock.add(len(raw))

    async with consuming(race, clock.start, ended):
        print("ready", flush=True)
        await clock.finished()
    print(json.dumps(committed))


EFFECTS = """
WITH batch AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::numeric[], $8::boolean[], $9::timestamptz[], $10::text[], $11::jsonb[], $12::boolean[])
    AS t (decision_id, case_ref, period, stratum, type_code, ticket, probability, drawn,
        decided_at, decider, facts, twice)
), positions AS (
    INSERT INTO inbox (topic, subject, last_sequence)
    SELECT 'case-events', subject, reached
    FROM unnest($13::text[], $14::bigint[]) AS p (subject, reached)
    ON CONFLICT (topic, subject) DO UPDATE SET last_sequence = excluded.last_sequence
), decisions AS (
    INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,
        inclusion_probability, drawn, policy_version, decided_at, facts)
    SELECT decision_id, case_ref, period, stratum, type_code, ticket, probability, drawn, 'bench',
        decided_at, facts FROM batch
    ON CONFLICT DO NOTHING RETURNING decision_id
), draws AS (
    INSERT INTO draw (decision_id, reasons, decider, twice, drawn_at)
    SELECT decision_id, ARRAY['random'], decider, twice, now() FROM batch WHERE drawn
), waiting AS (
    INSERT INTO uncompared (size, decision_ids) SELECT count(*), array_agg(decision_id) FROM batch
), to_chain AS (
    INSERT INTO unchained (period, size, decision_ids)
    SELECT period, count(*), array_agg(decision_id) FROM batch GROUP BY period
), heads AS (
    INSERT INTO stream_head (topic, subject, last_sequence)
    SELECT 'review-events', decision_id, 1 FROM batch WHERE drawn
    ON CONFLICT (topic, subject) DO UPDATE SET last_sequence = stream_head.last_sequence + 1
)
INSERT INTO outbox (topic, key, headers, value)
SELECT 'review-events', key, headers, value
FROM unnest($15::bytea[], $16::bytea[], $17::bytea[]) AS o (key, headers, value)
"""


async def ceiling(race: Race, clock: Clock) -> None:
    """As fast as it gets by hand: getmany, no validation, one statement per partition and batch.

    It has all effects and none of the guarantees: nothing is validated, a rival is not noticed,
    the period may close meanwhile, an early event is not parked, an id may be registered twice.
    It sends arrays and takes tickets from the published library, as one would.
    """
    pool = await open_pool(race.database_url, service="controlling")
    seed_hash = await hand_made_period(pool)
    strata = Strata()
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=race.bootstrap_servers,
        group_id=race.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=512 * 1024,
        partition_assignment_strategy=(StickyPartitionAssignor,),
    )
    await consumer.start()

    async def partition(records: Sequence[Any]) -> None:
        rows = hand_made_rows(records, strata, seed_hash)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(EFFECTS, *rows)

    while clock.done < clock.goal:
        polled = await consumer.getmany(timeout_ms=20, max_records=4_000)
        if not polled:
            continue
        clock.start()
        await asyncio.gather(*(partition(records) for records in polled.values()))
        await consumer.commit({tp: records[-1].offset + 1 for tp, records in polled.items()})
        clock.add(sum(len(records) for records in polled.values()))
    await consumer.stop()
    await pool.close()


class Strata:
    """The same strata and rates as ours, found by hand."""

    def __init__(self) -> None:
        self.types = DecisionTypes.load()
        self.known: dict[tuple[str, str, str, date], tuple[str, Decimal]] = {}
        self.policy = load_policy(POLICY)

    def of(self, type_code: str, direction: str, unit: str, day: date) -> tuple[str, Decimal]:
        found = self.known.get((type_code, direction, unit, day))
        if found is None:
            kind = Kind(type_code, Direction(direction), unit, day, ())
            stratum = self.policy.stratum_of(kind, self.types.group_of(type_code, day))
            found = (stratum.key, self.policy.rule_of(stratum).rate)
            self.known[type_code, direction, unit, day] = found
        return found


async def hand_made_period(pool: Pool) -> str:
    seed = hashlib.sha256(b"bench").digest()
    await pool.execute(
        "INSERT INTO period (key, first_day, last_day, sealed_seed, commitment, policy_version) "
        "VALUES ('2026-05', '2026-05-01', '2026-05-31', $1, 'x', 'bench') ON CONFLICT DO NOTHING",
        seed,
    )
    return str(sha256_hex(seed.hex()))


def hand_made_rows(records: Sequence[Any], strata: Strata, seed_hash: str) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in range(12)]
    reached: dict[str, int] = {}
    keys, headers, values = [], [], []
    for record in records:
        attributes = {name: value.decode() for name, value in record.headers}
        data = json.loads(record.value)
        subject = attributes["ce_subject"]
        reached[subject] = int(attributes["ce_sequence"])
        at = datetime.fromisoformat(attributes["ce_time"])
        day = at.astimezone(ZONE).date()
        stratum, rate = strata.of(data["type_code"], data["direction"], data["unit"], day)
        ticket = first_fraction(data["decision_id"], None, seed_hash)
        drawn = Decimal(ticket) < rate
        second = first_fraction(f"{data['decision_id']}:twice", None, seed_hash) if drawn else None
        twice = second is not None and Decimal(second) < strata.policy.double_reviews
        facts = to_json({name: data.get(name) for name in FACTS}).decode()
        row = (
            data["decision_id"], subject, f"{day:%Y-%m}", stratum, data["type_code"], ticket, rate,
            drawn, at, data["decider"], facts, twice,
        )  # fmt: skip
        for column, value in zip(columns, row, strict=True):
            column.append(value)
        if drawn:
            out = {
                "decision_id": data["decision_id"], "case_ref": subject, "period": f"{day:%Y-%m}",
                "stratum": stratum, "ticket": ticket, "inclusion_probability": float(rate),
                "reasons": ["random"], "policy_version": "bench", "double_review": twice,
            }  # fmt: skip
            head = {
                "ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "bench",
                "ce_type": "gleichfall.decision.drawn.v1", "ce_subject": data["decision_id"],
                "ce_time": datetime.now(UTC).isoformat(), "ce_sequence": "1",
                "ce_partitionkey": data["decision_id"], "content-type": "application/json",
            }  # fmt: skip
            keys.append(data["decision_id"].encode())
            headers.append(json.dumps(list(head.items())).encode())
            values.append(json.dumps(out).encode())
    return [*columns, list(reached), list(reached.values()), keys, headers, values]


async def naive(race: Race, clock: Clock) -> None:
    """FastStream as its tutorial shows it: one message, one transaction, one acknowledgement."""
    pool = await open_pool(race.database_url, service="controlling")
    seed_hash = await hand_made_period(pool)
    strata = Strata()
    broker = KafkaBroker(race.bootstrap_servers, log_level=10)

    @broker.subscriber(
        TOPIC, group_id=race.group, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK
    )
    async def consume(_: dict[str, Any], msg: KafkaMessage) -> None:
        clock.start()
        rows = hand_made_rows([msg.raw_message], strata, seed_hash)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(EFFECTS, *rows)
        clock.add(1)

    await broker.start()
    await clock.finished()
    await broker.stop()
    await pool.close()


async def relay(race: Race, clock: Clock) -> None:
    """Our relay on a full outbox."""

    def count(report: RelayReport) -> None:
        clock.add(report.sent)

    running = Relay(
        Brokers(race.bootstrap_servers),
        race.database_url,
        service="controlling",
        holding=Holding(Shelf(), Loop.RELAY),
        on_round=count,
    )
    clock.start()
    task = asyncio.create_task(running.run())
    await clock.finished()
    running.stop()
    await task


class Contestants:
    """By name."""

    all: ClassVar[dict[str, Callable[[Race, Clock], Coroutine[Any, Any, None]]]] = {
        "controlling": controlling,
        "member": member,
        "prompt": prompt,
        "ceiling": ceiling,
        "naive": naive,
        "relay": relay,
    }


def main() -> None:
    name, race = sys.argv[1], Race(**json.loads(sys.argv[2]))
    clock = Clock(race.events)
    calm_garbage_collection()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Contestants.all[name](race, clock))
    print(json.dumps(clock.result()))


if __name__ == "__main__":
    main()
