"""Topics as declared in `deploy/kafka/topics.yaml`: compared, applied, required."""

import asyncio
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.configuration.places import ROOT
from shared.configuration.yaml_file import excess
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering
from shared.kafka.errors import TopicChangeRefused, TopicsDiffer, TopicsFileInvalid
from shared.kafka.protocol import TopicRights

DECLARATION = ROOT / "deploy" / "kafka" / "topics.yaml"
_TOLD_WITHIN = 30.0


class TopicSettings(BaseModel):
    """What one topic must be like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partitions: int = Field(ge=1, le=1_000)
    replicas: int = Field(default=1, ge=1, le=10)
    min_insync_replicas: int = Field(default=1, ge=1, le=10)
    retention: timedelta | None = Field(default=None, description="None keeps records for ever.")
    cleanup: str = Field(default="delete", pattern="^(delete|compact)$")
    max_message_bytes: int = Field(default=1_100_000, ge=1_000)

    @property
    def configuration(self) -> dict[str, str]:
        """The settings by Kafka's own names."""
        kept = -1 if self.retention is None else int(self.retention.total_seconds() * 1000)
        return {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(self.min_insync_replicas),
            "retention.ms": str(kept),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as declared."""

    topic: str
    what: str
    found: str | None
    wanted: str

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.topic} is missing ({self.wanted})"
        return f"{self.topic} has {self.what}={self.found}, declared is {self.wanted}"


def declared_topics(path: Path | None = None) -> dict[str, TopicSettings]:
    """Read the declaration; every event topic has a dead-letter topic beside it.

    Raises:
        TopicsFileInvalid: not readable, not YAML, a wrong field, or a topic missing.
    """
    path = path or Path(os.environ.get("GLEICHFALL_TOPICS", DECLARATION))
    try:
        text = path.read_text(encoding="utf-8")
        if found := excess(text):
            raise TopicsFileInvalid(f"{path}, {found}")
        document = yaml.safe_load(text)
        topics = {name: TopicSettings(**entry) for name, entry in document["topics"].items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise TopicsFileInvalid(f"{path} can't be read as a topics file: {error}") from None
    except ValidationError as error:
        raise TopicsFileInvalid(f"{path}: {error}") from None
    needed = {name for topic in Topic for name in (topic.value, topic.dead_letter)}
    if missing := sorted(needed - topics.keys()):
        raise TopicsFileInvalid(f"{path} does not declare {', '.join(missing)}")
    return topics


async def differences(
    brokers: Brokers, topics: Mapping[str, TopicSettings] | None = None
) -> list[Difference]:
    """Compare the cluster with the declaration.

    Raises:
        KafkaRefuses, RightsMissing, KafkaUnreachable: we can't look.
    """
    wanted = declared_topics() if topics is None else topics
    async with administering(brokers) as admin:
        return await _compare(admin, wanted)


async def apply_topics(
    brokers: Brokers, topics: Mapping[str, TopicSettings] | None = None
) -> list[Difference]:
    """Make the cluster match the declaration; gives what was different.

    Raises:
        KafkaRefuses, RightsMissing, KafkaUnreachable: we can't look.
        TopicChangeRefused: Kafka refused a change, e.g. fewer partitions.
    """
    wanted = declared_topics() if topics is None else topics
    async with administering(brokers) as admin:
        found = await _compare(admin, wanted)
        missing = {difference.topic for difference in found if difference.found is None}
        await _create(admin, {name: wanted[name] for name in missing})
        await _until_told(admin, missing)
        changed = [difference for difference in found if difference.topic not in missing]
        _refuse_repartitioning(changed)
        await _configure(admin, {item.topic for item in changed}, wanted)
        return found


async def require_topics(brokers: Brokers, names: Iterable[str]) -> None:
    """Refuse to start on topics that are missing or not as declared.

    Raises:
        TopicsDiffer: names each difference.
        KafkaRefuses, RightsMissing, KafkaUnreachable: we can't look.
    """
    declared = declared_topics()
    needed = {name: declared[name] for name in names}
    found = await differences(brokers, needed)
    if found:
        raise TopicsDiffer([str(difference) for difference in found])


async def _compare(
    admin: AIOKafkaAdminClient, wanted: Mapping[str, TopicSettings]
) -> list[Difference]:
    partitions = await _partitions(admin, wanted)
    existing = partitions.keys()
    configurations = await _configurations(admin, existing)
    found: list[Difference] = []
    for name, settings in sorted(wanted.items()):
        if name not in existing:
            found.append(
                Difference(name, "topic", None, f"{settings.partitions} partitions declared")
            )
            continue
        if partitions[name] != settings.partitions:
            found.append(
                Difference(name, "partitions", str(partitions[name]), str(settings.partitions))
            )
        found += [
            Difference(name, key, configurations[name].get(key, "?"), value)
            for key, value in settings.configuration.items()
            if configurations[name].get(key) != value
        ]
    return found


async def _partitions(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, int]:
    """Count the partitions of topics; those that don't exist are left out.

    Raises:
        TopicAuthorizationFailedError: one of them may not be seen, which isn't to be missing.
    """
    if not names:
        return {}
    response = await admin._send_request(TopicRights(sorted(names)))
    found = {}
    for error, name, _, partitions, _ in response.topics:
        if error == TopicAuthorizationFailedError.errno:
            raise TopicAuthorizationFailedError(name)
        if error != UnknownTopicOrPartitionError.errno:
            found[name] = len(partitions)
    return found


async def _configurations(
    admin: AIOKafkaAdminClient, names: Collection[str]
) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in sorted(names)]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for error, _, _, name, entries in response.resources:
            if error:
                raise for_code(error)(name)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def _until_told(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """Wait until the broker tells of new topics: it makes them before it does."""
    async with asyncio.timeout(_TOLD_WITHIN):
        while names - set(await admin.list_topics()):
            await asyncio.sleep(0.05)


async def _create(admin: AIOKafkaAdminClient, topics: Mapping[str, TopicSettings]) -> None:
    if not topics:
        return
    response = await admin.create_topics(
        [
            NewTopic(
                name=name,
                num_partitions=settings.partitions,
                replication_factor=settings.replicas,
                topic_configs=settings.configuration,
            )
            for name, settings in topics.items()
        ]
    )
    _refuse(response.topic_errors)


def _refuse_repartitioning(changed: Sequence[Difference]) -> None:
    for item in changed:
        if item.what == "partitions":
            raise TopicChangeRefused(
                f"{item}. Another number of partitions would move cases and break their order; "
                "stop all services, drain the topic and make it anew"
            )


async def _configure(
    admin: AIOKafkaAdminClient, names: set[str], wanted: Mapping[str, TopicSettings]
) -> None:
    if not names:
        return
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, configs=wanted[name].configuration)
        for name in sorted(names)
    ]
    for response in await admin.alter_configs(resources):
        _refuse([(name, code, text) for code, text, _, name in response.resources])


def _refuse(outcomes: Iterable[Sequence[object]]) -> None:
    for name, code, *text in outcomes:
        if code:
            raise TopicChangeRefused(f"{name}: {for_code(code).__name__} {text[0] if text else ''}")
