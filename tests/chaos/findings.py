"""What all parts hold after a storm, read from the outside."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.intake.counting import SOURCE as INTAKE
from shared.configuration.places import SERVICES
from shared.events.catalogue.case import DecisionMade, EventDiscarded
from shared.events.registry import Topic
from shared.kafka.burying import PREFIX
from shared.kafka.topics import declared_topics
from shared.security.encryption import decrypt
from shared.security.secrets import SecretName
from tests.chaos.load import GAP, POISON_MARK, Load
from tests.chaos.town import Town

CONSUMERS = ("controlling", "notify")


class Coordinates(NamedTuple):
    """Where a record stands in Kafka."""

    topic: str
    partition: int
    offset: int


class Letter(NamedTuple):
    """A dead letter as it must be told: which record, what was wrong, how often it was tried."""

    at: Coordinates
    defect: str
    attempts: int


class Decision(NamedTuple):
    """A row of the register."""

    case: str
    drawn: bool
    reviewed: bool


class Wait(NamedTuple):
    """A case that waits: how far it was applied, and what is parked behind the gap."""

    last: int
    parked: list[int]


class Fact(NamedTuple):
    """What an event on a topic says."""

    subject: str
    kind: str
    data: Mapping[str, object]


@dataclass
class Stream:
    """A topic as its readers see it: first occurrences count, repeats carry the same id.

    Attributes:
        numbers: Sequences of each subject in order of first occurrence.
        facts: Of each event, by source and id, those of a subject in order.
        names: Ids of each subject's events in order of first occurrence.
        repeats: Records beyond the first with the same id.
    """

    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    repeats: int = 0


@dataclass
class Findings:
    """Everything that the checks compare with the oracle.

    Attributes:
        ledger: What was sent to intake, in its ledger: sequence by event id.
        counted: How many decisions of each unit intake counted.
        applied: By consumer: how far each case was applied.
        parked: By consumer: cases with parked events.
        buried: By consumer: dead letters in its database.
        letters: By consumer: dead letters on the topic.
        decisions: The register.
        seeds: Of each period that has decisions, decrypted; those to come are open, too.
        unordered: Decisions registered before an earlier one of their case.
        messages: How many messages each (case, cause) has.
        unsent: Messages that have not ended.
        mails: How often each Message-ID is at the mail server.
        streams: The topics.
        poison: Where the load's poison stands, with its kind.
        refused: Where refused decisions stand, with their event's id.
    """

    ledger: dict[str, int]
    counted: Counter[str]
    applied: dict[str, dict[str, int]]
    parked: dict[str, set[str]]
    buried: dict[str, set[Letter]]
    letters: dict[str, set[Letter]]
    decisions: dict[str, Decision]
    seeds: dict[str, bytes]
    unordered: int
    messages: Counter[tuple[str, str]]
    unsent: int
    mails: Counter[str]
    streams: dict[Topic, Stream]
    poison: dict[Coordinates, tuple[str, str]]
    refused: dict[Coordinates, str]


async def waiting(town: Town, cases: Collection[str]) -> dict[str, Wait]:
    """Tell how some cases stand in controlling while an operator is awaited."""
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        rows = await connection.fetch(_WAITING, list(cases), GAP)
        return {row["subject"]: Wait(row["last_sequence"], row["parked"]) for row in rows}
    finally:
        await connection.close()


_WAITING = """
SELECT subject, last_sequence, ARRAY(
    SELECT sequence FROM controlling.parked WHERE parked.subject = inbox.subject AND sequence < $2
    ORDER BY sequence) AS parked
FROM controlling.inbox WHERE subject = ANY($1::text[])
"""


async def held(town: Town) -> list[str]:
    """Tell what loops have set aside, and why."""
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        return [
            f"{service}: the {row['loop']} holds {row['item']}: {row['reason']}"
            for service in SERVICES
            for row in await connection.fetch(
                f"SELECT loop, item, reason FROM {service}.held_item WHERE state = 'held'"
            )
        ]
    finally:
        await connection.close()


async def look(town: Town, load: Load) -> Findings:
    """Read databases, topics and mails."""
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        rows = await connection.fetch(_LEDGER, INTAKE)
        counts = await connection.fetch(_COUNTED)
        decisions = await connection.fetch(_DECISIONS)
        periods = await connection.fetch(_PERIODS)
        messages = await connection.fetch(_MESSAGES)
        key = town.secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
        topics = await read_topics(town.addresses.kafka_bootstrap_servers)
        case_events = topics[Topic.CASE_EVENTS.value]
        return Findings(
            ledger={row["id"]: row["sequence"] for row in rows},
            counted=Counter({row["unit"]: row["decisions"] for row in counts}),
            applied={name: await _applied(connection, name) for name in CONSUMERS},
            parked={name: await _parked(connection, name) for name in CONSUMERS},
            buried={name: await _buried(connection, name) for name in CONSUMERS},
            letters=_letters(topics[Topic.CASE_EVENTS.dead_letter]),
            decisions={
                row["decision_id"]: Decision(row["case_ref"], row["drawn"], row["reviewed"])
                for row in decisions
            },
            seeds={row["key"]: decrypt(key, row["sealed_seed"], row["key"]) for row in periods},
            unordered=await connection.fetchval(_UNORDERED),
            messages=Counter({(row["case_ref"], row["cause"]): row["amount"] for row in messages}),
            unsent=await connection.fetchval(_UNSENT),
            mails=_mails(town.folder.mail),
            streams={topic: _stream(topics[topic.value]) for topic in Topic},
            poison=_poison(case_events),
            refused=_refused(case_events, load),
        )
    finally:
        await connection.close()


# Beside what it is sent, intake enters its own counts of decisions.
_LEDGER = "SELECT id, sequence FROM intake.ledger WHERE source <> $1"
_COUNTED = """
SELECT unit, sum(decisions)::integer AS decisions
FROM (SELECT unit, decisions FROM intake.decision_count
      UNION ALL SELECT unit, decisions FROM intake.decision_tally) AS counts
GROUP BY unit
"""
_DECISIONS = """
SELECT decision_id, case_ref, drawn, coalesce('random' = ANY(reasons), false) AS reviewed
FROM controlling.decision LEFT JOIN controlling.draw USING (decision_id)
"""
# The transaction that registered a decision began after the one of the decision before it.
_PERIODS = """
    SELECT key, sealed_seed FROM controlling.period
    WHERE EXISTS (SELECT FROM controlling.decision WHERE period = key)
"""
_UNORDERED = """
SELECT count(*) FROM (
    SELECT registered_at < lag(registered_at) OVER (PARTITION BY case_ref ORDER BY decided_at)
        AS wrong
    FROM controlling.decision) AS step
WHERE wrong
"""
_MESSAGES = "SELECT case_ref, cause, count(*) AS amount FROM notify.message GROUP BY 1, 2"
_UNSENT = "SELECT count(*) FROM notify.message WHERE state <> 'accepted'"


async def _applied(connection: asyncpg.Connection, schema: str) -> dict[str, int]:
    rows = await connection.fetch(
        f"SELECT subject, last_sequence FROM {schema}.inbox WHERE topic = 'case-events'"
    )
    return {row["subject"]: row["last_sequence"] for row in rows}


async def _parked(connection: asyncpg.Connection, schema: str) -> set[str]:
    rows = await connection.fetch(f"SELECT DISTINCT subject FROM {schema}.parked")
    return {row["subject"] for row in rows}


async def _buried(connection: asyncpg.Connection, schema: str) -> set[Letter]:
    rows = await connection.fetch(
        f'SELECT topic, partition, "offset", defect, attempts FROM {schema}.dead_letter'
    )
    return {Letter(Coordinates(*row[:3]), row["defect"], row["attempts"]) for row in rows}


def _mails(maildir: Path) -> Counter[str]:
    """Count mails by Message-ID."""
    found: Counter[str] = Counter()
    for path in (maildir / "new").iterdir():
        head = path.read_text(errors="replace").partition("\n\n")[0]
        [name] = [line for line in head.splitlines() if line.lower().startswith("message-id:")]
        found[name.partition("<")[2].partition("@")[0]] += 1
    return found


async def read_topics(servers: str) -> Mapping[str, list[ConsumerRecord]]:
    """Read every topic from its first record to its last."""
    declared = declared_topics()
    everything = [
        TopicPartition(name, number)
        for name, settings in declared.items()
        for number in range(settings.partitions)
    ]
    found: dict[str, list[ConsumerRecord]] = {name: [] for name in declared}
    async with AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest") as reader:
        reader.assign(everything)
        ends = await reader.end_offsets(everything)
        await reader.seek_to_beginning(*everything)
        while any([await reader.position(at) < end for at, end in ends.items()]):
            for at, records in (await reader.getmany(timeout_ms=200)).items():
                found[at.topic] += records
    return found


def _poison(records: list[ConsumerRecord]) -> dict[Coordinates, tuple[str, str]]:
    """Give kind and case of each poison record."""
    marked = [(record, dict(record.headers).get(POISON_MARK)) for record in records]
    return {
        _coordinates(record): (kind.decode(), record.key.decode())
        for record, kind in marked
        if kind is not None
    }


def _refused(records: list[ConsumerRecord], load: Load) -> dict[Coordinates, str]:
    """Find each record of a refused event that isn't its repair."""
    found = {}
    for record in records:
        identity = (dict(record.headers).get("ce_id") or b"").decode()
        repair = load.repairs.get(identity)
        if repair is None:
            continue
        assert isinstance(repair.data, DecisionMade)
        if json.loads(record.value)["decision_id"] != repair.data.decision_id:
            found[_coordinates(record)] = identity
    return found


def _coordinates(record: ConsumerRecord) -> Coordinates:
    return Coordinates(record.topic, record.partition, record.offset)


def _stream(records: list[ConsumerRecord]) -> Stream:
    stream = Stream()
    for record in records:
        headers = dict(record.headers)
        if POISON_MARK in headers:
            continue
        source, identity, subject, kind = (
            headers[f"ce_{name}"].decode() for name in ("source", "id", "subject", "type")
        )
        if kind == EventDiscarded.event_type:
            continue  # takes the place of an event that stands here already
        if (source, identity) in stream.facts:
            stream.repeats += 1
            continue
        stream.facts[source, identity] = Fact(subject, kind, json.loads(record.value))
        stream.numbers[subject].append(int(headers["ce_sequence"]))
        stream.names[subject].append(identity)
    return stream


def _letters(records: list[ConsumerRecord]) -> dict[str, set[Letter]]:
    found: dict[str, set[Letter]] = {name: set() for name in CONSUMERS}
    for record in records:
        about = {
            name.removeprefix(PREFIX): value.decode()
            for name, value in record.headers
            if name.startswith(PREFIX)
        }
        at = Coordinates(about["topic"], int(about["partition"]), int(about["offset"]))
        found[about["consumer"]].add(Letter(at, about["defect"], int(about["attempts"])))
    return found
