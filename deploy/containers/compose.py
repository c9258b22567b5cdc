"""`compose.yaml` as a compose tool reads it, without a container engine."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from shared.configuration.places import ROOT
from shared.errors import GleichfallError

COMPOSE_FILE = ROOT / "compose.yaml"
SECURED_KAFKA = ROOT / "deploy" / "containers" / "secured-kafka.yaml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


class ComposeUnresolvable(GleichfallError):
    """The compose tool can't make sense of the file."""

    def __init__(self, files: Sequence[Path], complaint: str) -> None:
        named = " with ".join(path.name for path in files)
        super().__init__(f"{named} can't be resolved: {complaint}")


def tool(name: str) -> Path:
    """Find a program that came with our dependencies."""
    return Path(sys.executable).with_name(name)


def resolve(environment: Mapping[str, str], *beside: Path) -> dict[str, Any]:
    """Give the file with anchors, merges and variables resolved.

    Args:
        environment: The variables that the file may use; no others, and no `.env` file.
        beside: Files that add to it.

    Raises:
        ComposeUnresolvable: with the tool's complaint.
    """
    files = (COMPOSE_FILE, *beside)
    command = [str(tool("podman-compose")), "--dry-run", "--env-file", os.devnull]
    outcome = subprocess.run(
        [*command, *(word for path in files for word in ("--file", str(path))), "config"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise ComposeUnresolvable(files, (outcome.stderr.strip().splitlines() or ["no reason"])[-1])
    resolved: dict[str, Any] = yaml.safe_load(outcome.stdout)
    return resolved
