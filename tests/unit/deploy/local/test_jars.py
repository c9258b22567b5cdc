"""Kafka's jars are the ones that were locked, or they are not used."""

from pathlib import Path

import pytest

from deploy.local import disk, jars
from deploy.local.errors import NoNetwork, NoSpace


def test_the_lock_holds_every_wanted_jar_once() -> None:
    coordinates = [jar.coordinate for jar in jars.KAFKA.jars]
    assert set(jars.WANTED) <= set(coordinates)
    projects = [coordinate.rpartition(":")[0] for coordinate in coordinates]
    assert len(projects) == len(set(projects)), "two versions of one jar on one class path"


def test_every_kafka_jar_has_the_version_of_the_broker() -> None:
    kafka = [
        jar.coordinate for jar in jars.KAFKA.jars if jar.coordinate.startswith("org.apache.kafka")
    ]
    assert {coordinate.rpartition(":")[2] for coordinate in kafka} == {"4.3.0"}


def test_the_lock_names_no_server() -> None:
    assert "://" not in jars.KAFKA.file.read_text()


def test_an_altered_jar_counts_as_missing(tmp_path: Path) -> None:
    first = jars.KAFKA.jars[0]
    path = first.path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    assert first in jars.KAFKA.missing(tmp_path)


def test_without_a_network_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(
        NoNetwork, match=r"cannot download the jars of Apache Kafka .*connect to the network"
    ):
        jars.class_path(jars.KAFKA, tmp_path / "m2")


def test_a_full_disk_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(NoSpace, match="are needed: make room"):
        disk.require(tmp_path / "not" / "yet" / "there", megabytes=10**12)
    assert list(tmp_path.iterdir()) == []
