"""`compose.yaml` as a compose tool reads it, without a container engine."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from shared.configuration.places import ROOT
from shared.errors import GleichfallError

COMPOSE_FILE = ROOT / "compose.yaml"
SECURED_KAFKA = ROOT / "deploy" / "containers" / "secured-kafka.yaml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
TRADE_OFFICE = ROOT / "deploy" / "examples" / "trade-office" / "containers.env"
AUTHORITY = "/authority"
"""Where containers find the files of another authority."""
OF_AUTHORITY = frozenset(
    f"GLEICHFALL_{name}"
    for name in ("ORGANISATION", "LAW", "TEXTS", "CRITERIA", "POLICY", "SYSTEMS")
)
"""What names one of them."""


class ComposeUnresolvable(GleichfallError):
    """The compose tool can't make sense of the file."""

    def __init__(self, files: Sequence[Path], complaint: str) -> None:
        named = " with ".join(path.name for path in files)
        super().__init__(f"{named} can't be resolved: {complaint}")


class AuthorityFileMissing(GleichfallError):
    """A container is told of a file that its mount doesn't give it."""

    def __init__(self, service: str, variable: str, path: str) -> None:
        super().__init__(
            f"{service} would look for {variable} at {path}, and there is nothing: name what lies "
            f"in GLEICHFALL_AUTHORITY, as {AUTHORITY}/…"
        )


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


def settings_of(file: Path) -> dict[str, str]:
    """Give the variables of a file as `--env-file` takes them: one a line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def check_authority(resolved: Mapping[str, Any]) -> None:
    """See that each file of an authority that a container is told of is one that it is given.

    Raises:
        AuthorityFileMissing: naming the first that isn't.
    """
    for name, service in resolved["services"].items():
        mounts = (one.split(":") for one in service.get("volumes", ()) if isinstance(one, str))
        given = next((source for source, target, *_ in mounts if target == AUTHORITY), None)
        for variable, path in (service.get("environment") or {}).items():
            if given is None or variable not in OF_AUTHORITY or not path:
                continue
            inside = PurePosixPath(path)
            reached = inside.is_relative_to(AUTHORITY) and ".." not in inside.parts
            if not reached or not (ROOT / given / inside.relative_to(AUTHORITY)).exists():
                raise AuthorityFileMissing(name, variable, path)
