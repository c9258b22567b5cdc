"""The clients of the guide, each run as a stranger runs it."""

import os
import sys
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

FOLDER = Path(__file__).parents[1] / "docs" / "guide" / "clients"
NODE = compute_driver_executable()[0]  # comes with the browser's driver: nothing to install
PYTHON = [sys.executable, str(FOLDER / "client.py")]
JAVASCRIPT = [NODE, str(FOLDER / "client.mjs")]
CLIENTS = [pytest.param(PYTHON, id="python"), pytest.param(JAVASCRIPT, id="javascript")]


def environment(url: str, secrets: Path) -> dict[str, str]:
    """Give what `gleichfall env` tells, and nothing of the tests' own."""
    return {"INTAKE_URL": url, "GLEICHFALL_SECRETS_DIR": str(secrets), "PATH": os.environ["PATH"]}


def write_secrets(folder: Path, token: str) -> None:
    """Write what a client needs."""
    (folder / "client_token").write_text(f"{token}\n")
    (folder / "pseudonym_key").write_text(f"{bytes(range(32)).hex()}\n")
