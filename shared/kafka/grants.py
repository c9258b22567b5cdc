"""Who may do what in Kafka, as declared in `deploy/kafka/access.yaml`: compared and applied."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.configuration.places import ROOT
from shared.configuration.yaml_file import excess
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering
from shared.kafka.errors import AccessChangeRefused, AccessFileInvalid
from shared.kafka.rights import Operation, ResourceType, Right

DECLARATION = ROOT / "deploy" / "kafka" / "access.yaml"

_ANY, _LITERAL, _DENY, _ALLOW = 1, 3, 2, 3
_EVERYWHERE = "*"


class LooksAt(BaseModel):
    """What somebody sees without taking it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


class User(BaseModel):
    """What one user of Kafka may do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    principal: str
    group: str | None = None
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    looks_at: LooksAt = LooksAt()

    @property
    def rights(self) -> frozenset[Right]:
        """All of it, right by right."""
        groups = {(name, Operation.DESCRIBE) for name in self.looks_at.groups}
        if self.group is not None:
            groups.add((self.group, Operation.READ))
        topics = {(name, Operation.READ) for name in self.reads}
        topics |= {(name, Operation.WRITE) for name in self.writes}
        topics |= {
            (name, operation)
            for name in self.reads | self.writes | self.looks_at.topics
            for operation in (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)
        }
        return frozenset(
            Right(kind, *one)
            for kind, found in ((ResourceType.TOPIC, topics), (ResourceType.GROUP, groups))
            for one in found
        )


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    users: dict[str, User]


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One rule of Kafka's access control, by Kafka's numbers."""

    principal: str
    kind: int
    pattern: int
    name: str
    operation: int
    permission: int
    host: str

    @classmethod
    def granting(cls, principal: str, right: Right) -> Self:
        """Give the rule that grants a right, from everywhere."""
        return cls(
            principal, right.kind, _LITERAL, right.name, right.operation, _ALLOW, _EVERYWHERE
        )

    @property
    def arguments(self) -> tuple[int, str, int, str, str, int, int]:
        """The same in the protocol's order."""
        return (
            self.kind, self.name, self.pattern,
            self.principal, self.host, self.operation, self.permission,
        )  # fmt: skip

    def __str__(self) -> str:
        kind = _named(ResourceType, self.kind).lower()
        pattern = "" if self.pattern == _LITERAL else "every name that begins with "
        denied = " not" if self.permission == _DENY else ""
        host = "" if self.host == _EVERYWHERE else f" from {self.host}"
        operation = _named(Operation, self.operation)
        return f"{self.principal} may{denied} {operation} {kind} {pattern}{self.name}{host}"


@dataclass(frozen=True, slots=True)
class Differences:
    """What a cluster lacks, and what it grants or denies beyond the declaration."""

    missing: tuple[Rule, ...]
    surplus: tuple[Rule, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus)

    @property
    def lines(self) -> list[str]:
        """All of them in words."""
        return [f"missing: {one}" for one in self.missing] + [
            f"undeclared: {one}" for one in self.surplus
        ]


def declared_access(path: Path = DECLARATION) -> Mapping[str, User]:
    """Read the declaration.

    Raises:
        AccessFileInvalid: not readable, not YAML, or a wrong field.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if found := excess(text):
            raise AccessFileInvalid(f"{path}, {found}")
        document = yaml.safe_load(text)
        return _File.model_validate(document).users
    except (OSError, yaml.YAMLError) as error:
        raise AccessFileInvalid(f"{path} can't be read as an access file: {error}") from None
    except ValidationError as error:
        raise AccessFileInvalid(f"{path}: {error}") from None


async def access_differences(brokers: Brokers, users: Collection[User]) -> Differences:
    """Compare the cluster with a declaration, for the users that are in it.

    Raises:
        AccessNotControlled: this Kafka lets everybody do everything.
        KafkaRefuses, RightsMissing, KafkaUnreachable: we can't look.
    """
    async with administering(brokers) as admin:
        return await _compare(admin, users)


async def apply_access(brokers: Brokers, users: Collection[User]) -> Differences:
    """Grant what is missing, then take away what is undeclared; gives what was different.

    Raises:
        AccessChangeRefused: Kafka refused a change.
        AccessNotControlled, KafkaRefuses, RightsMissing, KafkaUnreachable: as `access_differences`.
    """
    async with administering(brokers) as admin:
        found = await _compare(admin, users)
        for rule in found.missing:
            response = await admin._send_request(CreateAclsRequest(*rule.arguments))
            _refuse(rule, response.creation_responses)
        for rule in found.surplus:
            response = await admin._send_request(DeleteAclsRequest(*rule.arguments))
            _refuse(rule, response.filter_responses)
        return found


async def _compare(admin: AIOKafkaAdminClient, users: Collection[User]) -> Differences:
    wanted = {Rule.granting(user.principal, right) for user in users for right in user.rights}
    there: set[Rule] = set()
    for principal in {user.principal for user in users}:
        there |= await _rules_of(admin, principal)
    return Differences(tuple(sorted(wanted - there)), tuple(sorted(there - wanted)))


async def _rules_of(admin: AIOKafkaAdminClient, principal: str) -> set[Rule]:
    every = DescribeAclsRequest(_ANY, None, _ANY, principal, None, _ANY, _ANY)
    response = await admin._send_request(every)
    if response.error_code:
        raise for_code(response.error_code)(response.error_message)
    return {
        Rule(who, kind, pattern, name, operation, permission, host)
        for kind, name, pattern, rules in response.resources
        for who, host, operation, permission in rules
    }


def _refuse(rule: Rule, outcomes: Iterable[tuple[int, str, *tuple[object, ...]]]) -> None:
    for code, text, *_ in outcomes:
        if code:
            raise AccessChangeRefused(f"{rule}: {for_code(code).__name__} {text or ''}".rstrip())


def _named(kind: type[Operation | ResourceType], number: int) -> str:
    return kind(number).name if number in set(kind) else f"({number})"
