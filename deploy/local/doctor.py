"""Checks what this machine has and lacks for the local stack, and says what to do."""

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.local import disk, jars, java, postgres, presence, record
from deploy.local.folder import Folder
from deploy.local.ports import is_free
from shared.errors import GleichfallError


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        topic: What was looked at.
        ok: Whether the stack can run with it.
        text: What is there, or what is missing and what to do.
    """

    topic: str
    ok: bool
    text: str


def examine(folder: Folder, environment: Mapping[str, str]) -> list[Finding]:
    """Run all checks; none of them changes anything."""
    checks: dict[str, Callable[[], str]] = {
        "Python": platform.python_version,
        "Java": lambda: _java(environment),
        "Kafka's jars": lambda: _jars(folder),
        "PostgreSQL": lambda: str(postgres.binaries()),
        "privileges": _privileges,
        "disk": lambda: f"{disk.require(folder.root, disk.NEEDED_MEGABYTES)} MB free",
        "ports": lambda: _ports(folder),
    }
    return [_finding(topic, check) for topic, check in checks.items()]


def _finding(topic: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(topic, ok=True, text=check())
    except GleichfallError as error:
        return Finding(topic, ok=False, text=str(error))


def _java(environment: Mapping[str, str]) -> str:
    binary = java.find(environment)
    return f"Java {java.version(binary)}, {binary}"


def _jars(folder: Folder) -> str:
    missing = jars.KAFKA.missing(folder.jars)
    if not missing:
        return f"{len(jars.KAFKA.jars)} jars, each as locked"
    jars.require_network()
    size = sum(jar.size for jar in missing) // disk.MEGABYTE
    return f"{len(missing)} jars ({size} MB) still to come: `gleichfall up` downloads them"


def _privileges() -> str:
    words = postgres.unprivileged()
    return f"root; PostgreSQL runs as nobody by {words[0]}" if words else f"user {os.getuid()}"


def _ports(folder: Folder) -> str:
    if (pid := presence.running(folder)) is not None:
        return f"held by the running stack (process {pid})"
    taken = [part for part, port in record.load(folder.record).ports.items() if not is_free(port)]
    return (
        f"taken since the last run, replaced at the next: {', '.join(taken)}" if taken else "free"
    )
