"""A Java is found, understood and refused when Kafka couldn't run on it."""

from pathlib import Path

import pytest

from deploy.local import java
from deploy.local.errors import JavaMissing, JavaTooOld


def _java_saying(tmp_path: Path, version: str) -> Path:
    binary = tmp_path / "java"
    binary.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2024-01-16' >&2\n")
    binary.chmod(0o755)
    return binary


@pytest.mark.parametrize(
    ("version", "major"),
    [("25.0.2", 25), ("17.0.10", 17), ("1.8.0_392", 8), ("26-ea", 26), ("21", 21)],
)
def test_a_version_is_read_as_people_say_it(version: str, major: int) -> None:
    assert java.major(version) == major


def test_the_packaged_runtime_is_used_without_a_word_from_the_operator() -> None:
    binary = java.find({})
    assert java.major(java.version(binary)) >= java.OLDEST


def test_the_operators_java_comes_first(tmp_path: Path) -> None:
    binary = _java_saying(tmp_path, "17.0.10")
    assert java.find({"GLEICHFALL_JAVA": str(binary)}) == binary


def test_a_java_too_old_is_refused_with_its_version(tmp_path: Path) -> None:
    binary = _java_saying(tmp_path, "11.0.22")
    with pytest.raises(JavaTooOld, match=r"is Java 11\.0\.22, Kafka needs 17 or newer"):
        java.find({"GLEICHFALL_JAVA": str(binary)})


def test_a_java_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match=r"no Java at .*/java:"):
        java.find({"GLEICHFALL_JAVA": str(tmp_path / "java")})
