"""What each part says it has: intake, Kafka, controlling, notify, and who carries messages."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.fake_fit_connect import mailboxes
from deploy.local.printer import posted_in
from deploy.local.sms_gateway import messages_in
from deploy.summary import store
from shared.dead_letters.store import DeadLetter, Filter, State, find
from shared.events.catalogue.case import EventDiscarded
from shared.events.registry import Topic
from shared.events.vocabulary import Channel
from shared.kafka.topics import declared_topics

LATER = "a day to come"
FOLLOWING = "an earlier message"
_DISCARDED = EventDiscarded.event_type.encode()


@dataclass(frozen=True, slots=True)
class Consumed:
    """What a consumer says of `case-events`."""

    applied: int
    parked: int
    dead_letters: int
    unpublished: int
    discarded: Mapping[str, int] = field(default_factory=dict)
    """Accepted events that an operator gave up for ever, by type."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The books of reviews.

    Attributes:
        states: Reviews by (round, state).
        drawn: Decisions that stand in the queue, whatever put them there.
        twice: Of them, how many two people are to review.
        differing: Pairs of signed reviews that answer a question otherwise, also with one result.
        assigned: How often the audit log says that somebody was given a review.
        final: Decisions all of whose reviews are signed.
        unvetted: Reviews of which it isn't known yet who may do them.
    """

    states: Mapping[tuple[int, str], int]
    drawn: int
    twice: int
    differing: int
    assigned: int
    final: int
    unvetted: int


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The books of all parts at one moment; they must agree once nothing is under way.

    Attributes:
        accepted: Events in intake's ledger by type.
        unpublished: Events in intake's outbox.
        published: Distinct events on each topic, by type.
        foreign: How many of them somebody else wrote, as an operator has acknowledged.
        controlling: What controlling consumed.
        notify: What notify consumed.
        decisions: Decisions in the sampling frame.
        reasons: Reasons for which decisions were drawn; a decision may have several.
        periods: Review periods opened.
        reviews: Reviews of what was drawn.
        service_days: Days of which it is told how the service stood.
        uncounted: What no figure of the service has counted yet.
        messages: Messages by (cause, channel, state); those that wait for their day under `LATER`,
            those after an earlier one under `FOLLOWING`.
        resting: SMS that wait for the end of quiet hours.
        rest_until: When the first of them leaves.
        mails: Mails at the mail server, each Message-ID once; None when it isn't ours.
        texts: SMS at the gateways; None when they aren't ours.
        submissions: Messages to mailboxes at the fake of FIT-Connect; None when it isn't that.
        letters: Letters that the simulated print service noted; None when it isn't ours.
    """

    accepted: Mapping[str, int]
    unpublished: int
    published: Mapping[Topic, Mapping[str, int]]
    foreign: Mapping[Topic, int]
    controlling: Consumed
    notify: Consumed
    decisions: int
    reasons: int
    periods: int
    reviews: Reviews
    service_days: int
    uncounted: int
    messages: Mapping[tuple[str, Channel, str], int]
    resting: int
    rest_until: datetime | None
    mails: int | None
    texts: int | None
    submissions: int | None
    letters: int | None


class TopicReader:
    """Counts the distinct events of topics; reads on from where it was at each look."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._seen: dict[Topic, set[tuple[bytes, bytes]]] = {topic: set() for topic in Topic}
        self._types: dict[Topic, Counter[str]] = {topic: Counter() for topic in Topic}

    async def start(self) -> None:
        """Take all partitions, from their beginning."""
        declared = declared_topics()
        partitions = [
            TopicPartition(topic.value, number)
            for topic in Topic
            for number in range(declared[topic].partitions)
        ]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)

    async def read(self) -> Mapping[Topic, Mapping[str, int]]:
        """Read up to the present end; give distinct events by topic and type."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        while any([await self._consumer.position(at) < end for at, end in ends.items()]):
            polled = await self._consumer.getmany(timeout_ms=200)
            for at, records in polled.items():
                for record in records:
                    self._count(Topic(at.topic), dict(record.headers))
        return {topic: dict(types) for topic, types in self._types.items()}

    def foreign(self, letters: Collection[DeadLetter]) -> Mapping[Topic, int]:
        """Count which of the distinct events were written by somebody else, by topic."""
        names = {(Topic(one.record.topic), *_name(dict(one.record.headers))) for one in letters}
        return Counter(topic for topic, *name in names if tuple(name) in self._seen[topic])

    def _count(self, topic: Topic, headers: Mapping[str, bytes | None]) -> None:
        if headers.get("ce_type") == _DISCARDED:
            return  # stands for an event that is counted already
        name = _name(headers)
        if name in self._seen[topic]:
            return
        self._seen[topic].add(name)
        self._types[topic][(headers.get("ce_type") or b"unknown").decode(errors="replace")] += 1


def _name(headers: Mapping[str, bytes | None]) -> tuple[bytes, bytes]:
    return headers.get("ce_source") or b"", headers.get("ce_id") or b""


@dataclass(frozen=True, slots=True)
class Carriers:
    """Where those keep messages who carry them; None for one that isn't ours."""

    maildir: Path | None
    gateways: Path | None
    fit_connect: Path | None
    printer: Path | None


async def read_ledgers(
    connection: asyncpg.Connection,
    topics: TopicReader,
    carriers: Carriers,
    later: Collection[str],
) -> Ledgers:
    """Look into every part once, upstream first, so that what arrives meanwhile is no surplus.

    `later` names the messages that don't leave at once.
    """
    accepted = await store.accepted(connection)
    controlling = await store.controlling(connection)
    service = await store.service_figures(connection)
    notify = await store.notify(connection)
    discarded = await store.discarded(connection)
    messages = await store.messages(connection, later)
    resting = await store.resting(connection, later)
    published = await topics.read()
    foreign = await find(connection, Filter(state=State.ACKNOWLEDGED))
    return Ledgers(
        accepted={row["type"]: row["amount"] for row in accepted},
        unpublished=accepted[0]["unpublished"] if accepted else 0,
        published=published,
        foreign=topics.foreign(foreign),
        controlling=_consumed("controlling", controlling, discarded),
        notify=_consumed("notify", notify, discarded),
        decisions=controlling["decisions"],
        reasons=controlling["reasons"],
        periods=controlling["periods"],
        reviews=await read_reviews(connection),
        service_days=service["days"],
        uncounted=service["uncounted"],
        messages={
            (row["cause"], Channel(row["channel"]), row["state"]): row["amount"] for row in messages
        },
        resting=resting["amount"],
        rest_until=resting["until"],
        mails=_counted(carriers.maildir, count_mails),
        texts=_counted(carriers.gateways, count_texts),
        submissions=_counted(carriers.fit_connect, count_submissions),
        letters=_counted(carriers.printer, lambda printer: len(posted_in(printer))),
    )


async def read_reviews(connection: asyncpg.Connection) -> Reviews:
    """Look into the books of reviews."""
    books = await store.review_books(connection)
    states = await store.reviews(connection)
    return Reviews({(row["round"], row["state"]): row["amount"] for row in states}, **books)


def _counted(place: Path | None, count: Callable[[Path], int]) -> int | None:
    return None if place is None else count(place)


def count_mails(maildir: Path) -> int:
    """Count the mails in a Maildir, one for each Message-ID."""
    return len(
        {_message_id(path) for folder in ("new", "cur") for path in _files(maildir / folder)}
    )


def count_texts(gateways: Path) -> int:
    """Count the SMS that gateways took, each in a line of their files."""
    return sum(len(messages_in(file)) for file in gateways.glob("*.jsonl"))


def count_submissions(fit_connect: Path) -> int:
    """Count the messages to mailboxes that the fake of FIT-Connect took."""
    return len(mailboxes.messages_in(fit_connect / mailboxes.TAKEN))


def _files(folder: Path) -> Sequence[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _message_id(path: Path) -> bytes:
    with path.open("rb") as mail:
        for line in mail:
            if not line.strip():
                break
            if line.lower().startswith(b"message-id:"):
                return line.partition(b":")[2].strip()
    return path.name.encode()


def _consumed(service: str, row: asyncpg.Record, discarded: Sequence[asyncpg.Record]) -> Consumed:
    return Consumed(
        int(row["applied"]),
        row["parked"],
        row["dead_letters"],
        row["unpublished"],
        {one["type"]: one["amount"] for one in discarded if one["service"] == service},
    )
