"""What Kafka lets us do, asked of Kafka: it tells a client its own rights on topics and groups."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    TopicAuthorizationFailedError,
)

from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering
from shared.kafka.errors import RightsMissing
from shared.kafka.protocol import GroupRights, TopicRights

_COORDINATOR_PATIENCE = timedelta(seconds=20)
_AGAIN = timedelta(milliseconds=200)


class ResourceType(IntEnum):
    """What a right is about, by Kafka's numbers."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What a right is to, by Kafka's numbers (AclOperation)."""

    ANY = 1
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One thing that may be done to one topic or group."""

    kind: ResourceType
    name: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation.name} {self.kind.name.lower()} {self.name}"


def rights_of_service(
    publishes: Collection[Topic], consumes: Collection[Topic], group: str
) -> frozenset[Right]:
    """Give what a service needs, and nothing more.

    Args:
        publishes: What its relay sends; of what it consumes, dead letters too.
        consumes: What it reads.
        group: The consumer group in which it does.
    """
    read = {topic.value for topic in consumes}
    written = {topic.value for topic in publishes} | {topic.dead_letter for topic in consumes}
    # At the start each topic is compared with its declaration, and so is its dead-letter topic.
    compared = read | written | {topic.dead_letter for topic in publishes}
    found = {Right(ResourceType.TOPIC, name, Operation.READ) for name in read}
    found |= {Right(ResourceType.TOPIC, name, Operation.WRITE) for name in written}
    found |= {
        Right(ResourceType.TOPIC, name, operation)
        for name in compared
        for operation in (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)
    }
    if read:
        found.add(Right(ResourceType.GROUP, group, Operation.READ))
    return frozenset(found)


async def require_rights(brokers: Brokers, needed: Collection[Right]) -> None:
    """Refuse to work where Kafka wouldn't let us.

    Raises:
        RightsMissing: names each thing that we may not do.
        KafkaRefuses: it doesn't even let us in.
        KafkaUnreachable: no broker answers.
    """
    async with administering(brokers) as admin:
        topics = {right.name for right in needed if right.kind is ResourceType.TOPIC}
        groups = {right.name for right in needed if right.kind is ResourceType.GROUP}
        granted = {
            ResourceType.TOPIC: await _of_topics(admin, topics),
            ResourceType.GROUP: {name: await _of_group(admin, name) for name in groups},
        }
    missing = [
        right
        for right in sorted(needed)
        if right.operation not in granted[right.kind].get(right.name, frozenset(Operation))
    ]
    if missing:
        raise RightsMissing(brokers.who, [str(right) for right in missing])


async def _of_topics(
    admin: AIOKafkaAdminClient, names: Collection[str]
) -> Mapping[str, frozenset[Operation]]:
    """Give what we may do to topics; those that don't exist are left out."""
    response = await admin._send_request(TopicRights(sorted(names)))
    found = {}
    for error, name, _, _, operations in response.topics:
        if error == TopicAuthorizationFailedError.errno:
            found[name] = frozenset[Operation]()
        elif not error:
            found[name] = _operations(operations)
    return found


async def _of_group(admin: AIOKafkaAdminClient, name: str) -> frozenset[Operation]:
    """Give what we may do to a group, also to one that nobody has joined yet."""
    async with asyncio.timeout(_COORDINATOR_PATIENCE.total_seconds()):
        while True:
            try:
                coordinator = await admin.find_coordinator(name)
                response = await admin._send_request(GroupRights([name]), coordinator)
            except GroupAuthorizationFailedError:
                return frozenset()
            except GroupCoordinatorNotAvailableError:
                response = None  # the first group ever makes Kafka prepare
            if response is not None:
                [(error, *_, operations)] = response.groups
                if error == GroupAuthorizationFailedError.errno:
                    return frozenset()
                if not error:
                    return _operations(operations)
            await asyncio.sleep(_AGAIN.total_seconds())


def _operations(bits: int) -> frozenset[Operation]:
    return frozenset(one for one in Operation if bits >> one & 1)
