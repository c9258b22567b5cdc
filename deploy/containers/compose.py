"""`compose.yaml` as a compose tool reads it, without a container engine."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from shared.configuration.places import ROOT
from shared.errors import GleichfallError

COMPOSE_FILE = ROOT / "compose.yaml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


class ComposeUnresolvable(GleichfallError):
    """The compose tool can't make sense of the file."""

    def __init__(self, complaint: str) -> None:
        super().__init__(f"{COMPOSE_FILE.name} can't be resolved: {complaint}")


def tool(name: str) -> Path:
    """Find a program that came with our dependencies."""
    return Path(sys.executable).with_name(name)


def resolve(environment: Mapping[str, str]) -> dict[str, Any]:
    """Give the file with anchors, merges and variables resolved.

    Args:
        environment: The variables that the file may use; no others, and no `.env` file.

    Raises:
        ComposeUnresolvable: with the tool's complaint.
    """
    command = [str(tool("podman-compose")), "--dry-run", "--env-file", os.devnull]
    outcome = subprocess.run(
        [*command, "--file", str(COMPOSE_FILE), "config"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise ComposeUnresolvable((outcome.stderr.strip().splitlines() or ["no reason"])[-1])
    resolved: dict[str, Any] = yaml.safe_load(outcome.stdout)
    return resolved
