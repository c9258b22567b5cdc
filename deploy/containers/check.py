"""Checks the container files: `python -m deploy.containers.check`, a part of `make check`."""

import subprocess
import sys

import click

from deploy.containers.compose import (
    COMPOSE_FILE,
    DOCKERFILE,
    SECURED_KAFKA,
    TRADE_OFFICE,
    check_authority,
    resolve,
    settings_of,
    tool,
)
from shared.errors import GleichfallError


class ContainerFileWrong(GleichfallError):
    """A checker has found something; what, it has printed."""


def main() -> None:
    """Check the files; the first complaint ends it with exit code 1."""
    try:
        for path in (COMPOSE_FILE, SECURED_KAFKA):
            _run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(path))
        resolve({})
        resolve({}, SECURED_KAFKA)
        check_authority(resolve(settings_of(TRADE_OFFICE)))
        _run("hadolint", str(DOCKERFILE))
    except GleichfallError as error:
        click.echo(f"gleichfall: {error}", err=True)
        sys.exit(error.exit_code)
    click.echo(
        "the Compose files fit the schema and resolve; the Dockerfile has no faults; "
        "another authority's files reach the containers"
    )


def _run(checker: str, *arguments: str) -> None:
    outcome = subprocess.run(
        [tool(checker), *arguments], capture_output=True, text=True, check=False
    )
    if outcome.returncode != 0:
        click.echo(outcome.stdout + outcome.stderr, nl=False, err=True)
        raise ContainerFileWrong(f"{checker} found faults in {arguments[-1]}, see above")


if __name__ == "__main__":
    main()
