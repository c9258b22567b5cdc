"""What all parts hold after a storm, read from the outside."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.registry import Topic
from shared.kafka.topics import declared_topics
from shared.security.encryption import decrypt
from shared.security.secrets import SecretName
from tests.chaos.load import GAP_KIND, POISON_MARK
from tests.chaos.town import Town

CONSUMERS = ("controlling", "notify")
Coordinates = tuple[str, int, int]


class Decision(NamedTuple):
    """A row of the register."""

    case: str
    drawn: bool
    reviewed: bool


@dataclass
class Stream:
    """A topic as its readers see it: first occurrences count, repeats carry the same id.

    Attributes:
        numbers: Sequences of each subject in order of first occurrence.
        facts: Of each event: its type and data.
        repeats: Records beyond the first with the same id.
    """

    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[tuple[str, str], tuple[str, dict[str, object]]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    repeats: int = 0


@dataclass
class Findings:
    """Everything that the checks compare with the oracle."""

    ledger: dict[str, int]
    applied: dict[str, dict[str, int]]
    parked: dict[str, set[tuple[str, int]]]
    buried: dict[str, set[Coordinates]]
    decisions: dict[str, Decision]
    seeds: dict[str, bytes]
    unordered: int
    messages: Counter[tuple[str, str]]
    unsent: int
    mails: Counter[str]
    streams: dict[Topic, Stream]
    poison: set[Coordinates]
    gaps: set[str]
    letters: dict[str, set[Coordinates]]


async def look(town: Town) -> Findings:
    """Read databases, topics and mails."""
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        rows = await connection.fetch("SELECT id, sequence FROM intake.ledger")
        decisions = await connection.fetch(_DECISIONS)
        periods = await connection.fetch("SELECT key, sealed_seed FROM controlling.period")
        messages = await connection.fetch(_MESSAGES)
        key = town.secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
        topics = await _read_topics(town.addresses.kafka_bootstrap_servers)
        poison = _poison(topics[Topic.CASE_EVENTS.value])
        return Findings(
            ledger={row["id"]: row["sequence"] for row in rows},
            applied={name: await _applied(connection, name) for name in CONSUMERS},
            parked={name: await _parked(connection, name) for name in CONSUMERS},
            buried={name: await _buried(connection, name) for name in CONSUMERS},
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
            poison={at for at, kind, _ in poison if kind != GAP_KIND},
            gaps={subject for _, kind, subject in poison if kind == GAP_KIND},
            letters=_letters(topics[Topic.CASE_EVENTS.dead_letter]),
        )
    finally:
        await connection.close()


_DECISIONS = """
SELECT decision_id, case_ref, drawn, draw.decision_id IS NOT NULL AS reviewed
FROM controlling.decision LEFT JOIN controlling.draw USING (decision_id)
"""
# The transaction that registered a decision began after the one of the decision before it.
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


async def _parked(connection: asyncpg.Connection, schema: str) -> set[tuple[str, int]]:
    rows = await connection.fetch(f"SELECT subject, sequence FROM {schema}.parked")
    return {(row["subject"], row["sequence"]) for row in rows}


async def _buried(connection: asyncpg.Connection, schema: str) -> set[Coordinates]:
    rows = await connection.fetch(f'SELECT topic, partition, "offset" FROM {schema}.dead_letter')
    return {(row["topic"], row["partition"], row["offset"]) for row in rows}


def _mails(maildir: Path) -> Counter[str]:
    """Count mails by Message-ID."""
    found: Counter[str] = Counter()
    for path in (maildir / "new").iterdir():
        head = path.read_text(errors="replace").partition("\n\n")[0]
        [name] = [line for line in head.splitlines() if line.lower().startswith("message-id:")]
        found[name.partition("<")[2].partition("@")[0]] += 1
    return found


async def _read_topics(servers: str) -> Mapping[str, list[ConsumerRecord]]:
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


def _poison(records: list[ConsumerRecord]) -> list[tuple[Coordinates, str, str]]:
    marked = [(record, dict(record.headers).get(POISON_MARK)) for record in records]
    return [
        ((record.topic, record.partition, record.offset), kind.decode(), record.key.decode())
        for record, kind in marked
        if kind is not None
    ]


def _stream(records: list[ConsumerRecord]) -> Stream:
    stream = Stream()
    for record in records:
        headers = dict(record.headers)
        if POISON_MARK in headers:
            continue
        source, identity, subject, kind = (
            headers[f"ce_{name}"].decode() for name in ("source", "id", "subject", "type")
        )
        if (source, identity) in stream.facts:
            stream.repeats += 1
            continue
        stream.facts[source, identity] = (kind, json.loads(record.value))
        stream.numbers[subject].append(int(headers["ce_sequence"]))
        stream.names[subject].append(identity)
    return stream


def _letters(records: list[ConsumerRecord]) -> dict[str, set[Coordinates]]:
    found: dict[str, set[Coordinates]] = {name: set() for name in CONSUMERS}
    for record in records:
        about = {
            name.removeprefix("dead-letter-"): value.decode()
            for name, value in record.headers
            if name.startswith("dead-letter-")
        }
        at = (about["topic"], int(about["partition"]), int(about["offset"]))
        found[about["consumer"]].add(at)
    return found
