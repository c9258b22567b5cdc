"""The declaration of topics: complete, readable, and clear about what is wrong."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.events.registry import Topic
from shared.kafka.errors import TopicsFileInvalid
from shared.kafka.topics import TopicSettings, declared_topics


def test_the_shipped_file_declares_every_topic_and_its_dead_letters() -> None:
    declared = declared_topics()
    assert declared.keys() == {name for topic in Topic for name in (topic, topic.dead_letter)}


def test_case_events_are_kept_long_enough_to_replay_a_year() -> None:
    assert declared_topics()["case-events"].retention == timedelta(days=365)


def test_a_topic_without_retention_keeps_its_records_for_ever() -> None:
    assert TopicSettings(partitions=1).configuration["retention.ms"] == "-1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("topics: {case-events: {partitions: 12}}", "does not declare"),
        ("topics: {case-events: {partitions: 0}}", "greater than or equal to 1"),
        ("topics: {case-events: {partitions: 1, colour: red}}", "colour"),
        ("nothing", "can't be read as a topics file"),
        ("topics: [", "can't be read as a topics file"),
        ("topics: &all {a: *all}", r"line 1: \*all stands for nothing"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(content)
    with pytest.raises(TopicsFileInvalid, match=said) as refusal:
        declared_topics(path)
    assert str(path) in str(refusal.value)
