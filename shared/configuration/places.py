"""What is shipped and where it lies: found from the package, wherever a command is started."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORGANISATION = ROOT / "deploy" / "organisation" / "karlsruhe.yaml"
LAW = ROOT / "shared" / "law"
LAW_VARIABLE = "GLEICHFALL_LAW"
TEXTS_VARIABLE = "GLEICHFALL_TEXTS"
ORGANISATION_VARIABLE = "GLEICHFALL_ORGANISATION"
SYSTEMS = ROOT / "deploy" / "systems" / "local.yaml"
POLICY = ROOT / "deploy" / "policy" / "karlsruhe.yaml"
DEMO_POLICY = ROOT / "deploy" / "policy" / "demo.yaml"
POLICY_VARIABLE = "GLEICHFALL_POLICY"
AUDITORS = ROOT / "docs" / "guide" / "auditors"
SERVICES = ("intake", "controlling", "notify")


def law_file(name: str) -> Path:
    """Give a file of the law in force here: of the folder GLEICHFALL_LAW, else of the shipped."""
    return Path(os.environ.get(LAW_VARIABLE) or LAW) / name
