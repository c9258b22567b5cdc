"""The declaration of access: what each service needs is granted, and nothing beside."""

from pathlib import Path

import pytest

from deploy.reconciliation.topic import TOPICS
from deploy.standing.reads import READS
from shared.configuration.places import SERVICES
from shared.events.async_api import ROLES
from shared.events.registry import Topic
from shared.kafka.errors import AccessFileInvalid
from shared.kafka.grants import Rule, declared_access
from shared.kafka.rights import Operation, ResourceType, Right, rights_of_service

ACCESS = declared_access()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_granted_what_it_needs_and_nothing_more(service: str) -> None:
    needed = rights_of_service(ROLES[service].sends, READS[service], service)
    assert ACCESS[service].rights == needed


def test_the_operator_sees_all_reads_what_intake_wrote_and_writes_nothing() -> None:
    rights = ACCESS["operator"].rights
    seen = {Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS}
    assert {right.operation for right in rights} == seen | {Operation.READ}
    read = {right.name for right in rights if right.operation is Operation.READ}
    assert read == {topic.value for topic in TOPICS}
    topics = {right.name for right in rights if right.kind is ResourceType.TOPIC}
    assert topics == {name for topic in Topic for name in (topic.value, topic.dead_letter)}
    groups = {right.name for right in rights if right.kind is ResourceType.GROUP}
    assert groups == {service for service, reads in READS.items() if reads}


def test_no_two_users_share_a_principal() -> None:
    assert len({user.principal for user in ACCESS.values()}) == len(ACCESS)


def test_a_rule_is_read_as_a_sentence() -> None:
    right = Right(ResourceType.TOPIC, "case-events", Operation.READ)
    granted = Rule.granting("User:notify", right)
    assert str(granted) == "User:notify may READ topic case-events"
    denied = Rule("User:notify", 2, 4, "case-", 2, 2, "10.0.0.1")
    assert str(denied) == (
        "User:notify may not ALL topic every name that begins with case- from 10.0.0.1"
    )
    assert str(Rule("User:notify", 4, 3, "kafka-cluster", 7, 3, "*")) == (
        "User:notify may ALTER (4) kafka-cluster"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("users: [", "can't be read"),
        ("users: &all {a: *all}", r"line 1: \*all stands for nothing"),
        ("nothing", "valid dictionary"),
        ("users: {intake: {}}", "principal"),
        ("users: {intake: {principal: 'User:intake', colour: red}}", "colour"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "access.yaml"
    path.write_text(content)
    with pytest.raises(AccessFileInvalid, match=said) as refusal:
        declared_access(path)
    assert str(path) in str(refusal.value)
